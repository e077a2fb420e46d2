using FsCheck;
using FsCheck.Fluent;
using Microsoft.FSharp.Core;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Laws;

/// <summary>
/// Tries a law on many generated cases, the same ones in every run, and prints the first that breaks it.
/// </summary>
internal static class Law
{
    private static readonly double[] Special =
    [
        0, -0.0, 1, -1, double.NaN, double.PositiveInfinity, double.NegativeInfinity, float.MaxValue, float.Epsilon,
        1e-30, -65504,
    ];

    /// <summary>Numbers of everyday size, many of them equal.</summary>
    public static Gen<double> Tame { get; } = Gen.Choose(-32, 32).Select(n => n / 8.0);

    /// <summary>
    /// Numbers of everyday size and, now and then, NaN, infinities, zeros of both signs and the ends of the range.
    /// </summary>
    public static Gen<double> Wild { get; } = Gen.Frequency((8, Tame), (2, Gen.Elements(Special)));

    /// <summary>Shapes of up to four axes with sizes from 0 to 4.</summary>
    public static Gen<int[]> Shapes { get; } =
        from rank in Gen.Choose(0, 4)
        from sizes in Gen.Frequency((1, Gen.Constant(0)), (12, Gen.Choose(1, 4))).ArrayOf(rank)
        select sizes;

    /// <summary>One operand of any shape.</summary>
    public static Gen<Operand> Operand(Gen<double> values) =>
        from shape in Shapes
        from operand in Filled(shape, values)
        select operand;

    /// <summary>Two operands of one shape.</summary>
    public static Gen<(Operand A, Operand B)> Twins(Gen<double> values) =>
        from shape in Shapes
        from a in Filled(shape, values)
        from b in Filled(shape, values)
        select (a, b);

    /// <summary>Two operands whose shapes broadcast.</summary>
    public static Gen<(Operand A, Operand B)> Pair(Gen<double> values) =>
        from shape in Shapes
        from left in PartOf(shape)
        from right in PartOf(shape)
        from a in Filled(left, values)
        from b in Filled(right, values)
        select (a, b);

    /// <summary>Tries the law on 200 cases; it throws or asserts where it does not hold.</summary>
    public static void Holds<T>(Gen<T> cases, Action<T> law)
    {
        var replay = new Replay(new Rnd(20210718, 17), FSharpOption<int>.None);
        var config = Config.QuickThrowOnFailure.WithMaxTest(200).WithReplay(FSharpOption<Replay>.Some(replay));
        Check.One(config, Prop.ForAll(cases.ToArbitrary(), new Action<T>(value =>
        {
            using var scope = TensorScope.Begin();
            law(value);
        })));
    }

    /// <summary>The same bits, signs of zeros included; NaN is NaN.</summary>
    public static void SameBits(Tensor actual, Tensor expected, string what = "") =>
        SameBits(actual.Values(), expected.Values(), what);

    /// <summary>The same bits, signs of zeros included; NaN is NaN.</summary>
    public static void SameBits(double[] actual, double[] expected, string what = "") =>
        Assert.That(actual.Select(Bits), Is.EqualTo(expected.Select(Bits)), what);

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(double.IsNaN(value) ? double.NaN : value);

    private static Gen<Operand> Filled(int[] shape, Gen<double> values) =>
        values.ArrayOf(shape.Aggregate(1, (a, b) => a * b)).Select(v => new Operand(shape, v));

    // Some axes become 1, and some leading ones are left out.
    private static Gen<int[]> PartOf(int[] shape) =>
        from ones in Gen.Choose(0, 3).ArrayOf(shape.Length)
        from skip in Gen.Frequency((3, Gen.Constant(0)), (1, Gen.Choose(0, shape.Length)))
        select shape.Select((size, axis) => ones[axis] == 0 ? 1 : size).Skip(skip).ToArray();
}
