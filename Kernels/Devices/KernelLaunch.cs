using System.ComponentModel;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices;

/// <summary>What generated launchers share: argument checks and the way to the device.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class KernelLaunch
{
    /// <summary>Runs a kernel's loop on a device.</summary>
    /// <param name="device">Where to run.</param>
    /// <param name="count">The number of work items.</param>
    /// <param name="totalElements">Elements of all views together; sets how the range is cut.</param>
    /// <param name="body">The loop.</param>
    public static void Run<TBody>(Device device, int count, long totalElements, TBody body)
        where TBody : unmanaged, IRangeBody
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0)
            return;
        switch (device)
        {
            case CpuDevice cpu:
                cpu.Run(count, totalElements / count, body);
                break;
            default:
                throw new NotSupportedException($"This kernel runs on the CPU alone; '{device.Name}' needs its description.");
        }
    }

    /// <summary>Runs a kernel on a device that compiles its description.</summary>
    public static void Run(Device device, KernelInfo kernel, int count, ReadOnlySpan<KernelArgument> arguments)
    {
        CheckCount(kernel.Name, device, count);
        if (count > 0)
            device.Launch(kernel, count, KernelArgument.Of(count), arguments);
    }

    /// <summary>Runs a map over strided views on a device that compiles its description.</summary>
    public static unsafe void Run(Device device, KernelInfo kernel, in StridedLayout layout, ReadOnlySpan<KernelArgument> arguments)
    {
        CheckCount(kernel.Name, device, 0);
        var copy = layout;
        if (copy.Count > 0)
            device.Launch(kernel, copy.Count, KernelArgument.Bytes(&copy, sizeof(StridedLayout)), arguments);
    }

    /// <summary>Checks that the CPU can address a view.</summary>
    public static void CheckAddressable<T>(string kernel, string view, ArrayView<T> argument)
        where T : unmanaged
    {
        if (argument.Buffer != 0)
        {
            throw new ArgumentException(
                $"{kernel}: view '{view}' lies in another device's memory, but the kernel is to run on the CPU; move " +
                "the tensor with To(Device.Cpu), or run the kernel on its device.",
                view);
        }
    }

    /// <summary>Runs a grouped kernel on a device that compiles its description.</summary>
    public static void RunGroups(Device device, KernelInfo kernel, in KernelConfig config, ReadOnlySpan<KernelArgument> arguments)
    {
        CheckGroups(device, kernel, config);
        if (config.GridDim.Size > 0)
            device.LaunchGroups(kernel, config, arguments);
    }

    /// <summary>Runs a grouped kernel on the CPU, groups spread over the threads.</summary>
    /// <param name="device">The CPU.</param>
    /// <param name="kernel">The kernel's name.</param>
    /// <param name="config">Groups and their size.</param>
    /// <param name="body">Its loops over the work items of a group.</param>
    /// <typeparam name="TBody">A generated struct.</typeparam>
    public static void RunGroups<TBody>(CpuDevice device, string kernel, in KernelConfig config, TBody body)
        where TBody : unmanaged, IGroupBody
    {
        ArgumentNullException.ThrowIfNull(device);
        CheckGroup(kernel, config);
        device.RunChunks(config.GridDim.Size, 1, new GroupRange<TBody>(body, config), typeof(TBody));
    }

    /// <summary>The number of work items of a plane.</summary>
    public static int Count(string kernel, Index2D extent) => Count(kernel, new Index3D(extent.X, extent.Y, 1));

    /// <summary>The number of work items of a box.</summary>
    public static int Count(string kernel, Index3D extent)
    {
        if (extent.X < 0 || extent.Y < 0 || extent.Z < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(extent), $"{kernel}: there cannot be {extent} work items; pass 0 or more along each axis.");
        }

        return extent.TrySize() ?? throw new ArgumentOutOfRangeException(
            nameof(extent),
            $"{kernel}: {extent} are more than {int.MaxValue} work items; launch the kernel several times, for parts.");
    }

    /// <summary>Checks that there is a device, and no negative number of work items.</summary>
    public static void CheckCount(string kernel, Device device, int count)
    {
        CheckDevice(kernel, device);
        if (count < 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(count), $"{kernel}: {count} work items cannot run; pass 0 or more.");
        }
    }

    /// <summary>Checks what a launch of groups gives to a kernel.</summary>
    public static void CheckGroups(Device device, KernelInfo kernel, in KernelConfig config)
    {
        CheckDevice(kernel.Name, device);
        CheckGroup(kernel.Name, config);
        if (kernel.UsesDynamicShared && config.SharedMemory.Bytes == 0 && config.GridDim.Size > 0)
        {
            throw new ArgumentException(
                $"{kernel.FullName}: it uses SharedMemory.GetDynamic, but this launch of {config.GridDim} groups of " +
                $"{config.GroupDim} work items gives each group 0 bytes; pass new KernelConfig(groups, workItems, " +
                "SharedMemoryConfig.RequestDynamic<T>(length)).",
                nameof(config));
        }
    }

    /// <summary>Checks that a view of a map holds an element for every work item.</summary>
    public static void CheckLength(string kernel, string view, int count, long length)
    {
        if (length < count)
        {
            throw new ArgumentException(
                $"{kernel}: view '{view}' has {length} elements, but {count} work items run; pass a longer view or a smaller count.",
                view);
        }
    }

    /// <summary>Checks that a launch of groups has a size at all.</summary>
    internal static void CheckGroup(string kernel, in KernelConfig config)
    {
        if (config.GroupDim.Size < 1)
        {
            throw new ArgumentException(
                $"{kernel}: a launch of groups needs their number and size: pass new KernelConfig(groups, workItems).", nameof(config));
        }
    }

    private static void CheckDevice(string kernel, Device device)
    {
        if (device == null)
        {
            throw new ArgumentNullException(
                nameof(device), $"{kernel}: there is no device to run on; pass Device.Cpu or another one of Device.All.");
        }
    }
}
