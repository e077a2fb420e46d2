using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Normalisations: for every element, the elements that share its statistics are gathered anew.</summary>
internal static class NormalizationReferences
{
    [Reference("BatchNorm")]
    public static NdArray BatchNorm(OpExample example, NdArray[] x)
    {
        double eps = (double)example.Options["eps"];
        if (!example.Options.ContainsKey("mean"))
            return Normalize(x, eps, index => index[1], index => [index[1]]);
        double[] mean = (double[])example.Options["mean"], variance = (double[])example.Options["variance"];
        return NdArray.From(x[0].Shape, index =>
            Affine(x, (x[0][index] - mean[index[1]]) / Math.Sqrt(variance[index[1]] + eps), [index[1]]));
    }

    [Reference("Normalize")]
    public static NdArray Normalize(OpExample example, NdArray[] x)
    {
        double eps = (double)example.Options["eps"];
        int[] shape = x[0].Shape;
        if ((bool)example.Options["is layer"])
        {
            int rows = shape.Length - ((Shape)example.Options["weight shape"]).Rank;
            return Normalize(x, eps, index => string.Join(',', index[..rows]), index => index[rows..]);
        }

        int groups = (int)example.Options["groups"];
        return Normalize(x, eps, index => (index[0], index[1] / (shape[1] / groups)), index => [index[1]]);
    }

    /// <param name="x">The input, then weight and bias where there are any.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="family">Elements with equal results share their statistics.</param>
    /// <param name="place">Where an element's weight lies.</param>
    private static NdArray Normalize(NdArray[] x, double eps, Func<int[], object> family, Func<int[], int[]> place)
    {
        var statistics = NdArray.Indices(x[0].Shape).GroupBy(family).ToDictionary(g => g.Key, g =>
        {
            double mean = g.Average(i => x[0][i]);
            return (mean, variance: g.Average(i => (x[0][i] - mean) * (x[0][i] - mean)));
        });
        return NdArray.From(x[0].Shape, index =>
        {
            var (mean, variance) = statistics[family(index)];
            return Affine(x, (x[0][index] - mean) / Math.Sqrt(variance + eps), place(index));
        });
    }

    private static double Affine(NdArray[] x, double normal, int[] place) =>
        (normal * (x.Length > 1 ? x[1][place] : 1)) + (x.Length > 2 ? x[2][place] : 0);
}
