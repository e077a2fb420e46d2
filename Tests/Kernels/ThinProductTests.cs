using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Tests.Kernels;

/// <summary>Products from one or two numbers to one or two: a row in each lane gives the bits of row by row.</summary>
[TestFixture]
internal sealed unsafe class ThinProductTests
{
    private static StridedLayout One => StridedLayout.Create([], [], [], []);

    [Test]
    public void Each_number_is_a_chain_of_multiply_adds_and_a_bias(
        [Values(1, 2, 3)] int inner,
        [Values(1, 2)] int columns,
        [Values(1, 15, 16, 17, 1000)] int rows,
        [Values] bool turned,
        [Values] bool hasBias)
    {
        var random = new Random(inner + (4 * columns) + rows);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => (double)(random.NextSingle() - 0.5f))];
        double[] x = Draw(rows * inner), w = Draw(inner * columns), bias = Draw(columns);
        // Products and biases of 0 in both signs.
        (x[0], w[0], bias[0]) = (-0.0, Math.Abs(w[0]), -0.0);
        var left = turned ? MatrixLayout.Gapless(inner, rows).Transposed : MatrixLayout.Gapless(rows, inner);
        var right = MatrixLayout.Gapless(columns, inner).Transposed;
        float[] x32 = Narrow(x), w32 = Narrow(w), bias32 = Narrow(bias), y32 = new float[rows * columns];
        double[] y = new double[rows * columns];
        fixed (float* px = x32, pw = w32, pb = bias32, py = y32)
        {
            MatrixProduct.Run(
                Device.Cpu, new(px, x32.Length), left, new(pw, w32.Length), right, new(py, y32.Length), One,
                hasBias ? new ArrayView<float>(pb, columns) : default);
        }

        fixed (double* px = x, pw = w, pb = bias, py = y)
        {
            MatrixProduct.Run(
                Device.Cpu, new(px, x.Length), left, new(pw, w.Length), right, new(py, y.Length), One,
                hasBias ? new ArrayView<double>(pb, columns) : default);
        }

        for (int i = 0; i < y.Length; i++)
        {
            int row = i / columns, column = i % columns;
            double sum = 0;
            float sum32 = 0;
            for (int k = 0; k < inner; k++)
            {
                int at = turned ? (k * rows) + row : (row * inner) + k;
                sum = Math.FusedMultiplyAdd(x[at], w[(column * inner) + k], sum);
                sum32 = MathF.FusedMultiplyAdd(x32[at], w32[(column * inner) + k], sum32);
            }

            if (hasBias)
                (sum, sum32) = (sum + bias[column], sum32 + bias32[column]);
            Assert.That(Bits(y[i]), Is.EqualTo(Bits(sum)), $"double {i}");
            Assert.That(Bits(y32[i]), Is.EqualTo(Bits(sum32)), $"float {i}");
        }
    }

    // A double holds every float, and the sign of zero.
    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);

    private static float[] Narrow(double[] values) => [.. values.Select(v => (float)v)];
}
