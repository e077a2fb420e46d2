using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>More awkward C# for floats, whose double form is that of C# too.</summary>
/// <remarks>Each is there as a map, where whole vectors are computed, and with an array of its own, which makes it run from the tree on the CPU.</remarks>
internal static partial class TrickyKernels
{
    [Kernel]
    public static void FloatForms(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = FloatFormsOf(x[i], n);

    [Kernel]
    public static void FloatFormsLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = FloatFormsOf(x[i], n);
        y[i] = own[0];
    }

    private static float FloatFormsOf(float v, int n)
    {
        float a = -0f, b = 1e-3f * v, c = .5f + 1_000.25f, d = 1e3F;
        float e = float.Pi + float.E + MathF.Tau;
        const float H = 1f / 3f * 0.7f;
        float f = (float)0.1 + (float)(v * 0.1);
        double g = 0.1 + v;
        float h = v > 0 ? 1 : 0.3f;
        return a + b + c + d + e + H + f + (float)g + h + (1 / v > 0 ? 2 : 3);
    }

    [Kernel]
    public static void FloatMix(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = FloatMixOf(x[i], n);

    [Kernel]
    public static void FloatMixLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = FloatMixOf(x[i], n);
        y[i] = own[0];
    }

    private static float FloatMixOf(float v, int n)
    {
        int k = (int)MathF.Min(MathF.Max(v, -1000f), 1000f);
        float r = k / 3 + k / 3f + k * 2 - (k % 5) * 0.1f;
        r += (long)k * k;
        r -= (uint)(k & 7);
        r *= (byte)k;
        r /= (sbyte)(k | 1);
        r += k >> 1;
        r = r > 10 ? r - k : r + 1;
        return r;
    }

    [Kernel]
    public static void FloatRemainder(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = FloatRemainderOf(x[i], n);

    [Kernel]
    public static void FloatRemainderLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = FloatRemainderOf(x[i], n);
        y[i] = own[0];
    }

    private static float FloatRemainderOf(float v, int n)
    {
        return (v % 3f) + (v % -0.7f) + (5f % (v + 0.25f));
    }

    [Kernel]
    public static void FloatTuples(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = FloatTuplesOf(x[i], n);

    [Kernel]
    public static void FloatTuplesLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = FloatTuplesOf(x[i], n);
        y[i] = own[0];
    }

    private static float FloatTuplesOf(float v, int n)
    {
        var (a, b) = (v * 2, v + 0.1f);
        (a, b) = (b, a);
        (float X, float Y) p = (a, 1);
        var q = v > 1 ? p : (X: 0.3f, Y: v);
        (double, float) w = q;
        return a - b + p.X + (p.Y * q.X) + q.Y + (float)w.Item1 + w.Item2;
    }

    [Kernel]
    public static void FloatRefs(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = FloatRefsOf(x[i], n);

    [Kernel]
    public static void FloatRefsLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = FloatRefsOf(x[i], n);
        y[i] = own[0];
    }

    private static float FloatRefsOf(float v, int n)
    {
        float k = v, s = 0;
        for (int j = 0; j < n + 2; j++)
        {
            s += Accumulate(ref k, j, out float last);
            s -= last.Half();
        }

        return s + k;
    }
}
