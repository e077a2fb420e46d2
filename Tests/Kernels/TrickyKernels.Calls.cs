using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Awkward C# whose result on every device is that of C#: calls that change what they are given, jumps.</summary>
/// <remarks>Each is there as a map, where whole vectors are computed, and with an array of its own, which makes it run from the tree on the CPU.</remarks>
internal static partial class TrickyKernels
{
    [Kernel]
    public static void BigTuple(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = BigTupleOf(x[i], n);

    [Kernel]
    public static void BigTupleLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = BigTupleOf(x[i], n);
        y[i] = own[0];
    }

    private static int BigTupleOf(int v, int n)
    {
        var t = (v, 2, 3, 4, 5, 6, 7, n, 9, v + 1);
        var u = t;
        u.Item8 = 5;
        u.Item10 += t.Item8;
        (int a, int b, _, _, _, _, int c, int d, int e, int f) = u;
        return t.Item1 + (t.Item8 * 3) + (u.Item8 * 5) + (u.Item9 * 7) + (u.Item10 * 11) + a + b + c + (d * 13) + e + f;
    }

    [Kernel]
    public static void RefChain(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = RefChainOf(x[i], n);

    [Kernel]
    public static void RefChainLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = RefChainOf(x[i], n);
        y[i] = own[0];
    }

    private static int RefChainOf(int v, int n)
    {
        int k = v & 15;
        int r = Chain(ref k, 2);
        Over(out int q, ref k);
        Over(out q, ref r);
        bool ok = Try(k, out int got) && Try(got, out got) || Try(r, out got);
        return r + (k * 3) + (q * 5) + (got * 7) + (ok ? 1000 : 0);
    }

    [Kernel]
    public static void StructThis(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = StructThisOf(x[i], n);

    [Kernel]
    public static void StructThisLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = StructThisOf(x[i], n);
        y[i] = own[0];
    }

    private static int StructThisOf(int v, int n)
    {
        var c = new Counter { Steps = n };
        c.Add(v & 7);
        int a = c.Add(2).A;
        c.Twice();
        var d = c;
        d.Reset(5);
        c.In.Move(3);
        int b = c.In.Moved(2).B + c.Peek() + d.Peek();
        return a + (b * 3) + (c.Total * 5) + (d.Total * 7) + (c.In.A * 11) + (c.In.B * 13) + (Counter.Of(v).Total * 17);
    }

    [Kernel]
    public static void LateFields(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = LateFieldsOf(x[i], n);

    [Kernel]
    public static void LateFieldsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = LateFieldsOf(x[i], n);
        y[i] = own[0];
    }

    private static int LateFieldsOf(int v, int n)
    {
        Q p;
        p.A = v;
        p.B = n;
        p.A += p.B;
        p.B++;
        var (a, b) = (p.A, p.B);
        Q q = p;
        q.A--;
        --q.B;
        p = q;
        Q z = default;
        z.A ^= 5;
        return a + (b * 3) + (p.A * 5) + (p.B * 7) + z.A + z.B;
    }

    [Kernel]
    public static void Extensions(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = ExtensionsOf(x[i], n);

    [Kernel]
    public static void ExtensionsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = ExtensionsOf(x[i], n);
        y[i] = own[0];
    }

    private static int ExtensionsOf(int v, int n)
    {
        return v.Plus(3).Plus(n) + new Q { A = v, B = 2 }.Sum();
    }

    [Kernel]
    public static void ForsOfTwo(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = ForsOfTwoOf(x[i], n);

    [Kernel]
    public static void ForsOfTwoLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = ForsOfTwoOf(x[i], n);
        y[i] = own[0];
    }

    private static int ForsOfTwoOf(int v, int n)
    {
        int r = 0;
        for (int a = 0, b = 20; a < b && r < 4000; a += 2, b--)
        {
            r += a * b;
        }

        return r;
    }

    [Kernel]
    public static void JumpsOutOfThree(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = JumpsOutOfThreeOf(x[i], n);

    [Kernel]
    public static void JumpsOutOfThreeLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = JumpsOutOfThreeOf(x[i], n);
        y[i] = own[0];
    }

    private static int JumpsOutOfThreeOf(int v, int n)
    {
        int r = 0, k = 0;
        while (true)
        {
            k++;
            if (k > 12)
                break;
            if (k % 3 == 0)
                continue;
            do
            {
                r += k;
                if (r % 7 == 0)
                    break;
                if (r % 5 == 0)
                    continue;
                r++;
            }
            while (r < 30 + n);

            for (; ; )
            {
                r += 2;
                if (r > 50)
                {
                    r -= 60;
                    break;
                }

                if (k == 5)
                    break;
            }

            if (v == k)
                return r * 1000;
        }

        return r + v;
    }

    [Kernel]
    public static void LazyCalls(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = LazyCallsOf(x[i], n);

    [Kernel]
    public static void LazyCallsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = LazyCallsOf(x[i], n);
        y[i] = own[0];
    }

    private static int LazyCallsOf(int v, int n)
    {
        int k = v & 3, m = 0;
        bool a = k > 1 && Count(ref m) > 0 && Count(ref m) > 1;
        bool b = k < 1 || Count(ref m) > 2 || Count(ref m) > 3;
        int c = a ? b ? Count(ref m) : Count(ref m) * 2 : b ? m : -Count(ref m);
        if (k == 2 || (a && Count(ref m) > 3))
            c += 100;
        else if (Count(ref m) > 2 && !b)
            c += 200;
        while (Count(ref m) is var z and < 9 && z > 1)
            c += z;
        return c + (m * 100);
    }

    [Kernel]
    public static void DeepStructs(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = DeepStructsOf(x[i], n);

    [Kernel]
    public static void DeepStructsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = DeepStructsOf(x[i], n);
        y[i] = own[0];
    }

    private static int DeepStructsOf(int v, int n)
    {
        var d = new Deeper { D = new Deep { In = new Q { A = v, B = 1 }, N = 2 }, M = 3 };
        d.D.In.A += 4;
        var e = d;
        e.D.In = d.D.In with { B = 9 };
        e.D.N = Touch(ref e.D.In.A, ref d.D.N);
        (d.D.In.B, e.M) = (e.D.In.B, d.M * 2);
        var f = e with { M = n, D = d.D };
        return d.D.In.A + (d.D.In.B * 3) + (d.D.N * 5) + (d.M * 7) + (e.D.In.A * 11) + (e.D.In.B * 13) + (e.D.N * 17)
            + (e.M * 19) + (f.D.In.B * 23) + f.M;
    }
}
