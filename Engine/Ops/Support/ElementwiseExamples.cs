namespace MomentumCore.Engine;

/// <summary>The example inputs that most elementwise operations share.</summary>
internal static class ElementwiseExamples
{
    /// <summary>f of one input with values in [low, high), at several shapes.</summary>
    public static IEnumerable<OpExample> Of(Func<Tensor, Tensor> f, double low = -2, double high = 2) =>
        Of(f, shape => OpInput.Uniform(shape, low, high));

    /// <summary>f of one input with values in [−2, 2) that keep away from its kinks, at several shapes.</summary>
    public static IEnumerable<OpExample> AwayFrom(Func<Tensor, Tensor> f, params double[] kinks) =>
        Of(f, shape => OpInput.AwayFrom(shape, kinks));

    /// <summary>f of two inputs that broadcast in several ways; the right one has values in [low, high).</summary>
    public static IEnumerable<OpExample> Of(Func<Tensor, Tensor, Tensor> f, double low = -2, double high = 2) =>
    [
        Pair("same shape", f, [3, 5], [3, 5], low, high),
        Pair("row", f, [3, 5], [5], low, high),
        Pair("both broadcast", f, [4, 1, 3], [2, 1], low, high),
        Pair("one element", f, [1], [1, 1], low, high),
        Pair("empty", f, [0, 3], [3], low, high),
        Pair("scalars", f, [], [], low, high),
    ];

    private static IEnumerable<OpExample> Of(Func<Tensor, Tensor> f, Func<Shape, OpInput> input) =>
    [
        new("matrix", t => f(t[0]), input([3, 7])),
        new("one element", t => f(t[0]), input([1, 1])),
        new("scalar", t => f(t[0]), input([])),
        new("empty", t => f(t[0]), input([2, 0])),
    ];

    private static OpExample Pair(
        string label, Func<Tensor, Tensor, Tensor> f, Shape left, Shape right, double low, double high) =>
        new(label, t => f(t[0], t[1]), OpInput.Uniform(left), OpInput.Uniform(right, low, high));
}
