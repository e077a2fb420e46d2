using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Awkward C# whose result on every device is that of C#: structs, tuples and arguments.</summary>
/// <remarks>Each is there as a map, where whole vectors are computed, and with an array of its own, which makes it run from the tree on the CPU.</remarks>
internal static partial class TrickyKernels
{
    [Kernel]
    public static void TupleWidths(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = TupleWidthsOf(x[i], n);

    [Kernel]
    public static void TupleWidthsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = TupleWidthsOf(x[i], n);
        y[i] = own[0];
    }

    private static int TupleWidthsOf(int v, int n)
    {
        (int, int) p = (v, n + 1);
        (long A, float B) q = p;
        (float, float) f = p;
        float h = f.Item1 / f.Item2;
        (float a, long b) = p;
        var t = Two(v);
        (double D, int E) u = t;
        return (int)(q.A * 3000000000L >> 20) + (int)(q.B / 2) + (int)(h * 16) + (int)(a / 4 * 8) + (int)(b / 2) + (int)(u.D / 8 * 16) + u.E;
    }

    [Kernel]
    public static void Records(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = RecordsOf(x[i], n);

    [Kernel]
    public static void RecordsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = RecordsOf(x[i], n);
        y[i] = own[0];
    }

    private static int RecordsOf(int v, int n)
    {
        var p = new P(v, n) { B = 5 };
        var (a, b) = p;
        var q = p with { A = 9 };
        var o = new Outer { In = q, K = v };
        o.In.B += 3;
        o.K *= 2;
        var z = new Plain { X = v };
        z.Y += z.X;
        var w = default(Outer) with { In = new(B: a, A: b) };
        return a + (b * 2) + (q.A * 3) + (q.B * 5) + (o.In.A * 7) + (o.In.B * 11) + (o.K * 13) + (z.X * 17)
            + (z.Y * 19) + (w.In.A * 23) + (w.In.B * 29) + p.A;
    }

    [Kernel]
    public static void FieldsCalledItem(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = FieldsCalledItemOf(x[i], n);

    [Kernel]
    public static void FieldsCalledItemLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = FieldsCalledItemOf(x[i], n);
        y[i] = own[0];
    }

    private static int FieldsCalledItemOf(int v, int n)
    {
        var o = new Reversed { Item2 = v, Item1 = 3 };
        o.Item1 += n;
        return (o.Item1 * 1000) + o.Item2;
    }

    [Kernel]
    public static void RefStructs(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = RefStructsOf(x[i], n);

    [Kernel]
    public static void RefStructsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = RefStructsOf(x[i], n);
        y[i] = own[0];
    }

    private static int RefStructsOf(int v, int n)
    {
        var p = new P(v, n);
        Grow(ref p, 3);
        Split(p, out var q, out int left);
        var o = new Outer { In = p, K = left };
        Grow(ref o.In, by: 2);
        Swap(ref o.In, ref q);
        Fill(out Outer w, v);
        return p.A + (p.B * 3) + (q.A * 5) + (q.B * 7) + left + (o.In.A * 11) + (o.In.B * 13) + (w.In.A * 17) + w.K;
    }

    [Kernel]
    public static void NamedArguments(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = NamedArgumentsOf(x[i], n);

    [Kernel]
    public static void NamedArgumentsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = NamedArgumentsOf(x[i], n);
        y[i] = own[0];
    }

    private static int NamedArgumentsOf(int v, int n)
    {
        int k = v & 7;
        return Opt(k) + Opt(k, b: 3) + Opt(c: Next(ref k), a: Next(ref k)) + Opt(b: k, a: Next(ref k), c: k);
    }

    [Kernel]
    public static void Discards(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = DiscardsOf(x[i], n);

    [Kernel]
    public static void DiscardsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = DiscardsOf(x[i], n);
        y[i] = own[0];
    }

    private static int DiscardsOf(int v, int n)
    {
        int k = v & 7;
        _ = Pair(ref k);
        _ = Next(ref k);
        Split(new P(k, 2), out _, out int left);
        Pair(ref k);
        (_, int b) = Pair(ref k);
        (int c, _) = (k, Next(ref k));
        return k + left + (b * 3) + (c * 5);
    }

    [Kernel]
    public static void Nested(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = NestedOf(x[i], n);

    [Kernel]
    public static void NestedLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = NestedOf(x[i], n);
        y[i] = own[0];
    }

    private static int NestedOf(int v, int n)
    {
        ((int a, int b), int c) = ((v, n), v + n);
        int d;
        (d, (a, var e)) = (a, (b, c));
        ((c, _), int f) = ((d, 1), e);
        var t = (X: (a, b), Y: c);
        (t.X.a, t.Y) = (t.Y, t.X.b);
        var u = v > 3 ? (1, t.Y) : Two(v);
        var w = v > 5 ? Pair(ref d) : (A: 3, B: d);
        return a + (b * 3) + (c * 5) + (d * 7) + (e * 11) + (f * 13) + (t.X.a * 17) + (t.Y * 19) + (u.Item1 * 23) + (u.Item2 * 29) + (w.A * 31) + w.B;
    }
}
