using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Grouped kernels, one for each part of the vocabulary, that the tests run on every device.</summary>
internal static partial class GroupKernels
{
    /// <summary>Each group reverses its part through shared memory.</summary>
    [Kernel]
    public static void Reverse(ArrayView<float> x, ArrayView<float> y)
    {
        var tile = SharedMemory.Allocate<float>(64);
        int local = Group.IdxX;
        int start = Grid.IdxX * Group.DimX;
        tile[local] = x[start + local];
        Group.Barrier();
        y[start + local] = tile[Group.DimX - 1 - local];
    }

    /// <summary>A tree sum of each group in a barrier loop; locals live across the barriers.</summary>
    [Kernel]
    public static void TreeSum(ArrayView<float> x, ArrayView<float> sums, int count)
    {
        var cells = SharedMemory.GetDynamic<float>();
        int i = Grid.GlobalIndex.X;
        int me = Group.LinearIndex;
        float own = 0f;
        if (i < count)
            own = x[i];
        cells[me] = own;
        Group.Barrier();
        for (int half = Group.DimX / 2, round = me; half > 0; half /= 2, round += 1)
        {
            if (me < half)
                cells[me] += cells[me + half];
            Group.Barrier();
            own += round;
        }

        if (me > 0)
            return;
        sums[Grid.IdxX] = cells[0];
    }

    /// <summary>Votes and a broadcast; the loop ends when no work item has anything left.</summary>
    [Kernel]
    public static void Votes(ArrayView<float> x, ArrayView<int> counts, ArrayView<float> shared, float limit)
    {
        int i = Grid.GlobalIndex.X;
        float value = x[i];
        int above = Group.BarrierPopCount(value > limit);
        bool all = Group.BarrierAnd(value > limit);
        bool any = Group.BarrierOr(value > limit);
        float last = Group.Broadcast(value, Group.DimX - 1);
        int rounds = 0;
        while (true)
        {
            value *= 0.5f;
            rounds++;
            if (!Group.BarrierOr(value > limit))
                break;
        }

        if (Group.IsFirstThread)
        {
            counts[Grid.IdxX * 4] = above;
            counts[Grid.IdxX * 4 + 1] = all ? 1 : 0;
            counts[Grid.IdxX * 4 + 2] = any ? 1 : 0;
            counts[Grid.IdxX * 4 + 3] = rounds;
        }

        shared[i] = last + value;
    }

    /// <summary>A histogram in shared memory by atomics, then added to the one of all groups.</summary>
    [Kernel]
    public static void Histogram(ArrayView<int> x, ArrayView<int> bins, ArrayView<long> total, int count)
    {
        var own = SharedMemory.Allocate<int>(16);
        ref int seen = ref SharedMemory.Allocate<int>();
        if (Group.IdxX < 16)
            own[Group.IdxX] = 0;
        if (Group.IsFirstThread)
            seen = 0;
        Group.Barrier();
        for (int i = Grid.GlobalIndex.X; i < count; i += Grid.DimX * Group.DimX)
        {
            Atomic.Add(ref own[x[i] & 15], 1);
            Atomic.Add(ref seen, 1);
        }

        Group.Barrier();
        if (Group.IdxX < 16)
            Atomic.Add(ref bins[Group.IdxX], own[Group.IdxX]);
        if (Group.IsFirstThread)
            Atomic.Add(ref total[0], seen);
    }

    /// <summary>Every atomic on one element.</summary>
    [Kernel]
    public static void Atomics(ArrayView<float> x, ArrayView<float> places, ArrayView<int> claims)
    {
        int i = Grid.GlobalIndex.X;
        Atomic.Add(ref places[0], x[i]);
        Atomic.Min(ref places[1], x[i]);
        Atomic.Max(ref places[2], x[i]);
        int before = Atomic.CompareExchange(ref claims[i / 2], 0, 1);
        claims[8 + i] = before;
        Atomic.Exchange(ref places[3], 5f);
        MemoryFence.DeviceLevel();
    }

