using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>y = x ∗ w on the CPU: the weights as they are, times the windows of x.</summary>
internal static unsafe class CpuConvolutionForward
{
    /// <summary>Computes y by way of an epilogue, whose rows are output channels.</summary>
    public static void Run<T, TEpilogue>(CpuDevice device, T* x, T* w, T* y, in ConvolutionShape s, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        int taps = s.KernelHeight * s.KernelWidth;
        long bytes = 2L * taps * sizeof(int);
        var pool = device.ScratchPool;
        int* offsets = (int*)pool.Rent(bytes);
        var windows = Windows(s, offsets);
        int inputPlane = s.InputHeight * s.InputWidth, outputPlane = s.OutputHeight * s.OutputWidth;
        int inGroup = s.InputChannels / s.Groups;
        var product = new ImageProduct<T>
        {
            Windows = windows.Flattened(),
            Source = x,
            SourceGroup = (nint)inGroup * inputPlane,
            Weights = w,
            Groups = s.Groups,
            Rows = s.OutputChannels / s.Groups,
            Inner = inGroup * taps,
            Result = y,
            ResultPlane = outputPlane,
            ResultImage = (nint)s.OutputChannels * outputPlane,
            SpreadY = 1,
            SpreadX = 1,
        };
        CpuConvolution.Run(device, product, epilogue);
        pool.Return(offsets, bytes);
    }

    /// <summary>The windows of a convolution on its input.</summary>
    /// <param name="s">The convolution.</param>
    /// <param name="offsets">Memory for two numbers for each of the kernel's places.</param>
    public static ImageWindows Windows(in ConvolutionShape s, int* offsets)
    {
        int taps = s.KernelHeight * s.KernelWidth;
        for (int t = 0; t < taps; t++)
        {
            offsets[2 * t] = (t / s.KernelWidth * s.DilationY) - s.PaddingY;
            offsets[(2 * t) + 1] = (t % s.KernelWidth * s.DilationX) - s.PaddingX;
        }

        return new ImageWindows
        {
            Images = s.Images,
            ImageStep = (nint)s.InputChannels * s.InputHeight * s.InputWidth,
            Height = s.InputHeight,
            Width = s.InputWidth,
            GridHeight = s.OutputHeight,
            GridWidth = s.OutputWidth,
            StepY = s.StrideY,
            StepX = s.StrideX,
            Taps = taps,
            Offsets = offsets,
        };
    }
}
