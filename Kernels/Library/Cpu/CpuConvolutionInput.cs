using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>The derivative of a convolution with respect to its input, on the CPU.</summary>
/// <remarks>
/// With stride s the places of x fall into s · s phases; each meets its own part of the kernel's places, so each phase
/// is a plain convolution of g, without zeros to multiply by.
/// </remarks>
internal static unsafe class CpuConvolutionInput
{
    /// <summary>Computes dx from g by way of an epilogue, whose rows are input channels.</summary>
    public static void Run<T, TEpilogue>(CpuDevice device, T* g, T* w, T* dx, in ConvolutionShape s, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        int taps = s.KernelHeight * s.KernelWidth;
        long weightBytes = (long)s.WeightCount * sizeof(T), offsetBytes = 3L * taps * sizeof(int);
        var pool = device.ScratchPool;
        T* weights = (T*)pool.Rent(weightBytes);
        int* offsets = (int*)pool.Rent(offsetBytes);
        for (int phaseY = 0; phaseY < Math.Min(s.StrideY, s.InputHeight); phaseY++)
        {
            for (int phaseX = 0; phaseX < Math.Min(s.StrideX, s.InputWidth); phaseX++)
            {
                int count = CollectTaps(s, phaseY, phaseX, w, weights, offsets);
                CpuConvolution.Run(device, Phase(s, phaseY, phaseX, g, weights, dx, count, offsets), epilogue);
            }
        }

        pool.Return(offsets, offsetBytes);
        pool.Return(weights, weightBytes);
    }

    /// <summary>Copies the weights that a phase meets to [groups, in, out, taps], and says where their taps read g.</summary>
    private static int CollectTaps<T>(in ConvolutionShape s, int phaseY, int phaseX, T* w, T* weights, int* offsets)
        where T : unmanaged
    {
        int kernel = s.KernelHeight * s.KernelWidth;
        int* places = offsets + (2 * kernel);
        int count = 0;
        for (int place = 0; place < kernel; place++)
        {
            int y = phaseY + s.PaddingY - (place / s.KernelWidth * s.DilationY);
            int x = phaseX + s.PaddingX - (place % s.KernelWidth * s.DilationX);
            if (y % s.StrideY == 0 && x % s.StrideX == 0)
            {
                offsets[2 * count] = y / s.StrideY;
                offsets[(2 * count) + 1] = x / s.StrideX;
                places[count++] = place;
            }
        }

        int inGroup = s.InputChannels / s.Groups, outGroup = s.OutputChannels / s.Groups;
        for (int t = 0; t < count; t++)
            CopyTap(w + places[t], kernel, weights + t, count, s.Groups, inGroup, outGroup);
        return count;
    }

    private static void CopyTap<T>(T* w, int kernel, T* weights, int taps, int groups, int inGroup, int outGroup)
        where T : unmanaged
    {
        for (int group = 0; group < groups; group++)
        {
            for (int c = 0; c < inGroup; c++)
            {
                T* from = w + ((((nint)group * outGroup * inGroup) + c) * kernel);
                T* to = weights + ((((nint)group * inGroup) + c) * outGroup * taps);
                for (int o = 0; o < outGroup; o++)
                    to[(nint)o * taps] = from[(nint)o * inGroup * kernel];
            }
        }
    }

    private static ImageProduct<T> Phase<T>(
        in ConvolutionShape s, int phaseY, int phaseX, T* g, T* weights, T* dx, int taps, int* offsets)
        where T : unmanaged
    {
        int inputPlane = s.InputHeight * s.InputWidth, outputPlane = s.OutputHeight * s.OutputWidth;
        int outGroup = s.OutputChannels / s.Groups;
        var windows = new ImageWindows
        {
            Images = s.Images,
            ImageStep = (nint)s.OutputChannels * outputPlane,
            Height = s.OutputHeight,
            Width = s.OutputWidth,
            GridHeight = (s.InputHeight - phaseY + s.StrideY - 1) / s.StrideY,
            GridWidth = (s.InputWidth - phaseX + s.StrideX - 1) / s.StrideX,
            StepY = 1,
            StepX = 1,
            Taps = taps,
            Offsets = offsets,
        };
        return new ImageProduct<T>
        {
            Windows = s.StrideY == 1 && s.StrideX == 1 ? windows.Flattened() : windows,
            Source = g,
            SourceGroup = (nint)outGroup * outputPlane,
            Weights = weights,
            Groups = s.Groups,
            Rows = s.InputChannels / s.Groups,
            Inner = outGroup * taps,
            Result = dx,
            ResultPlane = inputPlane,
            ResultImage = (nint)s.InputChannels * inputPlane,
            ResultWidth = s.InputWidth,
            SpreadY = s.StrideY,
            SpreadX = s.StrideX,
            PhaseY = phaseY,
            PhaseX = phaseX,
        };
    }
}
