using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Devices.OpenCl;

namespace MomentumCore.Kernels.Devices;

/// <summary>A place where kernels run and tensors live.</summary>
public abstract class Device
{
    /// <summary>The processor this program runs on, all cores.</summary>
    public static CpuDevice Cpu { get; } = new(Environment.ProcessorCount);

    /// <summary>Every device that this machine offers; the CPU is always first.</summary>
    public static IReadOnlyList<Device> All { get; } = [Cpu, .. OpenClInfo.Devices()];

    /// <summary>The short name that <see cref="Parse"/> reads back, such as <c>cpu</c>.</summary>
    public abstract string Name { get; }

    /// <summary>What the device is, for people.</summary>
    public abstract string Description { get; }

    /// <summary>Live and peak bytes of the tensors on this device.</summary>
    public MemoryCounter Memory { get; } = new();

    /// <summary>Finds a device by its name.</summary>
    /// <exception cref="ArgumentException">No device has that name.</exception>
    public static Device Parse(string name) =>
        All.FirstOrDefault(d => string.Equals(d.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new ArgumentException(
            $"There is no device '{name}' here; there is: {string.Join(", ", All.Select(d => d.Name))}.");

    /// <inheritdoc/>
    public override string ToString() => Name;

    /// <summary>Waits until everything launched so far is done.</summary>
    public virtual void Synchronize()
    {
    }

    /// <summary>Runs a kernel, one work item for each index below <paramref name="count"/>.</summary>
    /// <param name="kernel">What to run.</param>
    /// <param name="count">The number of work items.</param>
    /// <param name="extent">The kernel's first argument: the count, or a strided layout that holds it.</param>
    /// <param name="arguments">The others.</param>
    internal virtual void Launch(KernelInfo kernel, int count, KernelArgument extent, ReadOnlySpan<KernelArgument> arguments) =>
        throw new NotSupportedException($"{Name} runs a kernel's C# form, not {kernel.Name} from its description.");

    /// <summary>Memory for <paramref name="bytes"/> bytes, uninitialised, aligned to 64.</summary>
    internal abstract DeviceBuffer Allocate(long bytes);

    /// <summary>Copies host memory into a buffer.</summary>
    internal abstract void Upload(ReadOnlySpan<byte> source, DeviceBuffer target, long targetOffset);

    /// <summary>Copies a buffer into host memory.</summary>
    internal abstract void Download(DeviceBuffer source, long sourceOffset, Span<byte> target);
}
