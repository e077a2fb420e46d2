using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Kernels that compile and are wrong at run time, each in one way.</summary>
internal static partial class FaultyKernels
{
    [Kernel]
    public static void Ahead(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = x[i + 1];

    [Kernel]
    public static void AheadShared(ArrayView<float> x)
    {
        var tile = SharedMemory.Allocate<float>(4);
        tile[Group.IdxX + 1] = 1f;
        Group.Barrier();
        if (Group.IsFirstThread)
            x[0] = tile[1];
    }

    [Kernel]
    public static void TooLong(Index1D i, ArrayView<float> x)
    {
        var rest = x.SubView(i.X, 2);
        rest[0] = 1f;
    }

    [Kernel]
    public static void NoBarrier(ArrayView<float> x)
    {
        var tile = SharedMemory.Allocate<float>(8);
        tile[Group.IdxX] = Group.IdxX;
        x[Group.IdxX] = tile[Group.DimX - 1 - Group.IdxX];
    }

    [Kernel]
    public static void AllWriteOne(ArrayView<float> x)
    {
        var tile = SharedMemory.Allocate<float>(1);
        tile[0] = Group.IdxX;
        Group.Barrier();
        x[Group.IdxX] = tile[0];
    }

    [Kernel]
    public static void AllWriteTheSame(ArrayView<float> x)
    {
        var tile = SharedMemory.Allocate<float>(1);
        tile[0] = 0f;
        Group.Barrier();
        x[Group.IdxX] = tile[0];
    }

    [Kernel]
    public static void AtomicAndPlain(ArrayView<int> x)
    {
        var cell = SharedMemory.Allocate<int>(1);
        if (Group.IdxX == 0)
            cell[0] = 1;
        else
            Atomic.Add(ref cell[0], 1);
        Group.Barrier();
        x[Group.IdxX] = cell[0];
    }
}
