using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Comparisons and choices by a mask.</summary>
internal static class ComparisonReferences
{
    [Reference("Compare")]
    public static NdArray Compare(OpExample example, NdArray[] x) =>
        NdArray.Zip(x[0], x[1], (a, b) => Holds((Comparison)example.Options["comparison"], a, b) ? 1 : 0);

    [Reference("CompareScalar")]
    public static NdArray CompareScalar(OpExample example, NdArray[] x) =>
        x[0].Map(a => Holds((Comparison)example.Options["comparison"], a, 1) ? 1 : 0);

    [Reference("Where")]
    public static NdArray Where(OpExample example, NdArray[] x)
    {
        var pairs = NdArray.Zip(x[1], x[2], (_, _) => 0);
        var shape = NdArray.Zip(x[0], pairs, (_, _) => 0).Shape;
        return NdArray.From(shape, index => x[x[0].Broadcast(index) != 0 ? 1 : 2].Broadcast(index));
    }

    private static bool Holds(Comparison comparison, double a, double b) => comparison switch
    {
        Comparison.Equal => a == b,
        Comparison.NotEqual => a != b,
        Comparison.Less => a < b,
        Comparison.LessOrEqual => a <= b,
        Comparison.Greater => a > b,
        _ => a >= b,
    };
}
