using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>The CPU's way to look for elements that left the range of exact arithmetic: as fast as it can read them.</summary>
/// <remarks>The twin of <c>MomentumGrid.Worst</c>.</remarks>
internal unsafe struct WorstOfBlocks<TReal, TWhole> : IRangeBody
    where TReal : unmanaged, IFloatingPointIeee754<TReal>
    where TWhole : unmanaged
{
    public ArrayView<TReal> X;
    public ArrayView<TWhole> W;
    public ArrayView<long> Parts;

    public readonly void Run(int start, int end)
    {
        for (int block = start; block < end; block++)
        {
            int from = block * GridPass.Block;
            int to = Math.Min(X.IntLength - from, GridPass.Block) + from;
            Parts.Pointer[block] = HasLost(from, to) ? Worst(from, to) : 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly bool HasLost(int from, int to)
    {
        TReal* x = X.Pointer;
        var lost = Vector512<TReal>.Zero;
        int k = from;
        for (; k <= to - Vector512<TReal>.Count; k += Vector512<TReal>.Count)
            lost |= Vector512.IsNaN(Vector512.Load(x + k));
        bool found = lost.ExtractMostSignificantBits() != 0;
        for (; k < to; k++)
            found |= TReal.IsNaN(x[k]);
        return found;
    }

    private readonly long Worst(int from, int to)
    {
        long most = 0;
        for (int k = from; k < to; k++)
        {
            if (!TReal.IsNaN(X.Pointer[k]))
                continue;
            long found = sizeof(TWhole) == sizeof(int)
                ? MomentumGrid.Badness(W.Cast<int>().Pointer[k])
                : MomentumGridWide.Badness(W.Cast<long>().Pointer[k]);
            most = Math.Max(most, found);
        }

        return most;
    }
}
