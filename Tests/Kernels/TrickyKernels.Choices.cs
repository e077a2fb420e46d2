using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Awkward C# whose result on every device is that of C#: patterns, choices with effects and truth values.</summary>
/// <remarks>Each is there as a map, where whole vectors are computed, and with an array of its own, which makes it run from the tree on the CPU.</remarks>
internal static partial class TrickyKernels
{
    [Kernel]
    public static void Patterns(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = PatternsOf(x[i], n);

    [Kernel]
    public static void PatternsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = PatternsOf(x[i], n);
        y[i] = own[0];
    }

    private static int PatternsOf(int v, int n)
    {
        int r = 0;
        if (v is > 3 and < 70)
            r += 1;
        if (v is not (1 or 2 or -7))
            r += 2;
        if (v is var w && w > n)
            r += w & 15;
        r += v switch { < -100 => 100, >= -100 and < 0 => 200, 0 => 300, int q when q > 1000 => q & 0xff, int q when q > n => 400 + n, _ => 500 };
        return r;
    }

    [Kernel]
    public static void SwitchPatterns(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = SwitchPatternsOf(x[i], n);

    [Kernel]
    public static void SwitchPatternsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = SwitchPatternsOf(x[i], n);
        y[i] = own[0];
    }

    private static int SwitchPatternsOf(int v, int n)
    {
        int r = 0;
        switch (v)
        {
            case < 0 when n > 2:
                r = 1;
                break;
            case < 0:
                r = 2;
                break;
            case 1 or 3 or 5:
                r = 3;
                break;
            case var q when (q & 1) == 0:
                r = 4 + (q & 7);
                break;
            case > 40:
            case 7:
                r = 5;
                break;
            default:
                r = 6;
                break;
        }

        return r;
    }

    [Kernel]
    public static void Sides(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = SidesOf(x[i], n);

    [Kernel]
    public static void SidesLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = SidesOf(x[i], n);
        y[i] = own[0];
    }

    private static int SidesOf(int v, int n)
    {
        int k = v & 15;
        int a = k > 3 ? Next(ref k) : k < 1 ? Next(ref k) * 2 : Next(ref k) + Next(ref k);
        int b = k > 5 && Next(ref k) > 7 || Next(ref k) < 3 ? k : -k;
        bool c = (k & 1) == 0 | Next(ref k) > 4;
        bool d = Next(ref k) > 4 & k > 3;
        return a + (b * 10) + (c ? 1000 : 0) + (d ? 5000 : 0) + (k * 100);
    }

    [Kernel]
    public static void Truths(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = TruthsOf(x[i], n);

    [Kernel]
    public static void TruthsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = TruthsOf(x[i], n);
        y[i] = own[0];
    }

    private static int TruthsOf(int v, int n)
    {
        bool a = v > 3, b = (v & 1) == 0;
        bool c = a ^ b;
        c |= a & !b;
        c &= v != 9;
        c ^= true;
        Flip(ref b, a);
        bool d = a == b ? c != b : !c;
        return (a ? 1 : 0) + (b ? 2 : 0) + (c ? 4 : 0) + (d ? 8 : 0) + (Both(a, b) ? 16 : 0) + (true ^ c ? 32 : 0);
    }

    /// <summary>Locals that are called as generated code calls its own.</summary>
    [Kernel]
    public static void NamesOfVectors(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = NamesOfVectorsOf(x[i], n);

    [Kernel]
    public static void NamesOfVectorsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = NamesOfVectorsOf(x[i], n);
        y[i] = own[0];
    }

    private static int NamesOfVectorsOf(int t0_, int r1_)
    {
        int t1_ = t0_ > 3 ? 7 : t0_;
        if (t1_ > r1_)
        {
            bool t2_ = t1_ == 7;
            t1_ += t2_ ? t0_ : 1;
            if (t1_ > 40)
                return t1_ - r1_;
        }

        return t1_;
    }
}
