namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>What a random kernel may do, and so which forms it gets.</summary>
internal enum FuzzShape
{
    /// <summary>A map of 32 bits at most.</summary>
    Narrow,

    /// <summary>A map with 64 bit numbers.</summary>
    Wide,

    /// <summary>Reads at computed places, most with a local array.</summary>
    Gather,

    /// <summary>In groups with barriers and shared memory.</summary>
    Group,
}
