namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>Launches: the arguments of a kernel object, and its way into the queue.</summary>
public sealed unsafe partial class OpenClDevice
{
    internal override void Launch(KernelInfo kernel, int count, KernelArgument extent, ReadOnlySpan<KernelArgument> arguments)
    {
        nuint local = GroupSize;
        nuint global = (((nuint)count + local - 1) / local) * local;
        Enqueue(kernel, new ReadOnlySpan<KernelArgument>(in extent), arguments, [], 1, &global, &local);
    }

    private void Enqueue(
        KernelInfo kernel,
        ReadOnlySpan<KernelArgument> before,
        ReadOnlySpan<KernelArgument> arguments,
        ReadOnlySpan<KernelArgument> after,
        uint dimensions,
        nuint* global,
        nuint* local)
    {
        if (kernel.UsesDouble && !HasDouble)
        {
            throw new NotSupportedException(
                $"{Name} does not compute in double (no cl_khr_fp64), which kernel {kernel.FullName}{OpenClException.Place(kernel)} needs; " +
                "use Float32 tensors on it, or another device for Float64.");
        }

        var queue = Queue;
        queue.Pace(1);
        // A kernel object holds its arguments, so setting and launching go together.
        lock (queue.Lock)
        {
            if (!_kernels.TryGetValue(kernel, out nint handle))
                _kernels[kernel] = handle = _connection.Value.Program.Build(kernel);
            nint work = 0;
            int status = 0, missing = -1;
            // The memory of a view is not given back in between, whoever disposes its tensor.
            lock (_buffers.Lock)
            {
                uint index = 0;
                foreach (var argument in before)
                    SetArgument(handle, ref index, argument, kernel);
                for (int i = 0; i < arguments.Length && missing < 0; i++)
                {
                    if (!SetArgument(handle, ref index, arguments[i], kernel))
                        missing = i;
                }

                if (missing < 0)
                {
                    foreach (var argument in after)
                        SetArgument(handle, ref index, argument, kernel);
                    status = OpenClNative.clEnqueueNDRangeKernel(
                        queue.Handle, handle, dimensions, null, global, local, 0, null, queue.IsMeasuring ? &work : null);
                }
            }

            if (missing >= 0)
                throw NotHere(arguments[missing].Buffer, kernel, kernel.Arguments.Split(',').ElementAtOrDefault(missing) ?? "");
            OpenClException.Check(status, $"Launching on {Name}", kernel);
            if (work != 0)
                queue.Measured(kernel, work);
            Interlocked.Increment(ref _launches);
        }
    }

    /// <returns>False for a view whose memory is not here, or no more.</returns>
    private bool SetArgument(nint handle, ref uint index, KernelArgument argument, KernelInfo kernel)
    {
        if (argument.IsShared)
        {
            SetArgument(handle, index++, null, argument.Size, kernel);
            return true;
        }

        if (argument.Size > 0)
        {
            ulong bits = argument.Bits;
            SetArgument(handle, index++, argument.Data != null ? argument.Data : &bits, argument.Size, kernel);
            return true;
        }

        nint memory = _buffers.Find(argument.Buffer);
        if (memory == 0)
            return false;
        long offset = argument.Offset, length = argument.Length;
        SetArgument(handle, index++, &memory, sizeof(nint), kernel);
        SetArgument(handle, index++, &offset, sizeof(long), kernel);
        SetArgument(handle, index++, &length, sizeof(long), kernel);
        return true;
    }

    /// <summary>The error for a view that cannot be used here.</summary>
    private Exception NotHere(nint buffer, KernelInfo kernel, string view)
    {
        if (buffer == 0)
        {
            return new ArgumentException(
                $"{kernel.FullName}: view '{view}' is a view of CPU memory, but the kernel is to run on an OpenCL device; " +
                "move the tensor with To(device).",
                view);
        }

        if (All.OfType<OpenClDevice>().FirstOrDefault(d => d != this && d._buffers.Has(buffer)) is { } other)
        {
            return new ArgumentException(
                $"{kernel.FullName}: view '{view}' lies on {other.Name}, but the kernel is to run on {Name}; " +
                "move the tensor with To(device).",
                view);
        }

        return new ObjectDisposedException(
            $"the tensor of view '{view}'",
            $"{kernel.FullName}: the memory of view '{view}' was given back before the launch, because its tensor was disposed, " +
            "by Dispose or by the TensorScope it was made in; launch first, then dispose.");
    }

    private static void SetArgument(nint handle, uint index, void* value, int size, KernelInfo kernel) =>
        OpenClException.Check(
            OpenClNative.clSetKernelArg(handle, index, (nuint)size, value), $"Setting argument {index}", kernel);
}
