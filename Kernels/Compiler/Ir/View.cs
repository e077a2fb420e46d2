namespace MomentumCore.Kernels.Compiler.Ir;

/// <summary>A run of elements that the kernel addresses by name.</summary>
/// <param name="Name">Unique in its function.</param>
/// <param name="Element">The element type.</param>
/// <param name="Space">Where the memory is.</param>
internal sealed record View(string Name, Scalar Element, Space Space);

/// <summary>Where memory is.</summary>
internal enum Space
{
    /// <summary>The device's memory.</summary>
    Global,

    /// <summary>Shared by the work items of a group.</summary>
    Shared,

    /// <summary>One work item's own.</summary>
    Private,

    /// <summary>Shared, with a size that the launch gives.</summary>
    DynamicShared,
}
