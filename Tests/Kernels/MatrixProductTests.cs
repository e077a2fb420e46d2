using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Tests.Kernels;

/// <summary>The CPU's matrix product against the plain kernel, and its promise about bits.</summary>
[TestFixture]
internal sealed unsafe class MatrixProductTests
{
    // Below, at and beyond the sizes of tiles (4, 12, 16, 32) and blocks of k (512), thin and tall ones.
    private static readonly (int Rows, int Columns, int Inner)[] Sizes =
    [
        (1, 1, 1), (1, 1, 700), (1, 2, 5000), (3, 16, 2100), (4, 50, 513), (2, 65, 1030), (5, 3, 2), (200, 1, 2),
        (200, 2, 1),
        (13, 31, 7), (12, 32, 512), (25, 33, 513), (1, 600, 40), (600, 1, 40), (16, 200, 90), (200, 16, 90),
        (37, 70, 1100),
        (150, 129, 64), (40, 20, 0), (9, 17, 1), (11, 100, 30), (300, 300, 20), (65, 7, 1500),
    ];

    [Test]
    public void It_agrees_with_the_plain_kernel_for_all_sizes_and_steps(
        [ValueSource(nameof(Sizes))] (int Rows, int Columns, int Inner) size,
        [Values] bool turnLeft,
        [Values] bool turnRight)
    {
        var (rows, columns, inner) = size;
        var left = Layout(rows, inner, turnLeft);
        var right = Layout(inner, columns, turnRight);
        float[] a = Values(rows * inner, 1), b = Values(inner * columns, 2), bias = Values(columns, 3);
        float[] expected = new float[rows * columns], actual = new float[rows * columns];
        double[] expected64 = new double[rows * columns], actual64 = new double[rows * columns];
        fixed (float* pa = a, pb = b, pe = expected, py = actual, pBias = bias)
        {
            MatMul.Multiply(
                Device.Cpu,
                rows * columns,
                View(pa, a),
                View(pb, b),
                View(pe, expected),
                columns,
                inner,
                left.RowStep,
                left.ColumnStep,
                right.RowStep,
                right.ColumnStep);
            MatMul.AddBias(Device.Cpu, rows * columns, View(pBias, bias), View(pe, expected), columns);
            MatrixProduct.Run(
                Device.Cpu, View(pa, a), left, View(pb, b), right, View(py, actual), One, View(pBias, bias));
        }

        double[] a64 = [.. a.Select(v => (double)v)], b64 = [.. b.Select(v => (double)v)];
        fixed (double* pa = a64, pb = b64, pe = expected64, py = actual64)
        {
            MatMul.Multiply(
                Device.Cpu,
                rows * columns,
                View(pa, a64),
                View(pb, b64),
                View(pe, expected64),
                columns,
                inner,
                left.RowStep,
                left.ColumnStep,
                right.RowStep,
                right.ColumnStep);
            MatrixProduct.Run(Device.Cpu, View(pa, a64), left, View(pb, b64), right, View(py, actual64), One);
        }

        double scale = Math.Sqrt(inner + 1);
        Assert.That(actual, Is.EqualTo(expected).Within(4e-6 * scale));
        Assert.That(actual64, Is.EqualTo(expected64).Within(1e-14 * scale));
    }

    [Test]
    public void A_row_has_the_same_bits_in_any_batch(
        [Values(1, 2, 16, 40, 130)] int columns, [Values(1, 2, 16, 500, 1500)] int inner, [Values] bool turnRight)
    {
        const int Rows = 67;
        float[] a = Values(Rows * inner, 1), b = Values(inner * columns, 2), whole = new float[Rows * columns];
        var right = Layout(inner, columns, turnRight);
        fixed (float* pa = a, pb = b, py = whole)
            MatrixProduct.Run(
                Device.Cpu, View(pa, a), Layout(Rows, inner, false), View(pb, b), right, View(py, whole), One);
        foreach (int slice in new[] { 1, 3, 5, 16, 48 })
        {
            float[] parts = new float[Rows * columns];
            for (int row = 0; row < Rows; row += slice)
            {
                int count = Math.Min(slice, Rows - row);
                fixed (float* pa = &a[row * inner], pb = b, py = &parts[row * columns])
                {
                    MatrixProduct.Run(
                        Device.Cpu,
                        new ArrayView<float>(pa, count * inner),
                        Layout(count, inner, false),
                        View(pb, b),
                        right,
                        new ArrayView<float>(py, count * columns),
                        One);
                }
            }

            Assert.That(parts, Is.EqualTo(whole), $"in slices of {slice}");
        }
    }

