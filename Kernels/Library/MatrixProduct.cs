using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library.Cpu;

namespace MomentumCore.Kernels.Library;

/// <summary>The product of two matrices, or of two stacks of matrices, by the best code of the device.</summary>
public static unsafe class MatrixProduct
{
    /// <summary>y = a·b for each matrix of a stack, plus a bias for each column.</summary>
    /// <param name="device">Where to run.</param>
    /// <param name="a">The left matrices, from the first one's first element.</param>
    /// <param name="left">How each left matrix [rows, inner] lies.</param>
    /// <param name="b">The right matrices, from the first one's first element.</param>
    /// <param name="right">How each right matrix [inner, columns] lies.</param>
    /// <param name="y">The results [rows, columns], each gapless.</param>
    /// <param name="batch">The stack: where matrix number i of a (operand 0), b (1) and y (2) begins.</param>
    /// <param name="bias">One number for each column, gapless, or a view of none.</param>
    public static void Run(
        Device device,
        ArrayView<float> a,
        MatrixLayout left,
        ArrayView<float> b,
        MatrixLayout right,
        ArrayView<float> y,
        in StridedLayout batch,
        ArrayView<float> bias = default) =>
        Run<float, FloatProducts>(device, a, left, b, right, y, batch, bias);

    /// <summary>As with float.</summary>
    public static void Run(
        Device device,
        ArrayView<double> a,
        MatrixLayout left,
        ArrayView<double> b,
        MatrixLayout right,
        ArrayView<double> y,
        in StridedLayout batch,
        ArrayView<double> bias = default) =>
        Run<double, DoubleProducts>(device, a, left, b, right, y, batch, bias);

    private static void Run<T, TKernels>(
        Device device,
        ArrayView<T> a,
        MatrixLayout left,
        ArrayView<T> b,
        MatrixLayout right,
        ArrayView<T> y,
        in StridedLayout batch,
        ArrayView<T> bias)
        where T : unmanaged
        where TKernels : struct, IProductKernels<T>
    {
        if (device is CpuDevice cpu)
        {
            RunOnCpu(cpu, a, left, b, right, y, batch, bias);
            return;
        }

        int size = left.Rows * right.Columns;
        if (size == 0 || batch.Count == 0)
            return;
        if (ProductTiles.Choose(device, left.Rows, right.Columns, batch.Count) is { } tile)
        {
            var shape = ProductTiles.Shape(tile, left, right, batch, bias.Length > 0);
            var config = ProductTiles.Config(tile, left.Rows, right.Columns, batch.InnerSize);
            for (int i = 0; i < batch.Count; i += batch.InnerSize)
            {
                var (leftRest, rightRest) = (Rest(a, batch.Offset(0, i)), Rest(b, batch.Offset(1, i)));
                var result = Rest(y, batch.Offset(2, i));
                TKernels.MultiplyTiles(
                    device, config, leftRest, rightRest, result, bias.Length > 0 ? bias : result, shape);
            }

            return;
        }

        for (int i = 0; i < batch.Count; i++)
        {
            var (leftRest, rightRest) = (Rest(a, batch.Offset(0, i)), Rest(b, batch.Offset(1, i)));
            TKernels.Multiply(device, leftRest, left, rightRest, right, Rest(y, batch.Offset(2, i)));
        }

        if (bias.Length > 0)
            TKernels.AddColumnBias(device, size * batch.Count, bias, y, right.Columns);
    }

    private static void RunOnCpu<T>(
        CpuDevice device,
        ArrayView<T> a,
        MatrixLayout left,
        ArrayView<T> b,
        MatrixLayout right,
        ArrayView<T> y,
        in StridedLayout batch,
        ArrayView<T> bias)
        where T : unmanaged
    {
        if (bias.Length > 0)
            CpuMatMul.Run(device, a, left, b, right, y, batch, new ColumnBias<T>(bias.Pointer));
        else
            CpuMatMul.Run(device, a, left, b, right, y, batch, default(NoEpilogue<T>));
    }

    private static ArrayView<T> Rest<T>(ArrayView<T> view, long start)
        where T : unmanaged =>
        view.SubView(start, view.Length - start);
}
