namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Where a register tile reads its right factor: the lanes at k = 0, and the way to those of the next k.
/// </summary>
internal readonly unsafe struct Lane<T>
    where T : unmanaged
{
    /// <summary>Lanes a fixed step apart.</summary>
    public Lane(T* start, nint step)
    {
        Start = start;
        Step = step;
    }

    /// <summary>Lanes that a table finds.</summary>
    public Lane(T* start, int* offsets)
    {
        Start = start;
        Offsets = offsets;
    }

    /// <summary>The lanes at k = 0, or null where they have to be packed first.</summary>
    public T* Start { get; }

    /// <summary>Elements from one k to the next, where there is no table.</summary>
    public nint Step { get; }

    /// <summary>For each k the elements from the start, or null.</summary>
    public int* Offsets { get; }
}