    [TestCase(300, 200, 700, false)]
    [TestCase(8, 500, 1024, true)]
    [TestCase(2, 16, 4000, true)]
    [TestCase(5000, 1, 2, false)]
    public void The_bits_do_not_depend_on_the_number_of_threads(int rows, int columns, int inner, bool turnLeft)
    {
        float[] a = Values(rows * inner, 1), b = Values(inner * columns, 2);
        float[][] results = [.. new[] { 1, 2, 5 }.Select(threads =>
        {
            float[] y = new float[rows * columns];
            fixed (float* pa = a, pb = b, py = y)
            {
                MatrixProduct.Run(
                    new CpuDevice(threads),
                    View(pa, a),
                    Layout(rows, inner, turnLeft),
                    View(pb, b),
                    Layout(inner, columns, false),
                    View(py, y),
                    One);
            }

            return y;
        })];
        Assert.That(results[1], Is.EqualTo(results[0]));
        Assert.That(results[2], Is.EqualTo(results[0]));
    }

    [TestCase(40, 3, 4, 5)]
    [TestCase(3, 60, 70, 80)]
    [TestCase(2, 200, 150, 600)]
    public void A_stack_has_the_bits_of_its_matrices(int count, int rows, int columns, int inner)
    {
        float[] a = Values(count * rows * inner, 1), b = Values(inner * columns, 2),
        y = new float[count * rows * columns];
        float[] single = new float[rows * columns];
        long[] none = [0];
        var batch = StridedLayout.Create([count], [rows * inner], none, [rows * columns]);
        fixed (float* pa = a, pb = b, py = y, ps = single)
        {
            var (left, right) = (Layout(rows, inner, false), Layout(inner, columns, false));
            MatrixProduct.Run(Device.Cpu, View(pa, a), left, View(pb, b), right, View(py, y), batch);
            for (int i = 0; i < count; i++)
            {
                var slice = View(pa, a).SubView(i * rows * inner, rows * inner);
                MatrixProduct.Run(Device.Cpu, slice, left, View(pb, b), right, View(ps, single), One);
                Assert.That(y[(i * rows * columns)..((i + 1) * rows * columns)], Is.EqualTo(single), $"matrix {i}");
            }
        }
    }

    [Test]
    public void A_large_product_reuses_its_working_memory_from_call_to_call()
    {
        float[] a = Values(200 * 300, 1), b = Values(300 * 200, 2), y = new float[200 * 200];
        fixed (float* pa = a, pb = b, py = y)
        {
            var (left, right) = (Layout(200, 300, true), Layout(300, 200, true));
            MatrixProduct.Run(Device.Cpu, View(pa, a), left, View(pb, b), right, View(py, y), One);
            long managed = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10; i++)
                MatrixProduct.Run(Device.Cpu, View(pa, a), left, View(pb, b), right, View(py, y), One);
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - managed, Is.Zero);
        }
    }

    private static StridedLayout One => StridedLayout.Create([], [], [], []);

    private static MatrixLayout Layout(int rows, int columns, bool turned) =>
        turned ? MatrixLayout.Gapless(columns, rows).Transposed : MatrixLayout.Gapless(rows, columns);

    private static ArrayView<T> View<T>(T* start, T[] values)
        where T : unmanaged =>
        new(start, values.Length);

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }
}
