using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>
/// The one queue of a device, which runs its work in order, and the events that say when a piece of it is done.
/// </summary>
/// <remarks>
/// In order means: a buffer that goes back to its pool and out again is written only after the work that still reads
/// it, since that was launched before.
/// </remarks>
internal sealed unsafe class OpenClQueue
{
    private const ulong MeasureTimes = 2;
    private const uint CommandStart = 0x1282;
    private const uint CommandEnd = 0x1283;
    private const int Complete = 0;

    /// <summary>
    /// Launches between two looks at how far the device has come. It is never more than twice as many behind: a driver
    /// keeps a kilobyte or more for each, and a loop that never reads would fill the memory.
    /// </summary>
    public const int Stride = 1000;

    /// <summary>A copy of so many bytes counts as one more launch, because it may hold as many.</summary>
    public const int BytesOfALaunch = 1 << 16;

    /// <summary>Measured events that wait to be read; each holds driver memory.</summary>
    private const int MostMeasured = 4096;

    private readonly nint _context;
    private readonly nint _device;
    private readonly List<(object What, nint Work)> _measured = [];
    private DeviceProfile? _profile;
    private long _sinceMark;
    private nint _mark;
    private long _waits;

    public OpenClQueue(nint context, nint device)
    {
        _context = context;
        _device = device;
        Handle = Create(0);
    }

    /// <summary>Held while something is put into the queue.</summary>
    public Lock Lock { get; } = new();

    /// <summary>The driver's queue; it changes when a measurement begins or ends, so hold the lock.</summary>
    public nint Handle { get; private set; }

    /// <summary>Whether the next piece of work has to have an event.</summary>
    public bool IsMeasuring => _profile != null;

    /// <summary>How often the host has waited for the device.</summary>
    public long Waits => Interlocked.Read(ref _waits);

    /// <summary>Waits until everything in the queue is done.</summary>
    public void Finish()
    {
        Interlocked.Increment(ref _waits);
        // Not under the lock: others may go on launching.
        nint handle;
        lock (Lock)
        {
            handle = Handle;
            OpenClException.Check(OpenClNative.clRetainCommandQueue(handle), "clRetainCommandQueue");
        }

        int status = OpenClNative.clFinish(handle);
        _ = OpenClNative.clReleaseCommandQueue(handle);
        OpenClException.Check(status, "clFinish");
    }

    /// <summary>What is launched from now on waits until the result is disposed: for tests of what happens meanwhile.</summary>
    public IDisposable Hold()
    {
        int status;
        nint gate = OpenClNative.clCreateUserEvent(_context, &status);
        OpenClException.Check(status, "clCreateUserEvent");
        lock (Lock)
            status = OpenClNative.clEnqueueBarrierWithWaitList(Handle, 1, &gate, null);
        OpenClException.Check(status, "clEnqueueBarrierWithWaitList");
        return new Gate(gate);
    }

    /// <summary>Measures for a profile from now on, or no more.</summary>
    public void Measure(DeviceProfile? profile)
    {
        lock (Lock)
        {
            Interlocked.Increment(ref _waits);
            nint next = Create(profile != null ? MeasureTimes : 0);
            OpenClException.Check(OpenClNative.clFinish(Handle), "clFinish");
            Read();
            _ = OpenClNative.clReleaseCommandQueue(Handle);
            Handle = next;
            _profile = profile;
        }
    }

    /// <summary>Hands what was measured to the profile, after waiting for it.</summary>
    public void ReadMeasured()
    {
        lock (Lock)
        {
            Interlocked.Increment(ref _waits);
            OpenClException.Check(OpenClNative.clFinish(Handle), "clFinish");
            Read();
        }
    }

    /// <summary>Remembers the event of a measured piece of work. Hold the lock.</summary>
    public void Measured(object what, nint work)
    {
        _measured.Add((what, work));
        if (_measured.Count < MostMeasured)
            return;
        Interlocked.Increment(ref _waits);
        OpenClException.Check(OpenClNative.clFinish(Handle), "clFinish");
        Read();
    }

