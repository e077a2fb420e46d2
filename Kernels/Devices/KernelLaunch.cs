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
        ArgumentNullException.ThrowIfNull(device);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > 0)
            device.Launch(kernel, count, KernelArgument.Of(count), arguments);
    }

    /// <summary>Runs a map over strided views on a device that compiles its description.</summary>
    public static unsafe void Run(Device device, KernelInfo kernel, in StridedLayout layout, ReadOnlySpan<KernelArgument> arguments)
    {
        ArgumentNullException.ThrowIfNull(device);
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
}