    /// <summary>
    /// Two dimensions of groups, a conditional barrier that all take, a private array, views of views.
    /// </summary>
    [Kernel]
    public static void Transpose(
        ArrayView2D<float, Stride2D.DenseX> x, ArrayView2D<float, Stride2D.DenseX> y, int passes)
    {
        var tile = SharedMemory.Allocate<float>(4 * 5);
        var kept = LocalMemory.Allocate<float>(2);
        int column = Grid.IdxX * 4 + Group.IdxX;
        int line = Grid.IdxY * 4 + Group.IdxY;
        var row = tile.SubView(Group.IdxY * 5, 5);
        if (passes == 0)
            return;
        kept[0] = 0f;
        kept[1] = 0f;
        for (int pass = 0; pass < passes; pass++)
        {
            if (passes > 1)
                Group.Barrier();
            bool isInside = column < x.IntExtent.X && line < x.IntExtent.Y;
            row[Group.IdxX] = isInside ? x[column, line] : 0f;
            Group.Barrier();
            kept[pass & 1] += tile[Group.IdxX * 5 + Group.IdxY];
        }

        int targetColumn = Grid.IdxY * 4 + Group.IdxX;
        int targetLine = Grid.IdxX * 4 + Group.IdxY;
        if (targetColumn < y.IntExtent.X && targetLine < y.IntExtent.Y)
            y[targetColumn, targetLine] = kept[0] + kept[1];
    }

    /// <summary>
    /// Sums and scans through helper methods that know their group: with barriers, shared memory, votes, a result.
    /// </summary>
    [Kernel]
    public static void Helped(ArrayView<float> x, ArrayView<float> y, ArrayView<int> above)
    {
        int i = Place();
        var cells = SharedMemory.Allocate<float>(64);
        cells[Group.IdxX] = x[i];
        Group.Barrier();
        float before = cells[0];
        float both = Total(cells, x[i]) + Total(cells, 2f * Total(cells, 1f));
        int count = 0;
        CountAbove(x[i], both / Group.DimX, ref count);
        above[i] = count;
        // The element is read before the helper overwrites it.
        cells[Group.IdxX] = before;
        y[i] = cells[Group.IdxX] + Total(cells, both);
    }

    private static int Place() => Grid.IdxX * Group.DimX + Group.IdxX;

    private static float Total(ArrayView<float> cells, float value)
    {
        Group.Barrier();
        cells[Group.IdxX] = value;
        Group.Barrier();
        float sum = 0f;
        for (int k = 0; k < Group.DimX; k++)
            sum += cells[k];
        Group.Barrier();
        return sum;
    }

    private static void CountAbove(float value, float limit, ref int count)
    {
        limit *= 0.5f;
        count += Group.BarrierPopCount(value > limit);
    }

    /// <summary>An index in a plane.</summary>
    [Kernel]
    public static void Plane(Index2D at, ArrayView<float> y, int width) => y[at.Y * width + at.X] = at.X * 10 + at.Y;

    /// <summary>An index in a box.</summary>
    [Kernel]
    public static void Box(Index3D at, ArrayView<float> y, int width, int height) =>
        y[(at.Z * height + at.Y) * width + at.X] = at.X * 100 + at.Y * 10 + at.Z;

    /// <summary>An array of each work item, in a kernel with an index.</summary>
    [Kernel]
    public static void Sorted(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        var three = LocalMemory.Allocate<float>(3);
        for (int k = 0; k < 3; k++)
            three[k] = x[i * 3 + k];
        for (int k = 0; k < 2; k++)
        {
            for (int j = 0; j < 2 - k; j++)
            {
                if (three[j] > three[j + 1])
                {
                    float held = three[j];
                    three[j] = three[j + 1];
                    three[j + 1] = held;
                }
            }
        }

        for (int k = 0; k < 3; k++)
            y[i * 3 + k] = three[k];
    }
}