    /// <summary>Waits for a piece of work and lets its event go.</summary>
    public void Wait(nint work, string call)
    {
        Interlocked.Increment(ref _waits);
        WaitFor(work, call);
    }

    /// <summary>
    /// After something was put into the queue: waits where the device is too far behind. Not under the lock.
    /// </summary>
    /// <param name="launches">How many launches it counts as.</param>
    public void Pace(long launches)
    {
        if (Interlocked.Add(ref _sinceMark, launches) < Stride)
            return;
        nint before;
        lock (Lock)
        {
            if (_sinceMark < Stride)
                return;
            nint mark;
            OpenClException.Check(OpenClNative.clEnqueueMarkerWithWaitList(Handle, 0, null, &mark), "clEnqueueMarkerWithWaitList");
            (before, _mark, _sinceMark) = (_mark, mark, 0);
        }

        if (before != 0)
            WaitFor(before, "Waiting for work launched long before");
    }

    private static void WaitFor(nint work, string call)
    {
        int status = OpenClNative.clWaitForEvents(1, &work);
        _ = OpenClNative.clReleaseEvent(work);
        OpenClException.Check(status, call);
    }

    /// <summary>A task that ends with a piece of work; the event is let go then.</summary>
    public static Task WhenDone(nint work, string call)
    {
        var done = new Completion(call);
        var handle = GCHandle.Alloc(done);
        int status = OpenClNative.clSetEventCallback(work, Complete, &Finished, GCHandle.ToIntPtr(handle));
        if (status == 0)
            return done.Task;
        handle.Free();
        _ = OpenClNative.clWaitForEvents(1, &work);
        _ = OpenClNative.clReleaseEvent(work);
        OpenClException.Check(status, "clSetEventCallback");
        return Task.CompletedTask;
    }

    /// <summary>Frees native memory when a piece of work is done, and lets its event go.</summary>
    public static void FreeWhenDone(nint work, void* memory)
    {
        if (OpenClNative.clSetEventCallback(work, Complete, &FreeMemory, (nint)memory) == 0)
            return;
        _ = OpenClNative.clWaitForEvents(1, &work);
        _ = OpenClNative.clReleaseEvent(work);
        NativeMemory.Free(memory);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvStdcall)])]
    private static void Finished(nint work, int status, nint user)
    {
        var handle = GCHandle.FromIntPtr(user);
        var done = (Completion)handle.Target!;
        handle.Free();
        _ = OpenClNative.clReleaseEvent(work);
        done.Set(status);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvStdcall)])]
    private static void FreeMemory(nint work, int status, nint user)
    {
        _ = OpenClNative.clReleaseEvent(work);
        NativeMemory.Free((void*)user);
    }

    private nint Create(ulong properties)
    {
        int status;
        nint queue = OpenClNative.clCreateCommandQueue(_context, _device, properties, &status);
        OpenClException.Check(status, "clCreateCommandQueue");
        return queue;
    }

    private void Read()
    {
        foreach (var (what, work) in _measured)
        {
            ulong start = 0, end = 0;
            if (OpenClNative.clGetEventProfilingInfo(work, CommandStart, sizeof(ulong), &start, null) == 0
                && OpenClNative.clGetEventProfilingInfo(work, CommandEnd, sizeof(ulong), &end, null) == 0)
            {
                _profile?.Add(what, end - start);
            }

            _ = OpenClNative.clReleaseEvent(work);
        }

        _measured.Clear();
    }

    /// <summary>Opens when disposed.</summary>
    private sealed class Gate(nint work) : IDisposable
    {
        private nint _work = work;

        public void Dispose()
        {
            nint work = Interlocked.Exchange(ref _work, 0);
            if (work == 0)
                return;
            _ = OpenClNative.clSetUserEventStatus(work, Complete);
            _ = OpenClNative.clReleaseEvent(work);
        }
    }

    /// <summary>A task's other end; continuations never run on the driver's thread.</summary>
    private sealed class Completion(string call) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public void Set(int status)
        {
            if (status >= 0)
                SetResult();
            else
                SetException(new OpenClException($"{call} failed with {OpenClException.Describe(status)}.", status));
        }
    }
}
