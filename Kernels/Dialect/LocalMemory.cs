namespace MomentumCore.Kernels.Dialect;

/// <summary>Memory that a work item has to itself. It starts with no particular content.</summary>
public static class LocalMemory
{
    /// <summary>An array of this work item.</summary>
    /// <param name="extent">The number of elements, a positive constant.</param>
    /// <typeparam name="T">The element type.</typeparam>
    public static ArrayView<T> Allocate<T>(int extent)
        where T : unmanaged =>
        WorkItem.Current.Local<T>(extent);
}
