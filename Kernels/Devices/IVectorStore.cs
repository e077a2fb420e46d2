using System.ComponentModel;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Devices;

/// <summary>How a generated vector loop writes its results.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IVectorStore
{
    /// <summary>Writes a vector.</summary>
    static abstract void Store<T>(Vector512<T> value, ref T to)
        where T : unmanaged;
}
