using System.Collections.Concurrent;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels.Bits;

/// <summary>
/// A device that runs every launch on the CPU and on others and compares what they write, bit for bit; its memory is
/// what the CPU made of it.
/// </summary>
/// <param name="others">The emulator, OpenCL …; with none it is the CPU without its hand-written twins.</param>
/// <remarks>
/// It takes the way that ops take on devices other than the CPU, so that kernels are launched for which the CPU has a
/// hand-written twin. The same sizes and scalars are compared once, and a kernel's launches up to a number.
/// </remarks>
internal unsafe class ComparedDevice(params IEnumerable<Device> others) : Device
{
    // Memory that nobody freed is given back by the finalizer's thread.
    private readonly ConcurrentDictionary<nint, ComparedBuffer> _buffers = [];
    private readonly Dictionary<KernelInfo, LaunchComparison> _comparisons = [];
    private readonly Device[] _others = [.. others];
    private int _last;

    public override string Name => "compared";

    public override string Description => "the CPU and others at once";

    /// <summary>What was compared of each kernel.</summary>
    public LaunchComparison Of(KernelInfo kernel)
    {
        if (!_comparisons.TryGetValue(kernel, out var comparison))
            _comparisons[kernel] = comparison = new LaunchComparison(KernelLauncher.All[kernel], _others);
        return comparison;
    }

    internal override DeviceBuffer Allocate(long bytes)
    {
        int handle = Interlocked.Increment(ref _last);
        return _buffers[handle] = new ComparedBuffer(this, handle, bytes);
    }

    internal void Forget(nint handle) => _buffers.TryRemove(handle, out _);

    internal override void Upload(byte* source, long bytes, DeviceBuffer target, long targetOffset) =>
        new ReadOnlySpan<byte>(source, (int)bytes).CopyTo(((ComparedBuffer)target).Memory.AsSpan((int)targetOffset));

    internal override void Download(DeviceBuffer source, long sourceOffset, byte* target, long bytes) =>
        ((ComparedBuffer)source).Memory.AsSpan((int)sourceOffset, (int)bytes).CopyTo(new Span<byte>(target, (int)bytes));

    internal override void Launch(KernelInfo kernel, int count, KernelArgument extent, ReadOnlySpan<KernelArgument> arguments) =>
        Run(kernel, extent.Data != null ? *(StridedLayout*)extent.Data : count, arguments);

    internal override void LaunchGroups(KernelInfo kernel, in KernelConfig config, ReadOnlySpan<KernelArgument> arguments) =>
        Run(kernel, config, arguments);

    private void Run(KernelInfo kernel, object extent, ReadOnlySpan<KernelArgument> arguments)
    {
        var launch = new RecordedLaunch(KernelLauncher.All[kernel], extent, arguments);
        var memory = launch.Buffers.ToDictionary(b => b, b => _buffers[b].Memory);
        if (_others.Length > 0)
            Of(kernel).Compare(launch, memory);
        launch.RunHere(Device.Cpu, memory);
    }
}
