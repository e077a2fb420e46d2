using System.Runtime.InteropServices;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>Runs kernels through an OpenCL driver, version 1.2 or later.</summary>
/// <remarks>
/// Launches and copies go to one queue that runs in order; reading a tensor waits for it. The kernels of a class
/// are built when one of them is first launched, kept in memory, and their binaries on disk for the next run of the
/// program: in the user's cache folder, or where the environment variable <c>MOMENTUM_OPENCL_CACHE</c> says, which may
/// also be <c>off</c>. PoCL keeps programs itself; its binaries are kept only in a folder that the variable names.
/// </remarks>
public sealed unsafe partial class OpenClDevice : Device
{
    /// <summary>Work items of a group. Fixed, because a driver compiles a kernel anew for every group size.</summary>
    private const int GroupSize = 64;

    /// <summary>Bytes up to which a copy to the device goes through memory of its own, so that nobody waits for it.</summary>
    private const int StagedBytes = 1 << 20;

    private readonly PendingChecks _checks = new();
    private readonly OpenClBuffers _buffers = new();
    private readonly Dictionary<KernelInfo, nint> _kernels = [];
    private readonly Lazy<Connection> _connection;
    private readonly OpenClFacts _facts;
    private long _transfers;
    private long _launches;

    internal OpenClDevice(nint device, int number, OpenClFacts facts, OpenClBinaryCache cache)
    {
        _facts = facts;
        Handle = device;
        Name = $"opencl:{number}";
        Description = $"{facts.Name}, {facts.Version}";
        // At first use: a program that only lists devices, or uses another one, starts no driver.
        _connection = new Lazy<Connection>(() => new Connection(device, Name, facts, cache));
    }

    /// <inheritdoc/>
    public override string Name { get; }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <summary>Whether the device computes in double.</summary>
    public bool HasDouble => _facts.HasDouble;

    internal override bool ComputesDouble => HasDouble;

    /// <summary>Copies between host and device since the start.</summary>
    public long Transfers => Interlocked.Read(ref _transfers);

    /// <summary>Kernels launched since the start.</summary>
    public long Launches => Interlocked.Read(ref _launches);

    /// <summary>How often the host has waited for the device since the start; awaited copies do not count.</summary>
    internal long Waits => Queue.Waits;

    /// <summary>The driver's name of the device.</summary>
    internal nint Handle { get; }

    /// <summary>What the driver says of the device.</summary>
    internal OpenClFacts Facts => _facts;

    /// <summary>Programs that the driver compiled, and programs that came from the cache on disk.</summary>
    internal (int Compiled, int Loaded) Programs => (_connection.Value.Program.Compiled, _connection.Value.Program.Loaded);

    private OpenClQueue Queue => _connection.Value.Queue;

    /// <summary>Waits until everything launched so far is done.</summary>
    /// <remarks>What was found wrong with the values of earlier work, such as indices, comes out here too, whoever launched it.</remarks>
    public override void Synchronize()
    {
        RunChecks();
        Queue.Finish();
    }

    /// <inheritdoc cref="OpenClQueue.Hold"/>
    internal IDisposable Hold() => Queue.Hold();

    internal override DeviceBuffer Allocate(long bytes)
    {
        var pool = _connection.Value.Pool;
        var guards = Guards;
        long guard = guards == null ? 0 : GuardZones.Zone;
        var buffer = new OpenClBuffer(this, _buffers, pool, pool.Rent(bytes + (2 * guard)), bytes, guard);
        guards?.Fill(buffer);
        Memory.Add(bytes);
        return buffer;
    }

    internal override void Upload(byte* source, long bytes, DeviceBuffer target, long targetOffset)
    {
        if (bytes == 0)
            return;
        if (bytes > StagedBytes)
        {
            Queue.Wait(Write(source, bytes, target, targetOffset), "Copying to the device");
            return;
        }

        byte* staging = (byte*)NativeMemory.Alloc((nuint)bytes);
        NativeMemory.Copy(source, staging, (nuint)bytes);
        nint work;
        try
        {
            work = Write(staging, bytes, target, targetOffset);
        }
        catch
        {
            NativeMemory.Free(staging);
            throw;
        }

        OpenClQueue.FreeWhenDone(work, staging);
    }

