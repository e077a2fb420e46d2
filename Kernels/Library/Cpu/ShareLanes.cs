using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// max(position, γ velocity) / size of rows, the largest of each of some parts, with vectors; <see cref="LargestOf"/> launches
/// it. 0 / 0 is 0, and NaN is never lost.
/// </summary>
internal unsafe struct ShareLanes<T> : IRangeBody
    where T : unmanaged, IFloatingPointIeee754<T>
{
    // Rows of which the largest is found before it is compared.
    private const int Block = 512;

    public T* Position;
    public T* Velocity;
    public T* Size;
    public T* Shares;
    public int* Where;
    public T Gamma;
    public int Rows;
    public int Items;

    public readonly void Run(int start, int end)
    {
        for (int item = start; item < end; item++)
        {
            int first = (int)((long)item * Rows / Items), last = (int)((item + 1L) * Rows / Items), at = first;
            var found = T.Zero;
            for (int block = first; block < last; block += Math.Min(Block, last - block))
            {
                var most = OfBlock(block, Math.Min(Block, last - block) + block);
                if (most > found || (T.IsNaN(most) && !T.IsNaN(found)))
                    (found, at) = (most, block);
            }

            (Shares[item], Where[item]) = (found, RowOf(found, at, Math.Min(Block, last - at) + at));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly T OfBlock(int row, int last)
    {
        var lanes = Vector512<T>.Zero;
        for (; row <= last - Vector512<T>.Count; row += Vector512<T>.Count)
            lanes = LargestLanes.LargerLanes(lanes, At(row));
        var found = T.Zero;
        for (int lane = 0; lane < Vector512<T>.Count; lane++)
            found = LargestLanes.Larger(found, lanes[lane]);
        for (; row < last; row++)
            found = LargestLanes.Larger(found, Of(row));
        return found;
    }

    private readonly int RowOf(T share, int first, int last)
    {
        for (int row = first; row < last; row++)
        {
            var other = Of(row);
            if (other == share || (T.IsNaN(share) && T.IsNaN(other)))
                return row;
        }

        return first;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly Vector512<T> At(int row)
    {
        Vector512<T> moved = Vector512.Load(Velocity + row) * Vector512.Create(Gamma), position = Vector512.Load(Position + row);
        var distance = LargestLanes.LargerLanes(Vector512.Abs(moved), position);
        // Abs, because what is made not a number has a sign.
        var share = Vector512.Abs(distance / Vector512.Load(Size + row));
        return Vector512.ConditionalSelect(Vector512.Equals(distance, Vector512<T>.Zero), Vector512<T>.Zero, share);
    }

    private readonly T Of(int row)
    {
        var distance = LargestLanes.Larger(T.Abs(Velocity[row] * Gamma), Position[row]);
        return distance == T.Zero ? T.Zero : T.Abs(distance / Size[row]);
    }
}
