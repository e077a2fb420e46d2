using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>y = x ∗ w on the CPU: the weights times the windows of x.</summary>
internal static unsafe class CpuConvolutionForward
{
    /// <summary>Computes y by way of an epilogue, whose rows are output channels.</summary>
    public static void Run<T, TEpilogue>(CpuDevice device, T* x, T* w, T* y, in ConvolutionShape s, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        int kernel = s.KernelHeight * s.KernelWidth;
        int inGroup = s.InputChannels / s.Groups;
        var pool = device.ScratchPool;
        long tapBytes = (long)TapList.NumbersPerPlace * kernel * sizeof(int);
        int* taps = (int*)pool.Rent(tapBytes);
        var windows = TapList.Forward(s, taps);
        // The weights serve as they are, unless some of them meet nothing but padding.
        bool copies = windows.Taps < kernel;
        long weightBytes = copies ? (long)s.WeightCount * sizeof(T) : 0;
        T* weights = copies ? (T*)pool.Rent(weightBytes) : w;
        if (copies)
            TapList.CopyWeights(s, windows, w, rowsAreInputs: false, weights);

        var product = new ImageProduct<T>
        {
            Windows = windows,
            Source = x,
            SourceGroup = (nint)inGroup * s.InputHeight * s.InputWidth,
            Weights = weights,
            Groups = s.Groups,
            Rows = s.OutputChannels / s.Groups,
            Channels = inGroup,
            Result = y,
            ResultPlane = s.OutputHeight * s.OutputWidth,
            ResultImage = (nint)s.OutputChannels * s.OutputHeight * s.OutputWidth,
            ResultWidth = windows.GridWidth,
            SpreadY = 1,
            SpreadX = 1,
        };
        CpuConvolution.Run(device, product, epilogue);
        if (copies)
            pool.Return(weights, weightBytes);
        pool.Return(taps, tapBytes);
    }
}
