using System.ComponentModel;

namespace MomentumCore.Kernels.Devices.Emulator;

/// <summary>One work item of a kernel with its arguments, as generated code hands it to the emulator.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IKernelItem
{
    /// <summary>Calls the kernel's own method.</summary>
    /// <param name="index">The number of the work item; a grouped kernel asks Group and Grid instead.</param>
    void Run(int index);
}
