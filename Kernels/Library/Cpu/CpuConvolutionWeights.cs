using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>The derivative of a convolution with respect to its weights, on the CPU.</summary>
/// <remarks>
/// dw[o, (c, tap)] is the inner product of g's channel o and of what the tap sees of channel c, over all windows of all
/// images. Windows are taken in runs of at most 512, in order; few tasks are helped by cutting the images into parts
/// that are added in order. Runs and parts depend on the sizes alone: the same bits on any number of threads.
/// </remarks>
internal static unsafe class CpuConvolutionWeights
{
    private const int EnoughTasks = 8;

    /// <summary>Computes dw from x and g.</summary>
    public static void Run<T>(CpuDevice device, T* x, T* g, T* dw, in ConvolutionShape s)
        where T : unmanaged
    {
        int taps = s.KernelHeight * s.KernelWidth;
        int panels = ((s.InputChannels / s.Groups * taps) + WeightTask<T>.Panel - 1) / WeightTask<T>.Panel;
        int bands = ((s.OutputChannels / s.Groups) + WeightTask<T>.Band - 1) / WeightTask<T>.Band;
        int tasks = s.Groups * panels * bands;
        int parts = Math.Clamp(EnoughTasks / tasks, 1, Math.Max(1, s.Images));
        var pool = device.ScratchPool;
        long offsetBytes = 2L * taps * sizeof(int);
        long partialBytes = (parts - 1L) * s.WeightCount * sizeof(T);
        int* offsets = (int*)pool.Rent(offsetBytes);
        T* partial = (T*)pool.Rent(partialBytes);
        var scratch = ScratchSlots.Rent(device, WeightTask<T>.ScratchBytes);
        var windows = CpuConvolutionForward.Windows(s, offsets);
        var body = new Body<T>(new WeightTask<T>(x, g, s, windows), scratch, dw, partial, panels, bands, parts);
        device.RunChunks(tasks * parts, 1, body);
        scratch.Return(device);
        for (int part = 1; part < parts; part++)
            Add(dw, partial + ((nint)(part - 1) * s.WeightCount), s.WeightCount);
        pool.Return(partial, partialBytes);
        pool.Return(offsets, offsetBytes);
    }

    private static void Add<T>(T* target, T* source, int count)
        where T : unmanaged
    {
        for (int i = 0; i < count; i += Vector512<T>.Count)
            Lanes.Store(Lanes.Load(target + i, count - i) + Lanes.Load(source + i, count - i), target + i, count - i);
    }

    private readonly struct Body<T>(
        WeightTask<T> task, ScratchSlots scratch, T* dw, T* partial, int panels, int bands, int parts) : IRangeBody
        where T : unmanaged
    {
        private readonly WeightTask<T> _task = task;
        private readonly ScratchSlots _scratch = scratch;
        private readonly T* _dw = dw;
        private readonly T* _partial = partial;

        public void Run(int start, int end)
        {
            int slot = _scratch.Claim();
            for (int i = start; i < end; i++)
            {
                int part = i % parts, rest = i / parts;
                T* target = part == 0 ? _dw : _partial + ((nint)(part - 1) * _task.WeightCount);
                _task.Run(rest / bands / panels, rest / bands % panels, rest % bands, part, parts, target, _scratch.Memory(slot));
            }

            _scratch.Release(slot);
        }
    }
}
