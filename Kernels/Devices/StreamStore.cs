using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MomentumCore.Kernels.Devices;

/// <summary>Writes past the caches: a result larger than these would be read before it is overwritten, and soon be driven out.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct StreamStore : IVectorStore
{
    // A page: the processor's own prefetching stops at its end. A loop with some arithmetic looks too few vectors ahead
    // to hide the memory's latency by itself: e^x takes 10 ms without and 7 ms with this, on 16 M floats.
    private const int BytesAhead = 4096;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store<T>(Vector512<T> value, ref T to)
        where T : unmanaged =>
        // Views are native or pinned memory, which does not move.
        value.StoreAlignedNonTemporal((T*)Unsafe.AsPointer(ref to));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Ahead<T>(ref T from)
        where T : unmanaged
    {
        // Where there is no memory at that place nothing happens.
        if (Sse.IsSupported)
            Sse.Prefetch0((byte*)Unsafe.AsPointer(ref from) + BytesAhead);
    }

    /// <summary>Makes what was written visible to other threads, in order.</summary>
    public static void End()
    {
        if (Sse.IsSupported)
            Sse.StoreFence();
    }
}
