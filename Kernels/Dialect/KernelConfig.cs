namespace MomentumCore.Kernels.Dialect;

/// <summary>The launch of a grouped kernel: how many groups, of how many work items, with how much dynamic shared memory.</summary>
public readonly struct KernelConfig
{
    /// <summary>A launch of groups.</summary>
    /// <param name="gridDim">How many groups.</param>
    /// <param name="groupDim">Work items of each group, at least one.</param>
    /// <param name="sharedMemory">Dynamic shared memory of each group.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of groups, an empty group, or more of either than an int holds.</exception>
    public KernelConfig(Index3D gridDim, Index3D groupDim, SharedMemoryConfig sharedMemory = default)
    {
        if (gridDim.X < 0 || gridDim.Y < 0 || gridDim.Z < 0)
            throw new ArgumentOutOfRangeException(nameof(gridDim), $"There cannot be {gridDim} groups; pass 0 or more along each axis.");
        if (groupDim.X < 1 || groupDim.Y < 1 || groupDim.Z < 1)
            throw new ArgumentOutOfRangeException(nameof(groupDim), $"A group cannot have {groupDim} work items; pass 1 or more along each axis.");
        if (gridDim.TrySize() == null)
            throw new ArgumentOutOfRangeException(nameof(gridDim), $"{gridDim} are more than {int.MaxValue} groups; launch the kernel several times, for parts.");
        if (groupDim.TrySize() == null)
            throw new ArgumentOutOfRangeException(nameof(groupDim), $"{groupDim} are more than {int.MaxValue} work items in a group; use smaller groups, and more of them.");
        GridDim = gridDim;
        GroupDim = groupDim;
        SharedMemory = sharedMemory;
    }

    /// <summary>How many groups.</summary>
    public Index3D GridDim { get; }

    /// <summary>Work items of each group.</summary>
    public Index3D GroupDim { get; }

    /// <summary>Dynamic shared memory of each group.</summary>
    public SharedMemoryConfig SharedMemory { get; }

    /// <summary>Groups and work items along one axis.</summary>
    public static implicit operator KernelConfig((int Grid, int Group) sizes) => new(sizes.Grid, sizes.Group);

    /// <summary>Groups and work items along two axes.</summary>
    public static implicit operator KernelConfig((Index2D Grid, Index2D Group) sizes) => new(sizes.Grid, sizes.Group);

    /// <summary>Groups and work items along three axes.</summary>
    public static implicit operator KernelConfig((Index3D Grid, Index3D Group) sizes) => new(sizes.Grid, sizes.Group);
}
