using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>Launches of grouped kernels.</summary>
public sealed unsafe partial class OpenClDevice
{
    internal override void LaunchGroups(KernelInfo kernel, in KernelConfig config, ReadOnlySpan<KernelArgument> arguments)
    {
        CheckGroup(kernel, config);
        int dynamicBytes = config.SharedMemory.Bytes;
        ReadOnlySpan<KernelArgument> after = kernel.UsesDynamicShared
            ? stackalloc KernelArgument[] { KernelArgument.Shared(Math.Max(1, dynamicBytes)), KernelArgument.Of((long)dynamicBytes) }
            : [];
        nuint* local = stackalloc nuint[] { (nuint)config.GroupDim.X, (nuint)config.GroupDim.Y, (nuint)config.GroupDim.Z };
        nuint* global = stackalloc nuint[]
        {
            local[0] * (nuint)config.GridDim.X, local[1] * (nuint)config.GridDim.Y, local[2] * (nuint)config.GridDim.Z,
        };
        Enqueue(kernel, [], arguments, after, 3, global, local);
    }

    private void CheckGroup(KernelInfo kernel, in KernelConfig config)
    {
        if (config.GroupDim.Size > _facts.MaxGroupSize)
        {
            throw new ArgumentException(
                $"{kernel.FullName}: a group of {config.GroupDim} = {config.GroupDim.Size} work items does not fit {Name}, which runs at most " +
                $"{_facts.MaxGroupSize}; use smaller groups.");
        }

        long bytes = kernel.SharedBytes + config.SharedMemory.Bytes;
        if (bytes > _facts.SharedBytes)
        {
            throw new ArgumentException(
                $"{kernel.FullName}: {bytes} bytes of shared memory ({kernel.SharedBytes} allocated in the kernel, {config.SharedMemory.Bytes} " +
                $"dynamic) do not fit {Name}, whose groups have {_facts.SharedBytes}; use less.");
        }
    }
}
