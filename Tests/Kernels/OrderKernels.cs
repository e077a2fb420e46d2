using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Kernels whose result depends on the order in which C# computes things, for <see cref="OrderTests"/>.</summary>
internal static partial class OrderKernels
{
    [Kernel]
    public static void Operands(Index1D i, ArrayView<int> y)
    {
        int k = 1;
        y[0] = k + Next(ref k);
        y[1] = (Next(ref k) * 10) + Next(ref k);
        y[2] = Sub(Next(ref k), Next(ref k));
        y[3] = k - Next(ref k);
        y[4] = (k * 100) + Pair(ref k).A;
        y[5] = (Pair(ref k).A * 1000) + k;
        y[6] = Math.Max(k - 5, Next(ref k) - 6);
        y[7] = Twice(ref k);
    }

    [Kernel]
    public static void Assignments(Index1D i, ArrayView<int> y)
    {
        int k = 0;
        y[Next(ref k)] = Next(ref k) * 10;
        k = 5;
        k += Next(ref k);
        y[2] = k;
        k = 5;
        k += Pair(ref k).A;
        y[3] = k;
        k = 4;
        y[k] = Pair(ref k).A;
        k = 5;
        y[k] += Next(ref k);
        y[Next(ref k)] += 5;
        y[k > 3 ? 0 : 1] = Pair(ref k).B;
    }

    [Kernel]
    public static void IndicesOnce(Index1D i, ArrayView<int> y, ArrayView<int> c)
    {
        y[Atomic.Add(ref c[0], 1)] += 1;
        y[Atomic.Add(ref c[0], 1)]++;
        int k = 5;
        y[Next(ref k)]--;
        y[7] += k;
    }

    [Kernel]
    public static void AtomicOperands(Index1D i, ArrayView<int> y, ArrayView<int> c)
    {
        y[Atomic.Add(ref c[0], 1)] = Atomic.Add(ref c[0], 1) + 50;
        int k = 2;
        y[3] = Atomic.Add(ref y[Next(ref k)], Next(ref k)) + y[3];
        y[4] = y[3] + Atomic.Exchange(ref y[3], 9) + y[3];
    }

    [Kernel]
    public static void Choices(Index1D i, ArrayView<int> y)
    {
        int k = 1;
        y[0] = Next(ref k) switch { 1 => 10, 3 => 30, 2 => 20, _ => 99 };
        bool both = Next(ref k) > 5 && Next(ref k) > 0;
        y[1] = both ? 1 : k;
        y[2] = k > 1 ? (k * 10) + Next(ref k) : k;
        bool either = k < 0 || Pair(ref k).B > 3;
        y[3] = either ? k : Pair(ref k).A;
        y[4] = k switch { 1 => Pair(ref k).A, 13 => k + Pair(ref k).B, _ => Next(ref k) };
        y[5] = k;
    }

    [Kernel]
    public static void Tuples(Index1D i, ArrayView<int> y)
    {
        int k = 1;
        var t = (Next(ref k), k);
        y[0] = (t.Item1 * 10) + t.Item2;
        var u = (k, Pair(ref k).A);
        y[1] = (u.Item1 * 100) + u.Item2;
        (y[2], y[3]) = (Next(ref k), Next(ref k));
        int at = 5;
        (at, y[at]) = (6, 77);
        y[6] = at;
        (y[Next(ref at)], k) = (at * 10, at);
        y[4] = k;
    }

    [Kernel]
    public static void Arguments(Index1D i, ArrayView<int> y)
    {
        int k = 1;
        y[0] = Sub(k, Pair(ref k).A);
        y[1] = Sub(right: Next(ref k), left: Next(ref k));
        var p = new Both(k, Pair(ref k).A);
        y[2] = (p.A * 1000) + p.B;
        var q = new Both(B: Next(ref k), A: Next(ref k));
        y[3] = (q.A * 1000) + q.B;
        y[4] = Store(y, 5, k) + y[5] + Store(y, 5, 3) + y[5];
        y[6] = y[5] + Store(y, 5, 8);
    }

