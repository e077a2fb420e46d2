using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// The vector twins that the CPU runs for gapless rows give the bits of the kernels that other devices run.
/// </summary>
[TestFixture]
internal sealed class SoftmaxTwinTests
{
    private static readonly int[][] Shapes = [[1, 1], [3, 7], [2, 16], [5, 37], [3, 100], [4, 0]];

    [Test]
    public void The_exponential_of_a_vector_is_that_of_its_lanes()
    {
        float[] special =
        [
            0f, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 88.73f, 89.5f, -87.4f, -103.9f, -104.5f,
            1e-30f,
        ];
        var random = new Random(3);
        float[] x = [.. special, .. Enumerable.Range(0, 5000).Select(_ => (float)((random.NextDouble() * 220) - 110))];
        double[] wide = [.. x.Select(v => v * 7.0)];

        Assert.That(Bits(LaneExp(x)), Is.EqualTo(Bits([.. x.Select(XMath.Exp)])));
        Assert.That(Bits(LaneExp(wide)), Is.EqualTo(Bits([.. wide.Select(XMath.Exp)])));
    }

    [TestCaseSource(nameof(Shapes))]
    public void Softmax_and_its_derivatives(int rows, int size)
    {
        using var scope = TensorScope.Begin();
        var (x, g) = (Random(1, rows, size, 10), Random(2, rows, size, 1));
        Both(
            rows * size,
            y => SoftmaxRows.Probabilities(x.Device, rows, View(x), View(y), size, 1),
            y => Softmax.Probabilities(x.Device, rows, View(x), View(y), size, 1));
        Both(
            rows * size,
            y => SoftmaxRows.LogProbabilities(x.Device, rows, View(x), View(y), size, 1),
            y => Softmax.LogProbabilities(x.Device, rows, View(x), View(y), size, 1));
        Both(
            rows,
            z => SoftmaxRows.Normalizers(x.Device, rows, View(x), View(z), size, 1),
            z => Softmax.Normalizers(x.Device, rows, View(x), View(z), size, 1));
        Both(
            rows * size,
            dx => SoftmaxRows.ProbabilitiesBackward(x.Device, rows, View(x), View(g), View(dx), size, 1, 0.3f),
            dx => Softmax.ProbabilitiesBackward(x.Device, rows, View(x), View(g), View(dx), size, 1, 0.3f));
        Both(
            rows * size,
            dx => SoftmaxRows.LogProbabilitiesBackward(x.Device, rows, View(x), View(g), View(dx), size, 1),
            dx => Softmax.LogProbabilitiesBackward(x.Device, rows, View(x), View(g), View(dx), size, 1));
    }

    [TestCaseSource(nameof(Shapes))]
    public void Attention_weights(int rows, int size)
    {
        using var scope = TensorScope.Begin();
        var x = Random(1, rows, size, 10);
        if (rows > 1 && size > 0)
            x.Slice(0, 1, 2).Fill(double.NegativeInfinity);
        foreach (int visible in (int[])[0, 1, 20])
        {
            Both(
                rows * size,
                y => SoftmaxRows.AttentionWeights(x.Device, rows, View(x), View(y), size, rows, visible, 0.7f),
                y => Softmax.AttentionWeights(x.Device, rows, View(x), View(y), size, rows, visible, 0.7f));
        }
    }

    [TestCase(0f)]
    [TestCase(0.1f)]
    public void The_derivative_of_cross_entropy(float smoothing)
    {
        foreach (int classes in (int[])[1, 10, 16, 53])
        {
            using var scope = TensorScope.Begin();
            const int Rows = 5;
            var (x, z, weight) = (Random(1, Rows, classes, 3), Random(2, Rows, 1, 1), Random(3, classes, 1, 1));
            var target = Tensor.From(0L, classes - 1L, classes / 2, -100, 0);
            var g = Random(4, Rows, 1, 1);
            Both(
                Rows * classes,
                dx => CrossEntropyRows.Backward(
                    x.Device, Rows, View(x), View(z), target.View<long>(), View(weight), View(g), View(dx), classes, 1,
                    -100, smoothing, 1),
                dx => Losses.CrossEntropyBackward(
                    x.Device, Rows, View(x), View(z), target.View<long>(), View(weight), View(g), View(dx), classes, 1,
                    -100, smoothing, 1));
        }
    }

    private static unsafe T[] LaneExp<T>(T[] x)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var y = new T[x.Length];
        fixed (T* from = x, to = y)
            RowMath.Exp(from, to, x.Length, T.One, T.Zero, x.Length);
        return y;
    }

    // -0 and NaN included.
    private static long[] Bits(float[] values) => [.. values.Select(v => (long)BitConverter.SingleToInt32Bits(v))];

    private static long[] Bits(double[] values) => [.. values.Select(BitConverter.DoubleToInt64Bits)];

    private static void Both(int count, Action<Tensor> twin, Action<Tensor> kernel)
    {
        var (a, b) = (Tensor.Ones([count]), Tensor.Zeros([count]));
        twin(a);
        kernel(b);
        Assert.That(a.Values(), Is.EqualTo(b.Values()));
    }

    private static ArrayView<float> View(Tensor tensor) => tensor.View<float>();

    private static Tensor Random(int seed, int rows, int size, double scale)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, rows * size).Select(_ => ((2 * random.NextDouble()) - 1) * scale)];
        return TestTensors.Make(values, [rows, size], DType.Float32);
    }
}
