using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>Launches of grouped kernels.</summary>
public sealed unsafe partial class OpenClDevice
{
    private const uint MaxWorkGroupSize = 0x1004;
    private const uint LocalMemorySize = 0x1023;

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
        nuint most = 0;
        _ = OpenClNative.clGetDeviceInfo(_device, MaxWorkGroupSize, (nuint)sizeof(nuint), &most, null);
        if (most > 0 && (nuint)config.GroupDim.Size > most)
        {
            throw new ArgumentException(
                $"{kernel.Name}: a group of {config.GroupDim} = {config.GroupDim.Size} work items does not fit {Name}, which runs at most {most}; use smaller groups.");
        }

        ulong room = 0;
        _ = OpenClNative.clGetDeviceInfo(_device, LocalMemorySize, sizeof(ulong), &room, null);
        if (room > 0 && (ulong)config.SharedMemory.Bytes > room)
        {
            throw new ArgumentException(
                $"{kernel.Name}: {config.SharedMemory.Bytes:N0} bytes of dynamic shared memory do not fit {Name}, whose groups have {room:N0}; ask for less.");
        }
    }
}