    internal override void Download(DeviceBuffer source, long sourceOffset, byte* target, long bytes)
    {
        if (bytes == 0)
            return;
        RunChecks();
        Queue.Wait(Read(source, sourceOffset, target, bytes), "Copying from the device");
    }

    internal override Task UploadAsync(byte* source, long bytes, DeviceBuffer target, long targetOffset) =>
        bytes == 0 ? Task.CompletedTask : OpenClQueue.WhenDone(Write(source, bytes, target, targetOffset), "Copying to the device");

    internal override Task DownloadAsync(DeviceBuffer source, long sourceOffset, byte* target, long bytes) =>
        bytes == 0 ? Task.CompletedTask : OpenClQueue.WhenDone(Read(source, sourceOffset, target, bytes), "Copying from the device");

    internal override void WhenRead(Action check) => _checks.Add(check);

    internal override void RunChecks(int reader) => _checks.Run(reader);

    internal override void CollectProfile() => Queue.ReadMeasured();

    private protected override void ProfileChanged() => Queue.Measure(ActiveProfile);

    /// <summary>Puts a copy to the device into the queue; the caller lets its event go.</summary>
    private nint Write(byte* source, long bytes, DeviceBuffer target, long offset)
    {
        var queue = Queue;
        queue.Pace(1 + (bytes / OpenClQueue.BytesOfALaunch));
        nint work;
        lock (queue.Lock)
        {
            int status = OpenClNative.clEnqueueWriteBuffer(
                queue.Handle, ((OpenClBuffer)target).Memory, 0, (nuint)(offset + target.Guard), (nuint)bytes, source, 0, null, &work);
            OpenClException.Check(status, "clEnqueueWriteBuffer");
            Copied(queue, DeviceProfile.CopiesToDevice, work);
        }

        return work;
    }

    /// <summary>Puts a copy from the device into the queue; the caller lets its event go.</summary>
    private nint Read(DeviceBuffer source, long offset, byte* target, long bytes)
    {
        var queue = Queue;
        queue.Pace(1);
        nint work;
        lock (queue.Lock)
        {
            int status = OpenClNative.clEnqueueReadBuffer(
                queue.Handle, ((OpenClBuffer)source).Memory, 0, (nuint)(offset + source.Guard), (nuint)bytes, target, 0, null, &work);
            OpenClException.Check(status, "clEnqueueReadBuffer");
            Copied(queue, DeviceProfile.CopiesToHost, work);
        }

        return work;
    }

    private void Copied(OpenClQueue queue, string way, nint work)
    {
        Interlocked.Increment(ref _transfers);
        if (queue.IsMeasuring && OpenClNative.clRetainEvent(work) == 0)
            queue.Measured(way, work);
        // The driver need not start before it is told to.
        _ = OpenClNative.clFlush(queue.Handle);
    }

    /// <summary>What a driver has to be asked for before the first piece of work.</summary>
    private sealed class Connection
    {
        public Connection(nint device, string name, OpenClFacts facts, OpenClBinaryCache cache)
        {
            using var exceptions = DivisionSignal.Keep();
            int status;
            nint context = OpenClNative.clCreateContext(null, 1, &device, 0, 0, &status);
            OpenClException.Check(status, $"clCreateContext for {name}");
            Queue = new OpenClQueue(context, device);
            Pool = new OpenClMemoryPool(context, name);
            Program = new OpenClProgram(context, device, name, facts, cache);
        }

        public OpenClQueue Queue { get; }

        public OpenClMemoryPool Pool { get; }

        public OpenClProgram Program { get; }
    }
}
