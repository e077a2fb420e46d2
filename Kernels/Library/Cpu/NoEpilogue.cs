using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>Stores the sums as they are.</summary>
internal readonly struct NoEpilogue<T> : IEpilogue<T>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<T> Apply(Vector512<T> sums, int row, int column, long offset, int count) => sums;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply(T sum, int row, int column, long offset) => sum;
}
