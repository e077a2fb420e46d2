using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>Adds one number for each row, as a convolution does for each channel.</summary>
internal readonly unsafe struct RowBias<T>(T* bias) : IEpilogue<T>
    where T : unmanaged
{
    private readonly T* _bias = bias;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<T> Apply(Vector512<T> sums, int row, int column, long offset, int count) =>
        sums + Vector512.Create(_bias[row]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Apply(T sum, int row, int column, long offset) => Lanes.Add(sum, _bias[row]);
}
