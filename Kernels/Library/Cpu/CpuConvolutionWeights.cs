using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>The derivative of a convolution with respect to its weights, on the CPU.</summary>
/// <remarks>
/// Tasks take output channels, and parts of the images where there are too few of those; parts are added in order. How
/// the work is cut depends on the sizes alone: the same bits on any number of threads.
/// </remarks>
internal static unsafe class CpuConvolutionWeights
{
    /// <summary>
    /// Up to so many channels of x in a group the sums run along the lanes; a panel of channels would be mostly empty.
    /// </summary>
    private const int FewChannels = 4;

    /// <summary>Computes dw from x and g.</summary>
    public static void Run<T>(CpuDevice device, T* x, T* g, T* dw, in ConvolutionShape s)
        where T : unmanaged
    {
        var pool = device.ScratchPool;
        int kernel = s.KernelHeight * s.KernelWidth;
        long tapBytes = (long)TapList.NumbersPerPlace * kernel * sizeof(int);
        int* taps = (int*)pool.Rent(tapBytes);
        var windows = TapList.Forward(s, taps);
        var merge = new MergeBody<T> { Shape = s, Windows = windows, Result = dw, Parts = 0 };
        if (s.Images == 0 || windows.Taps == 0)
        {
            merge.Run(0, s.OutputChannels);
        }
        else if (s.InputChannels / s.Groups <= FewChannels)
        {
            var body = new PaddedWeightBody<T>(x, g, s, windows);
            long offsetBytes = body.OffsetBytes;
            int* offsets = (int*)pool.Rent(offsetBytes);
            body.Prepare(offsets);
            Launch(device, body, merge with { ChannelStep = windows.Taps, TapStep = 1 });
            pool.Return(offsets, offsetBytes);
        }
        else
        {
            Launch(
                device,
                new WindowWeightBody<T>(x, g, s, windows),
                merge with { ChannelStep = 1, TapStep = s.InputChannels / s.Groups });
        }

        pool.Return(taps, tapBytes);
    }

    private static void Launch<T, TBody>(CpuDevice device, TBody body, MergeBody<T> merge)
        where T : unmanaged
        where TBody : unmanaged, IWeightBody<T>
    {
        var pool = device.ScratchPool;
        long bytes = (long)body.Parts * merge.Shape.WeightCount * sizeof(T);
        T* partial = (T*)pool.Rent(bytes);
        var scratch = ScratchSlots.Rent(device, body.ScratchBytes);
        body.Scratch = scratch;
        body.Partial = partial;
        device.RunChunks(body.Tasks, 1, body);
        scratch.Return(device);
        merge.Partial = partial;
        merge.Parts = body.Parts;
        device.Run(
            merge.Shape.OutputChannels, (long)body.Parts * merge.Shape.WeightCount / merge.Shape.OutputChannels, merge);
        pool.Return(partial, bytes);
    }

    /// <summary>
    /// Adds up the parts and puts taps and channels in the weights' order; taps that see nothing get zeros.
    /// </summary>
    private struct MergeBody<T> : IRangeBody
        where T : unmanaged
    {
        private const int Block = 64;

        public ConvolutionShape Shape;
        public ImageWindows Windows;
        public T* Partial;
        public T* Result;
        public int Parts;
        public int ChannelStep;
        public int TapStep;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            int kernel = Shape.KernelHeight * Shape.KernelWidth;
            int channels = Shape.InputChannels / Shape.Groups;
            for (int o = start; o < end; o++)
            {
                T* row = Result + ((nint)o * channels * kernel);
                new Span<T>(row, channels * kernel).Clear();
                // Blocks whose places stay in cache while one tap after another is spread over them.
                for (int first = 0; first < channels; first += Math.Min(Block, channels - first))
                    AddBlock(o, row, first, Math.Min(Block, channels - first) + first, kernel, channels);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void AddBlock(int o, T* row, int first, int last, int kernel, int channels)
        {
            for (int part = 0; part < Parts; part++)
            {
                T* source = Partial + ((((nint)part * Shape.OutputChannels) + o) * channels * Windows.Taps);
                for (int tap = 0; tap < Windows.Taps; tap++)
                {
                    T* target = row + TapList.PlaceOf(Shape, Windows, tap);
                    for (int c = first; c < last; c++)
                    {
                        target[c * kernel] = Lanes.Add(
                            target[c * kernel], source[(c * ChannelStep) + (tap * TapStep)]);
                    }
                }
            }
        }
    }
}
