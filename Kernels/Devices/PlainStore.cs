using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Devices;

/// <summary>Writes into the caches, where the next kernel finds the result.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public readonly struct PlainStore : IVectorStore
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(Vector512<T> value, ref T to)
        where T : unmanaged =>
        value.StoreUnsafe(ref to);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Ahead<T>(ref T from)
        where T : unmanaged
    {
        // The operands of a small launch are in the caches.
    }
}
