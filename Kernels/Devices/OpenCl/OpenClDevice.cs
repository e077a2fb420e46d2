namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>Runs kernels through an OpenCL driver, version 1.2 or later.</summary>
/// <remarks>
/// Launches go to one queue that runs in order; reading a tensor waits for it. Programs are built when a kernel is
/// first launched and kept.
/// </remarks>
public sealed unsafe class OpenClDevice : Device
{
    /// <summary>Work items of a group. Fixed, because a driver compiles a kernel anew for every group size.</summary>
    private const int GroupSize = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<KernelInfo, nint> _kernels = [];
    private readonly OpenClMemoryPool _pool;
    private readonly nint _device;
    private readonly nint _context;
    private readonly nint _queue;
    private long _transfers;
    private long _launches;

    internal OpenClDevice(nint device, int number)
    {
        _device = device;
        Name = $"opencl:{number}";
        string version = OpenClInfo.Text(device, OpenClInfo.DeviceVersion);
        Description = $"{OpenClInfo.Text(device, OpenClInfo.DeviceName)}, {version}";
        HasDouble = OpenClInfo.Text(device, OpenClInfo.DeviceExtensions).Contains("cl_khr_fp64", StringComparison.Ordinal);
        int status;
        _context = OpenClNative.clCreateContext(null, 1, &device, 0, 0, &status);
        OpenClException.Check(status, "clCreateContext");
        _queue = OpenClNative.clCreateCommandQueue(_context, device, 0, &status);
        OpenClException.Check(status, "clCreateCommandQueue");
        _pool = new OpenClMemoryPool(_context, Name);
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>Whether the device computes in double.</summary>
    public bool HasDouble { get; }

    /// <summary>Copies between host and device since the start.</summary>
    public long Transfers => Interlocked.Read(ref _transfers);

    /// <summary>Kernels launched since the start.</summary>
    public long Launches => Interlocked.Read(ref _launches);

    /// <summary>Waits until everything launched so far is done.</summary>
    public override void Synchronize() => OpenClException.Check(OpenClNative.clFinish(_queue), "clFinish");

    internal override DeviceBuffer Allocate(long bytes)
    {
        var buffer = new OpenClBuffer(this, _pool, _pool.Rent(bytes), bytes);
        Memory.Add(bytes);
        return buffer;
    }

    internal override void Upload(ReadOnlySpan<byte> source, DeviceBuffer target, long targetOffset)
    {
        if (source.IsEmpty)
            return;
        Interlocked.Increment(ref _transfers);
        fixed (byte* s = source)
        {
            OpenClException.Check(
                OpenClNative.clEnqueueWriteBuffer(
                    _queue, ((OpenClBuffer)target).Memory, 1, (nuint)targetOffset, (nuint)source.Length, s, 0, null, null),
                "clEnqueueWriteBuffer");
        }
    }

    internal override void Download(DeviceBuffer source, long sourceOffset, Span<byte> target)
    {
        if (target.IsEmpty)
            return;
        Interlocked.Increment(ref _transfers);
        fixed (byte* t = target)
        {
            OpenClException.Check(
                OpenClNative.clEnqueueReadBuffer(
                    _queue, ((OpenClBuffer)source).Memory, 1, (nuint)sourceOffset, (nuint)target.Length, t, 0, null, null),
                "clEnqueueReadBuffer");
        }
    }

    internal override void Launch(KernelInfo kernel, int count, KernelArgument extent, ReadOnlySpan<KernelArgument> arguments)
    {
        if (kernel.UsesDouble && !HasDouble)
        {
            throw new NotSupportedException(
                $"{Name} does not compute in double (no cl_khr_fp64), which kernel {kernel.Name} needs here; use Float32 tensors on it.");
        }

        // A kernel object holds its arguments, so setting and launching go together.
        lock (_lock)
        {
            if (!_kernels.TryGetValue(kernel, out nint handle))
                _kernels[kernel] = handle = OpenClProgram.Build(_context, _device, Name, kernel);
            uint index = 0;
            SetArgument(handle, ref index, extent, kernel);
            foreach (var argument in arguments)
                SetArgument(handle, ref index, argument, kernel);
            nuint local = GroupSize;
            nuint global = (((nuint)count + local - 1) / local) * local;
            OpenClException.Check(
                OpenClNative.clEnqueueNDRangeKernel(_queue, handle, 1, null, &global, &local, 0, null, null),
                $"Launching kernel {kernel.Name} on {Name}");
            Interlocked.Increment(ref _launches);
        }
    }

    private static void SetArgument(nint handle, ref uint index, KernelArgument argument, KernelInfo kernel)
    {
        if (argument.Size > 0)
        {
            ulong bits = argument.Bits;
            SetArgument(handle, index++, argument.Data != null ? argument.Data : &bits, argument.Size, kernel);
            return;
        }

        nint memory = argument.Buffer;
        long offset = argument.Offset, length = argument.Length;
        if (memory == 0)
            throw new ArgumentException($"{kernel.Name}: a view of CPU memory was passed to an OpenCL device; move the tensor with To(device).");
        SetArgument(handle, index++, &memory, sizeof(nint), kernel);
        SetArgument(handle, index++, &offset, sizeof(long), kernel);
        SetArgument(handle, index++, &length, sizeof(long), kernel);
    }

    private static void SetArgument(nint handle, uint index, void* value, int size, KernelInfo kernel) =>
        OpenClException.Check(
            OpenClNative.clSetKernelArg(handle, index, (nuint)size, value), $"Setting argument {index} of kernel {kernel.Name}");
}
