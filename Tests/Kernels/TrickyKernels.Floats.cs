using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Awkward C# for floats, whose double form is that of C# too.</summary>
/// <remarks>Each is there as a map, where whole vectors are computed, and with an array of its own, which makes it run from the tree on the CPU.</remarks>
internal static partial class TrickyKernels
{
    [Kernel]
    public static void Nan(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = NanOf(x[i], n);

    [Kernel]
    public static void NanLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = NanOf(x[i], n);
        y[i] = own[0];
    }

    private static float NanOf(float v, int n)
    {
        return v switch { float.NaN => 1f, < -1f => 2f, >= 0.5f and < 2f => 3f, 0f => 4f, > 1e6f => 5f, _ => v };
    }

    [Kernel]
    public static void NanStatement(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = NanStatementOf(x[i], n);

    [Kernel]
    public static void NanStatementLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = NanStatementOf(x[i], n);
        y[i] = own[0];
    }

    private static float NanStatementOf(float v, int n)
    {
        float r;
        switch (v)
        {
            case float.NaN:
                r = 10f;
                break;
            case not (< 2f):
                r = 20f;
                break;
            case 0.1f:
                r = 30f;
                break;
            default:
                r = v;
                break;
        }

        return r + (v is > 0f ? 1f : 0f);
    }

    [Kernel]
    public static void FloatConsts(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = FloatConstsOf(x[i], n);

    [Kernel]
    public static void FloatConstsLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = FloatConstsOf(x[i], n);
        y[i] = own[0];
    }

    private static float FloatConstsOf(float v, int n)
    {
        const float C = 0.1f;
        const float D = C * 3f + 1e-3f;
        const int N = (int)(0.7f * 10f);
        const bool Same = 0.1f + 0.2f == 0.3f;
        const int M = N + 1;
        float e = 16777217;
        return (v * C) + D + N + M + (Same ? 100f : 200f) + (int)(0.29f * 100f) + e + (TrickyKernels.Fold * 1000f) + TrickyKernels.Share;
    }

    [Kernel]
    public static void Defaults(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = DefaultsOf(x[i], n);

    [Kernel]
    public static void DefaultsLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = DefaultsOf(x[i], n);
        y[i] = own[0];
    }

    private static float DefaultsOf(float v, int n)
    {
        return Scaled(v) + Scaled(v, 3f) + Scaled(v, offset: 0.7f) + TrickyElsewhere.Twice(v);
    }

    [Kernel]
    public static void FloatSides(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = FloatSidesOf(x[i], n);

    [Kernel]
    public static void FloatSidesLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = FloatSidesOf(x[i], n);
        y[i] = own[0];
    }

    private static float FloatSidesOf(float v, int n)
    {
        float k = v;
        float a = k > 0f ? Bump(ref k) : -Bump(ref k) * k;
        a += k * Bump(ref k);
        k -= Bump(ref k) + TwoF(k).A;
        return a + (k * 0.25f) + (k < 3f && Bump(ref k) > 2f ? k : 1f);
    }

    [Kernel]
    public static void Rounds(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = RoundsOf(x[i], n);

    [Kernel]
    public static void RoundsLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = RoundsOf(x[i], n);
        y[i] = own[0];
    }

    private static float RoundsOf(float v, int n)
    {
        return MathF.Round(v) + MathF.Floor(v * 0.5f) + MathF.Ceiling(v * 3f) + MathF.Truncate(v * 1.5f)
            + MathF.CopySign(2f, v) + MathF.Min(v, -0f) + MathF.Max(v, 0f) + MathF.Abs(v) + (1f / MathF.Min(v * 0f, 0f) > 0f ? 3f : 4f);
    }

    [Kernel]
    public static void EarlyReturns(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = EarlyReturnsOf(x[i], n);

    [Kernel]
    public static void EarlyReturnsLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = EarlyReturnsOf(x[i], n);
        y[i] = own[0];
    }

    private static float EarlyReturnsOf(float v, int n)
    {
        if (float.IsNaN(v))
            return -1f;
        float r = v;
        if (v > 2f)
        {
            if (v > 10f)
                return v * 2f;
            r += 3f;
            if (v > 5f)
            {
                r *= r;
            }
            else
                return r;
        }

        r -= 1f;
        return r < 0f ? -r : r;
    }

    [Kernel]
    public static void IntsInFloats(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = IntsInFloatsOf(x[i], n);

    [Kernel]
    public static void IntsInFloatsLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = IntsInFloatsOf(x[i], n);
        y[i] = own[0];
    }

    private static float IntsInFloatsOf(float v, int n)
    {
        int k = (int)v;
        float f = k / 2 + k / 2f + (k % 3) * 0.5f;
        f += (uint)k;
        f += k > 2 ? 1 : 0.5f;
        long l = (long)v;
        f += l * 0.25f;
        f -= (byte)k;
        return f + (k << 2) + (1 / 2) + (3 / 2f);
    }
}
