using MomentumCore.Kernels.Dialect;
using static System.MathF;
using M = System.MathF;

namespace MomentumCore.Tests.Kernels;

/// <summary>Awkward kernels of other shapes: planes, parts of views, groups that vote in conditions, for <see cref="TrickyTests"/>.</summary>
internal static partial class TrickyShapes
{
    private const float Scale = 2f;
    private const float Tenth = 0.1f;

    private static float Shift(float v) => v + Tenth;

    /// <summary>A parameter and a local with the names of a constant and of a helper: a map.</summary>
    [Kernel]
    public static void ShadowConst(Index1D i, ArrayView<float> x, ArrayView<float> y, float Scale)
    {
        float Shift = 0.5f;
        y[i] = (x[i] * Scale) + Shift + TrickyShapes.Shift(1f) + TrickyShapes.Scale;
    }

    /// <summary>The same, no map.</summary>
    [Kernel]
    public static void ShadowConstN(Index1D i, ArrayView<float> x, ArrayView<float> y, float Scale)
    {
        int n = i;
        float Shift = 0.5f;
        y[n] = (x[n] * Scale) + Shift + TrickyShapes.Shift(1f) + sizeof(float);
    }

    [Kernel]
    public static void Names(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = Sqrt(M.Abs(x[i])) + PI + Shift(Floor(x[i])) + M.E;

    /// <summary>Parts of views without a name, with an effect where they begin.</summary>
    [Kernel]
    public static void Parts(Index1D i, ArrayView<int> x, ArrayView<int> y)
    {
        int k = 1, n = i;
        y.SubView(n + Pair(ref k).A - 4, 1)[0] = k;
        y.SubView(n, 1).Cast<short>()[1] += 7;
        var v = x.SubView(n, 1).Cast<byte>();
        y[n] += v[Next(ref k) & 3] * 3;
        y[n] ^= k << 4;
    }

    private static int Next(ref int k)
    {
        k++;
        return k;
    }

    private static (int A, int B) Pair(ref int k)
    {
        k = (k * 3) + 1;
        return (k, k + 7);
    }

    [Kernel]
    public static void Plane(Index2D p, ArrayView2D<float, Stride2D.DenseX> x, ArrayView2D<float, Stride2D.DenseX> y)
    {
        int k = p.X;
        x[k, p.Y] += 1f;
        y[p.Y, Next(ref k) - 1] = x[p.X, p.Y] * At(p);
    }

    private static float At(Index2D p) => (p.X * 10f) + p.Y;

    [Kernel]
    public static void Box(Index3D p, ArrayView<int> y, Index3D size)
    {
        var q = new Index3D(p.X + 1, p.Y, p.Z);
        int at = (((p.Z * size.Y) + p.Y) * size.X) + p.X;
        y[at] = q.X + (10 * q.Y) + (100 * q.Z);
    }

    [Kernel]
    public static void UlongFloat(Index1D i, ArrayView<ulong> x, ArrayView<float> y, ArrayView<double> z)
    {
        y[i] = (float)x[i];
        z[i] = (double)x[i];
    }

    [Kernel]
    public static void LongFloat(Index1D i, ArrayView<long> x, ArrayView<float> y, ArrayView<double> z)
    {
        y[i] = (float)x[i];
        z[i] = (double)x[i];
    }

    [Kernel]
    public static void UintFloat(Index1D i, ArrayView<uint> x, ArrayView<float> y)
    {
        y[i] = x[i];
    }

    [Kernel]
    public static void DoubleUlong(Index1D i, ArrayView<double> z, ArrayView<ulong> x)
    {
        x[i] = (ulong)z[i];
    }

    /// <summary>The group decides whether it goes on.</summary>
    [Kernel]
    public static void VoteWhile(ArrayView<int> x, ArrayView<int> y, int n)
    {
        int me = Grid.GlobalIndex.X, k = x[me] & 7, r = 0;
        while (Group.BarrierOr(k < n))
        {
            k++;
            r += Group.IdxX;
            if (n == 1)
                continue;
            r += 2;
        }

        y[me] = r + (k * 100);
    }

    [Kernel]
    public static void VoteDo(ArrayView<int> x, ArrayView<int> y, int n)
    {
        var s = SharedMemory.Allocate<int>(8);
        int me = Group.IdxX, at = Grid.GlobalIndex.X, k = 0;
        do
        {
            s[me] = x[at] + k;
            Group.Barrier();
            k += 1 + (s[(me + 1) % Group.DimX] & 3);
            Group.Barrier();
            if (n > 5)
                continue;
            k++;
        }
        while (Group.BarrierPopCount(k < 20) > 2);

        y[at] = k;
    }

    [Kernel]
    public static void VoteFor(ArrayView<int> x, ArrayView<int> y, int n)
    {
        int me = Grid.GlobalIndex.X, r = 0;
        for (int t = 0; t < 6 && Group.BarrierAnd(r < 100); t += Group.BarrierOr(r > 30) ? 2 : 1)
        {
            if (t == 1)
                continue;
            r += Group.Broadcast(x[me] & 15, t % Group.DimX);
        }

        y[me] = r;
        if (n > 2 && Group.BarrierOr(Group.IdxX == n))
            y[me] += 1000;
        y[me] += n > 0 ? Group.Broadcast(Group.IdxX + 5, 1) : 3;
    }

    /// <summary>Conditions that are the same for all, with barriers under them.</summary>
    [Kernel]
    public static void Uniform(ArrayView<int> x, ArrayView<int> y, int n)
    {
        var s = SharedMemory.Allocate<int>(8);
        int me = Group.IdxX, at = Grid.GlobalIndex.X, r = 0;
        if (n < 0)
            return;
        switch (n)
        {
            case 0:
                s[me] = 5;
                Group.Barrier();
                r = s[0];
                break;
            case 1 or 3:
                for (int a = 0; a < n; a++)
                {
                    for (int b = a; b < 3; b++)
                    {
                        if (b == 1)
                            continue;
                        s[me] = r + b;
                        Group.Barrier();
                        r += s[(me + a + 1) % Group.DimX];
                        Group.Barrier();
                        if (a == 2)
                            break;
                    }
                }

                break;
            default:
                r = 7;
                break;
        }

        y[at] = r;
    }

    private static int Turned(ArrayView<int> s, int v, int by = 1)
    {
        s[Group.IdxX] = v;
        Group.Barrier();
        int r = s[(Group.IdxX + by) % Group.DimX];
        Group.Barrier();
        return r;
    }

    private static void Both(ArrayView<int> s, ref Two t, out Two u)
    {
        t.A = Turned(s, t.A);
        u = new Two { A = t.B, B = Turned(by: 2, v: t.A, s: s) };
    }

    private struct Two
    {
        public int A;
        public int B;
    }

    [Kernel]
    public static void InlinedStructs(ArrayView<int> x, ArrayView<int> y, int n)
    {
        var s = SharedMemory.Allocate<int>(8);
        int at = Grid.GlobalIndex.X;
        var t = new Two { A = x[at], B = at };
        Both(s, ref t, out var u);
        Both(s, ref u, out t);
        byte small = (byte)t.A;
        small += 200;
        small++;
        y[at] = t.A + (t.B * 3) + (u.A * 5) + (u.B * 7) + small + Turned(s, n);
    }

    /// <summary>Locals of several kinds that live across barriers.</summary>
    [Kernel]
    public static void Carried(ArrayView<int> x, ArrayView<int> y, int n)
    {
        int at = Grid.GlobalIndex.X;
        var part = x.SubView(at, 1);
        LocalMemory.Allocate<int>(4)[0] = n;
        var m = LocalMemory.Allocate<int>(3);
        bool odd = (at & 1) == 1;
        byte small = (byte)part[0];
        for (int k = 0; k < 3; k++)
            m[k] = k == at % 3 ? at : n;
        Group.Barrier();
        small += 250;
        if (odd)
        {
            m[1] += 5;
        }

        Group.Barrier();
        y[at] = m[0] + (m[1] * 2) + (m[2] * 3) + part[0] + small + (odd ? n : -n);
    }
}
