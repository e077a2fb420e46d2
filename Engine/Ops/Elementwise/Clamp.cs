using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = x held between two numbers, elementwise; NaN stays NaN. Any shape, floats or integers.</summary>
    /// <remarks>The derivative is 1 from the one to the other, ends included, and 0 outside.</remarks>
    /// <param name="min">The least result; null for none.</param>
    /// <param name="max">The greatest result; null for none.</param>
    /// <exception cref="ArgumentException"><paramref name="min"/> is above <paramref name="max"/>.</exception>
    /// <exception cref="DTypeException">The tensor holds integers and a bound is none.</exception>
    public Tensor Clamp(double? min, double? max)
    {
        if (min > max)
            throw new ArgumentException($"Clamp: min ({min}) is above max ({max}).");
        if (min is double.NaN || max is double.NaN)
            throw new ArgumentException($"Clamp: a bound must be a number; got min {min}, max {max}.");
        return new ClampOp(min, max).Apply(this);
    }
}

/// <summary>y = x held between two numbers; dx = g between them, else 0. Keeps x.</summary>
internal sealed class ClampOp(double? min, double? max) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        .. Example(-0.5, 1),
        .. Example(null, 1),
        .. Example(-0.5, null),
    ];

    private double Low => min ?? double.NegativeInfinity;

    private double High => max ?? double.PositiveInfinity;

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        Keep(x);
        var y = x.EmptyLike(x.Shape);
        var layout = StridedLayout.Create(x.Shape.AsSpan(), x.StrideArray, y.StrideArray);
        switch (x.DType)
        {
            case DType.Float32:
                Arithmetic.Clamp(x.Device, layout, x.View<float>(), y.View<float>(), (float)Low, (float)High);
                break;
            case DType.Float64:
                Arithmetic.Clamp(x.Device, layout, x.View<double>(), y.View<double>(), Low, High);
                break;
            case DType.Int32:
                int low32 = min is { } a ? (int)Map.Whole(Name, a, int.MaxValue, x.DType) : int.MinValue;
                int high32 = max is { } b ? (int)Map.Whole(Name, b, int.MaxValue, x.DType) : int.MaxValue;
                Arithmetic.Clamp(x.Device, layout, x.View<int>(), y.View<int>(), low32, high32);
                break;
            case DType.Int64:
                long low64 = min is { } c ? Map.Whole(Name, c, long.MaxValue, x.DType) : long.MinValue;
                long high64 = max is { } d ? Map.Whole(Name, d, long.MaxValue, x.DType) : long.MaxValue;
                Arithmetic.Clamp(x.Device, layout, x.View<long>(), y.View<long>(), low64, high64);
                break;
            default: throw Map.Unsupported(Name, x.DType);
        }

        GC.KeepAlive(x);
        return y;
    }

    // Detached: where x lies between the bounds does not change with its value.
    protected override Tensor?[] Backward(Tensor g) => [new ClampBackwardOp(Low, High).Apply(Kept(0).Detach(), g)];

    private static IEnumerable<OpExample> Example(double? min, double? max) =>
        ElementwiseExamples.AwayFrom(x => x.Clamp(min, max), -0.5, 1).Select(example => example with
        {
            Label = $"{example.Label}, {min} to {max}",
            Options = new Dictionary<string, object>
            {
                ["min"] = min ?? double.NegativeInfinity,
                ["max"] = max ?? double.PositiveInfinity,
            },
        });
}

/// <summary>
/// dx = g where x lies between two numbers, else 0; d(g) = h there, and x has no derivative. Keeps x.
/// </summary>
internal sealed class ClampBackwardOp(double low, double high) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new(
            "matrix",
            t => new ClampBackwardOp(-0.5, 1).Apply(t[0].Detach(), t[1]),
            OpInput.AwayFrom([3, 7], -0.5, 1),
            OpInput.Uniform([3, 7])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.BinaryScalars(
            Name, inputs[0], inputs[1], low, high, Arithmetic.ClampBackward, Arithmetic.ClampBackward);
    }

    protected override Tensor?[] Backward(Tensor h) => [null, new ClampBackwardOp(low, high).Apply(Kept(0), h)];
}
