using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// A product of many rows that are so short that one number after the other is faster than filling vectors, such as
/// a layer from 2 to 1 features.
/// </summary>
internal static unsafe class CpuThinProduct
{
    private const int MaxColumns = 4;
    private const int MaxInner = 8;
    private const int MaxProducts = 8;

    /// <summary>Whether a product is of this kind.</summary>
    public static bool Fits(in MatrixLayout left, in MatrixLayout right) =>
        right.Columns <= MaxColumns
            && left.Columns is > 0 and <= MaxInner
            && right.Columns * left.Columns <= MaxProducts;

    /// <summary>Computes rows of y = a·b, for y gapless.</summary>
    public static void Run<T, TEpilogue>(
        CpuDevice device, T* a, in MatrixLayout left, T* b, in MatrixLayout right, T* y, long offset,
        TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T> =>
        device.Run(
            left.Rows, left.Columns + right.Columns, new Body<T, TEpilogue>(a, left, b, right, y, offset, epilogue));

    private readonly struct Body<T, TEpilogue>(
        T* a, MatrixLayout left, T* b, MatrixLayout right, T* y, long offset, TEpilogue epilogue) : IRangeBody
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        private readonly T* _a = a;
        private readonly T* _b = b;
        private readonly T* _y = y;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            int inner = left.Columns, columns = right.Columns;
            nint aStep = (nint)left.ColumnStep;
            T* weights = stackalloc T[MaxProducts];
            for (int c = 0; c < columns; c++)
            {
                for (int k = 0; k < inner; k++)
                    weights[(c * inner) + k] = _b[(k * right.RowStep) + (c * right.ColumnStep)];
            }

            T* y = _y + ((long)start * columns);
            int row = start;
            if (ThinRows.Fits<T, TEpilogue>(left, right))
            {
                row += ThinRows.Run(_a + (start * left.RowStep), inner, weights, y, columns, end - start, epilogue);
                y += (long)(row - start) * columns;
            }

            for (; row < end; row++)
            {
                T* x = _a + (row * left.RowStep);
                T* w = weights;
                for (int c = 0; c < columns; c++)
                {
                    T sum = Lanes.MultiplyAdd(*x, *w++, default);
                    for (int k = 1; k < inner; k++)
                        sum = Lanes.MultiplyAdd(x[k * aStep], *w++, sum);
                    *y = epilogue.Apply(sum, row, c, offset + (y - _y));
                    y++;
                }
            }
        }
    }
}
