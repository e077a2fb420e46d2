using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MomentumCore.Kernels.Devices;

/// <summary>Writes past the caches: a result larger than these would be read before it is overwritten, and soon be driven out.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct StreamStore : IVectorStore
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store<T>(Vector512<T> value, ref T to)
        where T : unmanaged =>
        // Views are native or pinned memory, which does not move.
        value.StoreAlignedNonTemporal((T*)Unsafe.AsPointer(ref to));

    /// <summary>Makes what was written visible to other threads, in order.</summary>
    public static void End()
    {
        if (Sse.IsSupported)
            Sse.StoreFence();
    }
}
