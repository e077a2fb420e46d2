using System.ComponentModel;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Devices;

/// <summary>How a generated vector loop writes its results, and whether it asks for its operands ahead of time.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IVectorStore
{
    /// <summary>Writes a vector.</summary>
    static abstract void Store<T>(Vector512<T> value, ref T to)
        where T : unmanaged;

    /// <summary>Called for every vector that is read, with its place.</summary>
    static abstract void Ahead<T>(ref T from)
        where T : unmanaged;
}
