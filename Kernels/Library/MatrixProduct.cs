using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>The product of two matrices, or of two stacks of matrices, by the best code of the device.</summary>
public static class MatrixProduct
{
    /// <summary>y = a·b for each matrix of a stack, plus a bias for each column.</summary>
    /// <param name="device">Where to run.</param>
    /// <param name="a">The left matrices, from the first one's first element.</param>
    /// <param name="left">How each left matrix [rows, inner] lies.</param>
    /// <param name="b">The right matrices, from the first one's first element.</param>
    /// <param name="right">How each right matrix [inner, columns] lies.</param>
    /// <param name="y">The results [rows, columns], each gapless.</param>
    /// <param name="batch">The stack: where matrix number i of a (operand 0), b (1) and y (2) begins.</param>
    /// <param name="bias">One number for each column, or a view of none.</param>
    /// <param name="biasStep">Elements from one number of the bias to the next.</param>
    public static void Run(
        Device device,
        ArrayView<float> a,
        MatrixLayout left,
        ArrayView<float> b,
        MatrixLayout right,
        ArrayView<float> y,
        in StridedLayout batch,
        ArrayView<float> bias = default,
        long biasStep = 1)
    {
        int size = left.Rows * right.Columns;
        for (int i = 0; i < batch.Count && size > 0; i++)
        {
            var target = y.SubView(batch.Offset(2, i), size);
            MatMul.Multiply(
                device,
                size,
                a.SubView(batch.Offset(0, i), a.Length - batch.Offset(0, i)),
                b.SubView(batch.Offset(1, i), b.Length - batch.Offset(1, i)),
                target,
                right.Columns,
                left.Columns,
                left.RowStep,
                left.ColumnStep,
                right.RowStep,
                right.ColumnStep);
            if (bias.Length > 0)
                MatMul.AddBias(device, size, bias, target, right.Columns, biasStep);
        }
    }

    /// <inheritdoc cref="Run(Device, ArrayView{float}, MatrixLayout, ArrayView{float}, MatrixLayout, ArrayView{float}, in StridedLayout, ArrayView{float}, long)"/>
    public static void Run(
        Device device,
        ArrayView<double> a,
        MatrixLayout left,
        ArrayView<double> b,
        MatrixLayout right,
        ArrayView<double> y,
        in StridedLayout batch,
        ArrayView<double> bias = default,
        long biasStep = 1)
    {
        int size = left.Rows * right.Columns;
        for (int i = 0; i < batch.Count && size > 0; i++)
        {
            var target = y.SubView(batch.Offset(2, i), size);
            MatMul.Multiply(
                device,
                size,
                a.SubView(batch.Offset(0, i), a.Length - batch.Offset(0, i)),
                b.SubView(batch.Offset(1, i), b.Length - batch.Offset(1, i)),
                target,
                right.Columns,
                left.Columns,
                left.RowStep,
                left.ColumnStep,
                right.RowStep,
                right.ColumnStep);
            if (bias.Length > 0)
                MatMul.AddBias(device, size, bias, target, right.Columns, biasStep);
        }
    }
}
