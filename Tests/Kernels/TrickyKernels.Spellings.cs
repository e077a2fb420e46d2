using MomentumCore.Kernels.Dialect;
using Real = System.Single;

namespace MomentumCore.Tests.Kernels;

/// <summary>Other spellings of the same things, and names that generated code might want for itself.</summary>
internal static partial class TrickyKernels
{
    private const float Bracketed = (0.1f);
    private const int Truncated = unchecked((int)(0.29f * 100f));

    /// <summary>float by its other names, and constants in parentheses: in double 0.29 · 100 is less than 29.</summary>
    [Kernel]
    public static void OtherFloats(Index1D i, ArrayView<float> x, ArrayView<float> y, int n) => y[i] = OtherFloatsOf(x[i], n);

    [Kernel]
    public static void OtherFloatsLocal(Index1D i, ArrayView<float> x, ArrayView<float> y, int n)
    {
        var own = LocalMemory.Allocate<float>(1);
        own[0] = OtherFloatsOf(x[i], n);
        y[i] = own[0];
    }

    private static float OtherFloatsOf(Real v, int n)
    {
        const int Inner = (unchecked((int)(0.29f * 100f)));
        Real t = v * Bracketed;
        (Single A, System.Single B) p = (t, n);
        int wrapped = unchecked((byte)((int)(0.29f * 100f) * 100)) + unchecked((int)(0.7f * 10f) + int.MaxValue);
        return (Real)n + p.A + (System.Single)p.B + Truncated + (Inner * 3) + (wrapped * 0.5f) + (Real.IsNaN(v) ? Real.Epsilon : Single.MaxValue * 0f);
    }

    /// <summary>One local by two references, under a condition.</summary>
    [Kernel]
    public static void TwoReferences(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = TwoReferencesOf(x[i], n);

    [Kernel]
    public static void TwoReferencesLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = TwoReferencesOf(x[i], n);
        y[i] = own[0];
    }

    private static int TwoReferencesOf(int v, int n)
    {
        int a = v, b = n;
        if (v > 3)
            AddThenDouble(ref a, ref a);
        if (v < 100)
            AddThenDouble(ref a, ref b);
        return a + (b * 7);
    }

    private static void AddThenDouble(ref int p, ref int q)
    {
        p += 3;
        q *= 2;
    }

    [Kernel]
    public static void Underlines(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = UnderlinesOf(x[i], n);

    [Kernel]
    public static void UnderlinesLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        int own__len = 5, x__len = 7, UnderlinesOf__helper = 9;
        own[0] = UnderlinesOf(x[i], n) + own__len + x__len - UnderlinesOf__helper - (3 * (int)own.Length); // nothing is added
        y[i] = own[0];
    }

    private static int UnderlinesOf(int v, int v__v)
    {
        int v_v = 3, Twice_v = v + 1;
        return (v__v * 5) + v_v + Twice_v + TwiceOf(v) + (int)(Math.BigMul(v, 3) >> 1) + (int)(Math.BigMul((uint)v, 7u) >> 32);
    }

    private static int TwiceOf(int v)
    {
        int TwiceOf_v = v;
        return TwiceOf_v * 2;
    }
}
