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
    public T* Position;
    public T* Velocity;
    public T* Size;
    public T* Shares;
    public int* Where;
    public T Gamma;
    public int Rows;
    public int Items;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int start, int end)
    {
        T* found = stackalloc T[Vector512<T>.Count];
        T* places = stackalloc T[Vector512<T>.Count];
        for (int item = start; item < end; item++)
        {
            int first = (int)((long)item * Rows / Items), last = (int)((item + 1L) * Rows / Items), row = first;
            Vector512<T> most = Vector512<T>.Zero, at = Bits(first);
            for (; row <= last - Vector512<T>.Count; row += Vector512<T>.Count)
            {
                var share = At(row);
                var isMore = IsMore(share, most);
                most = Vector512.ConditionalSelect(isMore, share, most);
                at = Vector512.ConditionalSelect(isMore, Bits(row), at);
            }

            most.Store(found);
            at.Store(places);
            var (best, place) = (T.Zero, 0);
            for (int lane = 0; lane < Vector512<T>.Count; lane++)
            {
                int block = Place(places[lane]) - first;
                if (IsMore(found[lane], best) || (found[lane] == best && block + lane < place))
                    (best, place) = (found[lane], block + lane);
            }

            for (; row < last; row++)
            {
                T share = Of(row);
                if (IsMore(share, best))
                    (best, place) = (share, row - first);
            }

            (Shares[item], Where[item]) = (best, first + place);
        }
    }

    private static bool IsMore(T share, T most) => share > most || (T.IsNaN(share) && !T.IsNaN(most));

    // Magnitudes are ordered as their bits are, and NaN is above infinity.
    private static Vector512<T> IsMore(Vector512<T> share, Vector512<T> most) => typeof(T) == typeof(float)
        ? Vector512.GreaterThan(share.AsInt32(), most.AsInt32()).As<int, T>()
        : Vector512.GreaterThan(share.AsInt64(), most.AsInt64()).As<long, T>();

    // A row in the bits of each lane.
    private static Vector512<T> Bits(int row) => typeof(T) == typeof(float)
        ? Vector512.Create(row).As<int, T>()
        : Vector512.Create((long)row).As<long, T>();

    private static int Place(T bits) =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<T, int>(bits) : (int)Unsafe.BitCast<T, long>(bits);

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
