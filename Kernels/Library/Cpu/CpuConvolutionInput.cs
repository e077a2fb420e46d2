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
        long tapBytes = (long)TapList.NumbersPerPlace * s.KernelHeight * s.KernelWidth * sizeof(int);
        long weightBytes = (long)s.WeightCount * sizeof(T);
        var pool = device.ScratchPool;
        T* weights = (T*)pool.Rent(weightBytes);
        int* taps = (int*)pool.Rent(tapBytes);
        for (int phaseY = 0; phaseY < Math.Min(s.StrideY, s.InputHeight); phaseY++)
        {
            for (int phaseX = 0; phaseX < Math.Min(s.StrideX, s.InputWidth); phaseX++)
            {
                var windows = TapList.Backward(s, phaseY, phaseX, taps);
                TapList.CopyWeights(s, windows, w, rowsAreInputs: true, weights);
                var product = Phase(s, g, weights, dx, windows);
                product.PhaseY = phaseY;
                product.PhaseX = phaseX;
                CpuConvolution.Run(device, product, epilogue);
            }
        }

        pool.Return(taps, tapBytes);
        pool.Return(weights, weightBytes);
    }

    private static ImageProduct<T> Phase<T>(in ConvolutionShape s, T* g, T* weights, T* dx, in ImageWindows windows)
        where T : unmanaged
    {
        int outGroup = s.OutputChannels / s.Groups;
        return new ImageProduct<T>
        {
            Windows = windows,
            Source = g,
            SourceGroup = (nint)outGroup * s.OutputHeight * s.OutputWidth,
            Weights = weights,
            Groups = s.Groups,
            Rows = s.InputChannels / s.Groups,
            Channels = outGroup,
            Result = dx,
            ResultPlane = s.InputHeight * s.InputWidth,
            ResultImage = (nint)s.InputChannels * s.InputHeight * s.InputWidth,
            ResultWidth = s.StrideX == 1 ? windows.GridWidth : s.InputWidth,
            SpreadY = s.StrideY,
            SpreadX = s.StrideX,
        };
    }
}
