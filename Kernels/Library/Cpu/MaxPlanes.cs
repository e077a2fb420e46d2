using System.Numerics;
using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary><see cref="Pooling"/>'s Max, plane after plane and window after window.</summary>
internal unsafe struct MaxPlanes<T> : IRangeBody
    where T : unmanaged, INumber<T>
{
    public T* X;
    public T* Y;
    public int* Map;
    public PoolShape Shape;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void Run(int start, int end)
    {
        var s = Shape;
        int outputs = s.OutputSize;
        for (int plane = start; plane < end; plane++)
        {
            T* x = X + ((long)plane * s.InputSize);
            long at = (long)plane * outputs;
            for (int oy = 0; oy < s.OutputHeight; oy++)
            {
                int top = Inside(
                    Pooling.First(oy, s.InputHeight, s.OutputHeight, s.StrideY, s.PaddingY), s.DilationY);
                int bottom = Pooling.End(oy, s.InputHeight, s.OutputHeight, s.StrideY, s.PaddingY, s.KernelHeight, s.DilationY);
                for (int ox = 0; ox < s.OutputWidth; ox++, at++)
                {
                    int left = Inside(
                        Pooling.First(ox, s.InputWidth, s.OutputWidth, s.StrideX, s.PaddingX), s.DilationX);
                    int right = Pooling.End(ox, s.InputWidth, s.OutputWidth, s.StrideX, s.PaddingX, s.KernelWidth, s.DilationX);
                    Y[at] = Largest(x, top, bottom, left, right, out Map[at]);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly T Largest(T* x, int top, int bottom, int left, int right, out int place)
    {
        var best = T.CreateTruncating(double.NegativeInfinity);
        place = -1;
        for (int iy = top; iy < bottom; iy += Shape.DilationY)
        {
            int row = iy * Shape.InputWidth;
            for (int ix = left; ix < right; ix += Shape.DilationX)
            {
                T value = x[row + ix];
                if (value > best || place < 0 || T.IsNaN(value))
                    (best, place) = (value, row + ix);
            }
        }

        return best;
    }

    // The first place of a window that is not in the padding before the image.
    private static int Inside(int first, int dilation) =>
        first >= 0 ? first : first + ((-first + dilation - 1) / dilation * dilation);
}
