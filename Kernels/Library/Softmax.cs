using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Softmax and its relatives: one work item for each run of a gapless [outer, size, inner] array along its middle axis.
/// </summary>
/// <remarks>The largest element is taken off before exp, so that nothing overflows.</remarks>
public static partial class Softmax
{
    // What a total adds up: x, e^(x − shift), g x.
    private const int Values = 0;
    private const int Exponentials = 1;
    private const int Products = 2;

    /// <summary>y = exp(x − max) / Σ exp(x − max).</summary>
    [Kernel]
    public static void Probabilities(Index1D i, ArrayView<float> x, ArrayView<float> y, int size, int inner)
    {
        long at = First(i.X, size, inner);
        float max = Largest(x, at, size, inner);
        long end = at + (long)size * inner;
        for (long k = at; k < end; k += inner)
            y[k] = XMath.Exp(x[k] - max);
        float sum = Total(y, y, at, size, inner, 0f, Values);
        for (long k = at; k < end; k += inner)
            y[k] = y[k] / sum;
    }

    /// <summary>y = x − max − log Σ exp(x − max).</summary>
    [Kernel]
    public static void LogProbabilities(Index1D i, ArrayView<float> x, ArrayView<float> y, int size, int inner)
    {
        long at = First(i.X, size, inner);
        float max = Largest(x, at, size, inner);
        float log = XMath.Log(Total(x, x, at, size, inner, max, Exponentials));
        long end = at + (long)size * inner;
        for (long k = at; k < end; k += inner)
            y[k] = x[k] - max - log;
    }

    /// <summary>dx = scale · y (g − Σ g y), the derivative of y = softmax(scale · x).</summary>
    [Kernel]
    public static void ProbabilitiesBackward(
        Index1D i, ArrayView<float> y, ArrayView<float> g, ArrayView<float> dx, int size, int inner, float scale)
    {
        long at = First(i.X, size, inner);
        float dot = Total(y, g, at, size, inner, 0f, Products);
        long end = at + (long)size * inner;
        for (long k = at; k < end; k += inner)
            dx[k] = scale * y[k] * (g[k] - dot);
    }

    /// <summary>dx = g − exp(y) Σ g, the derivative of y = log softmax(x).</summary>
    [Kernel]
    public static void LogProbabilitiesBackward(
        Index1D i, ArrayView<float> y, ArrayView<float> g, ArrayView<float> dx, int size, int inner)
    {
        long at = First(i.X, size, inner);
        float sum = Total(g, g, at, size, inner, 0f, Values);
        long end = at + (long)size * inner;
        for (long k = at; k < end; k += inner)
            dx[k] = g[k] - XMath.Exp(y[k]) * sum;
    }

    /// <summary>z = log Σ exp x, that is max + log Σ exp(x − max).</summary>
    [Kernel]
    public static void Normalizers(Index1D i, ArrayView<float> x, ArrayView<float> z, int size, int inner)
    {
        long at = First(i.X, size, inner);
        float max = Largest(x, at, size, inner);
        z[i] = max + XMath.Log(Total(x, x, at, size, inner, max, Exponentials));
    }

    /// <summary>
    /// y = softmax(scale · x) along rows of <paramref name="size"/>, where row r may look at the first r mod
    /// <paramref name="queries"/> + <paramref name="visible"/> elements only (all of them when that is 0). x and y
    /// may be one view.
    /// </summary>
    /// <remarks>A row whose elements are all −∞ has nothing to look at and becomes zeros.</remarks>
    [Kernel]
    public static void AttentionWeights(
        Index1D i, ArrayView<float> x, ArrayView<float> y, int size, int queries, int visible, float scale)
    {
        long at = (long)i.X * size;
        long end = at + (visible > 0 ? Math.Min(size, i.X % queries + visible) : size);
        float max = float.NegativeInfinity;
        for (long k = at; k < end; k++)
            max = MathF.Max(max, x[k] * scale);
        // Any finite number will do where all is −∞: exp then gives zeros.
        float shift = max == float.NegativeInfinity ? 0f : max;
        for (long k = at; k < end; k++)
            y[k] = XMath.Exp(x[k] * scale - shift);
        float sum = Total(y, y, at, (int)(end - at), 1, 0f, Values);
        float divisor = sum == 0f ? 1f : sum;
        for (long k = at; k < end; k++)
            y[k] = y[k] / divisor;
        for (long k = end; k < at + size; k++)
            y[k] = 0f;
    }

    /// <summary>y = scale · x + mask, elementwise.</summary>
    [Kernel]
    public static void ScaleAndAdd(
        Index1D i, ArrayView<float> x, ArrayView<float> mask, ArrayView<float> y, float scale) =>
        y[i] = scale * x[i] + mask[i];

    /// <summary>y = scale · x where the mask is not 0, else −∞.</summary>
    [Kernel]
    public static void ScaleAndMask(
        Index1D i, ArrayView<float> x, ArrayView<int> mask, ArrayView<float> y, float scale) =>
        y[i] = mask[i] != 0 ? scale * x[i] : float.NegativeInfinity;

    /// <summary>The place of the first element of run <paramref name="run"/>.</summary>
    private static long First(int run, int size, int inner) => (long)(run / inner) * size * inner + run % inner;

    private static float Largest(ArrayView<float> x, long at, int size, int inner)
    {
        float max = float.NegativeInfinity;
        for (int k = 0; k < size; k++)
        {
            max = MathF.Max(max, x[at]);
            at += inner;
        }

        return max;
    }

    // 16 lanes take every 16th term each, then fold in halves: what a vector unit does.
    private static float Total(
        ArrayView<float> x, ArrayView<float> g, long at, int size, int step, float shift, int kind) =>
        EightLanes(x, g, at, size, step, shift, kind, 0) + EightLanes(x, g, at, size, step, shift, kind, 1);

    private static float EightLanes(
        ArrayView<float> x, ArrayView<float> g, long at, int size, int step, float shift, int kind, int lane) =>
        FourLanes(x, g, at, size, step, shift, kind, lane) + FourLanes(x, g, at, size, step, shift, kind, lane + 2);

    private static float FourLanes(
        ArrayView<float> x, ArrayView<float> g, long at, int size, int step, float shift, int kind, int lane) =>
        TwoLanes(x, g, at, size, step, shift, kind, lane) + TwoLanes(x, g, at, size, step, shift, kind, lane + 4);

    private static float TwoLanes(
        ArrayView<float> x, ArrayView<float> g, long at, int size, int step, float shift, int kind, int lane) =>
        Lane(x, g, at, size, step, shift, kind, lane) + Lane(x, g, at, size, step, shift, kind, lane + 8);

    private static float Lane(
        ArrayView<float> x, ArrayView<float> g, long at, int size, int step, float shift, int kind, int lane)
    {
        float sum = 0f;
        for (int k = lane; k < size; k += 16)
        {
            long place = at + (long)k * step;
            if (kind == Values)
                sum += x[place];
            else if (kind == Exponentials)
                sum += XMath.Exp(x[place] - shift);
            else
                sum += g[place] * x[place];
        }

        return sum;
    }
}
