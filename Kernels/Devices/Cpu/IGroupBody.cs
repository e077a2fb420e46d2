using System.ComponentModel;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.Cpu;

/// <summary>The work of one group of a grouped kernel: loops over its work items from barrier to barrier.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public unsafe interface IGroupBody
{
    /// <summary>Bytes that a group of <paramref name="items"/> work items needs, dynamic shared memory aside.</summary>
    long MemoryBytes(int items);

    /// <summary>Runs one group.</summary>
    /// <param name="config">The launch.</param>
    /// <param name="group">The number of the group, X fastest.</param>
    /// <param name="memory">What <see cref="MemoryBytes"/> asked for, aligned to 64 bytes.</param>
    /// <param name="dynamicShared">Dynamic shared memory.</param>
    void Run(in KernelConfig config, int group, byte* memory, byte* dynamicShared);
}