    [Kernel]
    public static void Loops(Index1D i, ArrayView<int> y)
    {
        int n = 0;
        for (int k = 0; k < 4; Next(ref k))
        {
            if (k == 2)
                continue;
            n += 10;
        }

        for (int k = 0; k < 90; k = Pair(ref k).A)
        {
            n += 100;
            if (k == 4)
                continue;
            n++;
        }

        for (int k = 0; k < 3; _ = Next(ref k), n += k)
            n += 1000;
        for (int k = 0, m = 9; k < m; k++, m -= 2, n += k + Next(ref m))
            n += 10000;
        y[0] = n;
        for (int k = 0; k < 4; k++, Atomic.Add(ref y[3], 1))
            y[1] += k;
        int turns = 0, last = 0;
        do
            turns += 10;
        while (Next(ref last) < 4);
        while (Next(ref last) < 9)
            turns++;
        y[2] = turns;
    }

    [Kernel]
    public static void Structs(Index1D i, ArrayView<int> y)
    {
        Counter c = default;
        int a = c.Bump(2);
        a += c.Bump(c.Count) * 10;
        y[0] = (a * 100) + c.Count;
        y[1] = c.Sum(c.Bump(1)) + c.Count;
        c.BumpTwice();
        y[2] = c.Count;
        y[3] = Bumped(c) + c.Count;
    }

    [Kernel(FloatOnly = true)]
    public static void MapOfStructs(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        Total total = default;
        total.Value = 0.5f;
        total.Add(x[i]);
        if (x[i] > 1f)
            total.Add(x[i] * 2f);
        y[i] = total.Value;
    }

    [Kernel]
    public static void MapOfCalls(Index1D i, ArrayView<int> x, ArrayView<int> y)
    {
        int k = x[i];
        bool b = Next(ref k) > 3 && Next(ref k) > 4;
        int n = k > 5 ? Next(ref k) : k - Next(ref k);
        k += Next(ref k);
        y[i] = (b ? 1000 : 0) + (n * 10) + k;
    }

    [Kernel]
    public static void LocalArrays(Index1D i, ArrayView<int> y)
    {
        var m = LocalMemory.Allocate<int>(8);
        for (int n = 0; n < 8; n++)
            m[n] = n;
        int k = i;
        m[k] = Pair(ref k).A;
        k = i;
        m[Next(ref k)] += Next(ref k);
        for (int n = 0; n < 3; n++, m[7] += Next(ref k))
            m[6] += n;
        y[i] = m[i] + m[i + 1] + (m[6] * 10) + (m[7] * 100) + k;
    }

    [Kernel]
    public static void Groups(ArrayView<int> y, ArrayView<int> z, int limit)
    {
        var s = SharedMemory.Allocate<int>(8);
        int k = Group.IdxX + 1;
        s[Group.IdxX] = Sub(k, Pair(ref k).A);
        int a = (k * 100) + SwapAdd(ref k);
        int at = Grid.GlobalIndex.X;
        y[at] = a + (7 * Sub(k, SwapAdd(ref k)));
        k += SwapAdd(ref k);
        y[at] += k;
        var t = (k, SwapAdd(ref k));
        z[at] = (t.Item1 * 1000) + t.Item2 + s[Group.DimX - 1 - Group.IdxX];
        z[at] += limit > 2 ? Group.Broadcast(k, 1) : 7;
        z[at] += limit > 2 && Group.BarrierAnd(k > 0) ? 5 : 3;
        z[at] += Group.Broadcast(Next(ref k), 1) + k;
        var c = default(Counter);
        c.BumpInGroup();
        z[at] += c.Count;
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

    private static int Twice(ref int k) => (k * 100) + Pair(ref k).A;

    private static int Sub(int left, int right) => (left * 1000) - right;

    private static int Store(ArrayView<int> view, int at, int value)
    {
        view[at] = value;
        return value * 10;
    }

    private static int Bumped(Counter counter) => counter.Bump(40);

    private static int SwapAdd(ref int k)
    {
        var s = SharedMemory.Allocate<int>(8);
        s[Group.IdxX] = k;
        Group.Barrier();
        int other = s[Group.DimX - 1 - Group.IdxX];
        Group.Barrier();
        k += other;
        return other;
    }

    internal readonly record struct Both(int A, int B);

    internal struct Total
    {
        public float Value;

        public void Add(float more) => Value += more;
    }

    internal struct Counter
    {
        public int Count;

        public readonly int Sum(int more) => (Count * 100) + more;

        public int Bump(int by)
        {
            Count += by;
            return Count;
        }

        public void BumpTwice()
        {
            Bump(3);
            Bump(4);
        }

        public void BumpInGroup() => Count += Group.IdxX + 1;
    }
}
