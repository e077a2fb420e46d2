using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Dialect;

/// <summary>A view whose neighbours lie a fixed step apart; the compiler puts it in the strided form of a map.</summary>
/// <typeparam name="T">The element type.</typeparam>
/// <param name="start">The first element.</param>
/// <param name="step">Elements from one index to the next; 0 repeats one element (broadcast).</param>
public readonly unsafe struct StridedView<T>(T* start, long step)
    where T : unmanaged
{
    private readonly T* _start = start;
    private readonly long _step = step;

    /// <summary>Elements from one index to the next; for generated loops.</summary>
    [System.ComponentModel.EditorBrowsable(System.ComponentModel.EditorBrowsableState.Never)]
    public long Step => _step;

    /// <summary>The element at an index.</summary>
    public ref T this[Index1D index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _start[index.X * _step];
    }

    /// <summary>The element at an index.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _start[index * _step];
    }
}
