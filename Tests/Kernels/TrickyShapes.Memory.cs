using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Awkward kernels around memory: structs of mixed alignment, narrow elements, lazy atomics, helpers of all memory spaces.</summary>
internal static partial class TrickyShapes
{
    internal enum Kind : byte
    {
        A,
        B,
        C,
    }

    /// <summary>A struct of fields of all widths between narrow numbers: a map.</summary>
    [Kernel]
    public static void MixedMap(Index1D i, ArrayView<int> x, ArrayView<double> y, byte before, Mixed m, sbyte after) =>
        y[i] = x[i] + before + m.A + (m.B * 0.5) + m.C.S + m.C.D + (m.C.T ? 100 : 0) + (m.D ? 1000 : 0) + (m.E == Kind.C ? 5 : 0)
            + m.F.Item1 + m.F.Item2 + m.G + after;

    /// <summary>The same, changed, in groups.</summary>
    [Kernel]
    public static void MixedGroup(ArrayView<int> x, ArrayView<double> y, byte before, Mixed m, sbyte after)
    {
        int n = Grid.GlobalIndex.X;
        m.A += 250;
        m.C.S -= 5;
        m.E++;
        Group.Barrier();
        y[n] = x[n] + before + m.A + (m.B * 0.5) + m.C.S + m.C.D + (m.C.T ? 100 : 0) + (m.D ? 1000 : 0) + (m.E == Kind.C ? 5 : 0)
            + m.F.Item1 + m.F.Item2 + m.G + after;
    }

    /// <summary>Compound assignments to narrow elements, in groups: whole vectors have no such mixture.</summary>
    [Kernel]
    public static void NarrowElements(ArrayView<byte> a, ArrayView<sbyte> b, ArrayView<short> c, ArrayView<ushort> d, ArrayView<bool> e)
    {
        int n = Grid.GlobalIndex.X;
        a[n] += 200;
        a[n]++;
        b[n] -= 100;
        b[n] = (sbyte)-b[n];
        c[n] *= 3;
        c[n] >>= 1;
        Group.Barrier();
        d[n] <<= 2;
        d[n] |= 1;
        e[n] ^= a[n] > 100;
        e[n] &= b[n] != 5;
        e[n] |= c[n] == 0;
    }

    /// <summary>Atomics that are reached only when C# reaches them.</summary>
    [Kernel]
    public static void LazyAtomics(Index1D i, ArrayView<int> x, ArrayView<int> y)
    {
        int k = i;
        if (k != 0)
            return;
        bool a = y[0] > 5 && Atomic.Add(ref y[1], 1) > 0;
        bool b = y[0] < 5 || Atomic.Add(ref y[2], 1) > 0;
        int c = a ? Atomic.Add(ref y[3], 1) : b ? Atomic.Add(ref y[4], 10) : 7;
        while (Atomic.Add(ref y[5], 1) < 3)
            c += 2;
        y[6] = c + Atomic.CompareExchange(ref y[7], 0, 9) + Atomic.Exchange(ref y[x[0]], Atomic.Add(ref y[8], 2)) + y[8];
    }

    /// <summary>One helper for views of every memory space.</summary>
    [Kernel]
    public static void Spaces(ArrayView<float> x, ArrayView<float> y)
    {
        var s = SharedMemory.Allocate<float>(8);
        var p = LocalMemory.Allocate<float>(5);
        int me = Group.IdxX, at = Grid.GlobalIndex.X;
        s[me] = x[at];
        FillUp(p, me);
        FillUp(p.SubView(1, 2), 0.5f);
        Group.Barrier();
        y[at] = SumOf(s, p, 4) + SumOf(x, s, 8) + SumOf(p, p.SubView(1, 3), 9) + SumOf(s.SubView(2, 3), x.SubView(at, 2), 5)
            + p.IntLength + s.SubView(1, 4).Length;
    }

    private static float SumOf(ArrayView<float> a, ArrayView<float> b, int n)
    {
        float s = 0f;
        for (int k = 0; k < n && k < a.Length && k < b.Length; k++)
            s += a[k] * b[k];
        return s;
    }

    private static void FillUp(ArrayView<float> a, float v)
    {
        for (int k = 0; k < a.Length; k++)
            a[k] = v + k;
    }

    internal struct Inner
    {
        public short S;
        public double D;
        public bool T;
    }

    internal struct Mixed
    {
        public byte A;
        public long B;
        public Inner C;
        public bool D;
        public Kind E;
        public (short, float) F;

        public uint G { get; set; }
    }

    /// <summary>What the group's functions are given stands in parentheses.</summary>
    [Kernel]
    public static void InParentheses(ArrayView<int> x, ArrayView<int> y, int n)
    {
        var shared = SharedMemory.Allocate<int>((8));
        var own = LocalMemory.Allocate<int>((2));
        int me = Grid.GlobalIndex.X;
        shared[Group.IdxX] = x[me];
        own[(1)] = Group.BarrierOr((x[me] > n)) ? 5 : 3;
        own[0] = Group.Broadcast((shared[Group.IdxX]), (1));
        y[me] = own[0] + own[1] + Group.BarrierPopCount((x[me] < 0));
    }
}
