using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Engine;

/// <summary>Copies between host and device that a program need not wait for.</summary>
public partial class Tensor
{
    /// <summary>A copy of the elements, outermost axis first, when the device has got that far.</summary>
    /// <param name="cancellation">Ends the wait; the device goes on.</param>
    /// <exception cref="DTypeException">The elements are not of type <typeparamref name="T"/>.</exception>
    /// <exception cref="ShapeException">There are more elements than a .NET array holds.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>
    /// What is launched later does not change the copy, not even when it writes to this tensor or to its memory after
    /// <see cref="Dispose"/>.
    /// </remarks>
    public async Task<T[]> ToArrayAsync<T>(CancellationToken cancellation = default)
        where T : unmanaged
    {
        RequireElement<T>();
        RequireArray(nameof(ToArrayAsync));
        cancellation.ThrowIfCancellationRequested();
        int reader = Environment.CurrentManagedThreadId;
        // Pinned: the driver writes to it, even when nobody waits any more.
        var values = GC.AllocateUninitializedArray<T>(Count, pinned: true);
        using (var gapless = IsContiguous ? Alias(Shape, _strides, Offset, track: false) : Clone())
        {
            var copied = BeginDownload(gapless, values);
            Release(copied, values);
            await copied.WaitAsync(cancellation).ConfigureAwait(false);
            gapless.Device.RunChecks(reader);
        }

        return values;
    }

    /// <summary>
    /// A copy of the elements that waits for the device, but runs none of the checks that wait for a read; for what is
    /// a check itself. See <see cref="Kernels.Devices.Device.WhenRead"/>.
    /// </summary>
    internal T[] ToArrayBeforeChecks<T>()
        where T : unmanaged
    {
        RequireElement<T>();
        var values = GC.AllocateUninitializedArray<T>(Count, pinned: true);
        using var gapless = IsContiguous ? Alias(Shape, _strides, Offset, track: false) : Clone();
        BeginDownload(gapless, values).GetAwaiter().GetResult();
        return values;
    }

    /// <summary>The elements on another device, without history; this tensor itself when it is there already.</summary>
    /// <param name="device">Where to.</param>
    /// <param name="cancellation">Ends the wait; the result is freed then.</param>
    /// <returns>
    /// A task that ends when the copy is complete and this tensor may be overwritten. Disposing this tensor earlier is
    /// safe: its memory is given back when the copy is done.
    /// </returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <remarks>
    /// What was found wrong with the values on a device with a queue, such as indices, is thrown when the copy is done;
    /// the result is freed then.
    /// </remarks>
    public Task<Tensor> ToAsync(Device device, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (cancellation.IsCancellationRequested)
            return Task.FromCanceled<Tensor>(cancellation);
        if (device == Device)
            return Task.FromResult(this);
        using var noGrad = NoGrad.Begin();
        // Made here and not in the continuation, so that it belongs to the caller's scope.
        var y = Empty(Shape, DType, device);
        try
        {
            return Wait(BeginCopy(y), y, Device, cancellation);
        }
        catch
        {
            y.Dispose();
            throw;
        }
    }

    private Task BeginCopy(Tensor y)
    {
        var source = IsContiguous ? Alias(Shape, _strides, Offset, track: false) : Clone();
        source.Scope = null;
        var target = y.Alias(y.Shape, y._strides, 0, track: false);
        Task copied;
        try
        {
            copied = BeginCopy(source, target);
        }
        catch
        {
            source.Dispose();
            target.Dispose();
            throw;
        }

        // Both ends stay until the copy is done, whoever still waits for it.
        Release(copied, source, target);
        return copied;
    }

    private static Task BeginCopy(Tensor source, Tensor target)
    {
        if (source.Device is CpuDevice)
            return BeginUpload(source, target);
        if (target.Device is CpuDevice)
            return BeginDownload(source, target);
        using var there = source.To(target.Device);
        target.CopyFrom(there);
        return Task.CompletedTask;
    }

    private static async Task<Tensor> Wait(Task copied, Tensor y, Device from, CancellationToken cancellation)
    {
        int reader = Environment.CurrentManagedThreadId;
        try
        {
            await copied.WaitAsync(cancellation).ConfigureAwait(false);
            from.RunChecks(reader);
            return y;
        }
        catch
        {
            y.Dispose();
            throw;
        }
    }

    private static void Release(Task copied, params object[] held) => copied.ContinueWith(
        static (_, state) =>
        {
            foreach (object end in (object[])state!)
                (end as IDisposable)?.Dispose();
        },
        held,
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private static long Bytes(Tensor x) => x.Count * (long)x.DType.Size();

    private static unsafe Task BeginUpload(Tensor source, Tensor target) =>
        target.Device.UploadAsync(source.HostPointer, Bytes(source), target.Storage.Buffer, 0);

    private static unsafe Task BeginDownload(Tensor source, Tensor target) =>
        source.Device.DownloadAsync(
            source.Storage.Buffer, source.Offset * source.DType.Size(), target.HostPointer, Bytes(source));

    private static unsafe Task BeginDownload<T>(Tensor source, T[] pinned)
        where T : unmanaged =>
        source.Device.DownloadAsync(
            source.Storage.Buffer,
            source.Offset * source.DType.Size(),
            (byte*)Unsafe.AsPointer(ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(pinned)),
            Bytes(source));
}
