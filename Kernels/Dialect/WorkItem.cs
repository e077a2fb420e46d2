using System.ComponentModel;

namespace MomentumCore.Kernels.Dialect;

/// <summary>
/// The work item whose C# runs on this thread: what the kernel vocabulary asks when it runs as plain .NET, on the emulator.
/// </summary>
internal abstract unsafe class WorkItem
{
    [ThreadStatic]
    private static WorkItem? s_current;

    /// <summary>The work item of this thread, or null outside of the emulator.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public static WorkItem? Running
    {
        get => s_current;
        set => s_current = value;
    }

    /// <summary>The work item of this thread.</summary>
    /// <exception cref="InvalidOperationException">No kernel runs here.</exception>
    public static WorkItem Current => s_current ?? throw new InvalidOperationException(
        "Grid, Group, SharedMemory and LocalMemory have a meaning inside a kernel only: launch it on a device by its generated overload.");

    /// <summary>Where in its group the item is.</summary>
    public abstract Index3D GroupIndex { get; }

    /// <summary>The size of a group.</summary>
    public abstract Index3D GroupSize { get; }

    /// <summary>Which group this is.</summary>
    public abstract Index3D GridIndex { get; }

    /// <summary>How many groups there are.</summary>
    public abstract Index3D GridSize { get; }

    /// <summary>Waits for the group.</summary>
    public abstract void Barrier(string file, int line);

    /// <summary>Waits for the group; gives the number of items that said yes.</summary>
    public abstract int Vote(bool vote, string file, int line);

    /// <summary>Waits for the group; gives the value of one item.</summary>
    public abstract T Broadcast<T>(T value, int from, string file, int line)
        where T : unmanaged;

    /// <summary>The group's memory that this call stands for.</summary>
    public abstract ArrayView<T> Shared<T>(int length, string file, int line)
        where T : unmanaged;

    /// <summary>The group's memory whose size the launch gave.</summary>
    public abstract ArrayView<T> DynamicShared<T>()
        where T : unmanaged;

    /// <summary>Memory of this item alone.</summary>
    public abstract ArrayView<T> Local<T>(int length)
        where T : unmanaged;

    /// <summary>An element of a watched view is about to be read or written.</summary>
    public abstract void Touch(nint watch, void* element, int size, long index, long length);

    /// <summary>The element just touched is changed by an atomic.</summary>
    public abstract void TouchAtomically(void* element);
}
