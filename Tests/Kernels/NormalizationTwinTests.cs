using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>The vector twins that the CPU runs give the bits of the kernels that other devices run.</summary>
[TestFixture]
internal sealed class NormalizationTwinTests
{
    private static readonly int[][] Shapes =
        [[1, 1, 1], [5, 3, 1], [70, 16, 1], [33, 50, 1], [3, 2, 2], [4, 3, 15], [2, 5, 16], [3, 4, 49], [2, 2, 300]];

    [TestCaseSource(nameof(Shapes))]
    public void Block_moments(int rows, int channels, int inner)
    {
        foreach (int rowsPerBlock in (int[])[1, 4, 256])
        {
            using var scope = TensorScope.Begin();
            int count = (rows + rowsPerBlock - 1) / rowsPerBlock * channels;
            var x = Random(1, rows, channels, inner);
            var (twin, kernel) = (Outputs(2, count), Outputs(2, count));
            ChannelReduction.BlockMoments(
                x.Device, View(x), View(twin[0]), View(twin[1]), rows, channels, inner, rowsPerBlock);
            Normalization.BlockMoments(
                x.Device, count, View(x), View(kernel[0]), View(kernel[1]), rows, channels, inner, rowsPerBlock);
            AssertSame(twin, kernel);
        }
    }

    [TestCaseSource(nameof(Shapes))]
    public void Maps_with_numbers_for_each_channel(int rows, int channels, int inner)
    {
        using var scope = TensorScope.Begin();
        var (x, g) = (Random(1, rows, channels, inner), Random(2, rows, channels, inner));
        var (a, k, d) = (Random(3, channels), Random(4, channels), Random(5, channels));
        var (twin, kernel) = (Outputs(2, x.Count), Outputs(2, x.Count));
        ChannelMap.Apply(x.Device, View(x), View(a), View(d), View(twin[0]), inner);
        ChannelMap.ApplyGradient(x.Device, View(g), View(x), View(a), View(k), View(d), View(twin[1]), inner);
        long[] whole = [channels * inner, inner, 1], numbers = [0, 1, 0];
        Normalization.Apply(
            x.Device, StridedLayout.Create([rows, channels, inner], whole, numbers, numbers, whole), View(x), View(a), View(d),
            View(kernel[0]));
        Normalization.ApplyGradient(
            x.Device, StridedLayout.Create([rows, channels, inner], whole, whole, numbers, numbers, numbers, whole), View(g),
            View(x), View(a), View(k), View(d), View(kernel[1]));
        AssertSame(twin, kernel);
    }

    // Statistics of their own for each channel, for each row, and for pairs of channels of each row.
    [TestCaseSource(nameof(Shapes))]
    public void Block_gradients(int rows, int channels, int inner)
    {
        (int PerRow, int Channels)[] layouts = channels % 2 == 0
            ? [(0, 1), (1, channels), (channels, 1), (channels / 2, 2)]
            : [(0, 1), (1, channels), (channels, 1)];
        foreach (var (perRow, together) in layouts)
        {
            using var scope = TensorScope.Begin();
            const int RowsPerBlock = 4;
            int count = (rows + RowsPerBlock - 1) / RowsPerBlock * channels;
            var (g, x) = (Random(1, rows, channels, inner), Random(2, rows, channels, inner));
            var (mean, rstd) = (Random(3, rows * channels), Random(4, rows * channels));
            var (twin, kernel) = (Outputs(2, count), Outputs(2, count));
            ChannelReduction.BlockGradients(
                x.Device, View(g), View(x), View(mean), View(rstd), View(twin[0]), View(twin[1]), rows, channels, inner,
                RowsPerBlock, perRow, together);
            Normalization.BlockGradients(
                x.Device, count, View(g), View(x), View(mean), View(rstd), View(kernel[0]), View(kernel[1]), rows,
                channels, inner,
                RowsPerBlock, perRow, together);
            AssertSame(twin, kernel);
        }
    }

    [TestCaseSource(nameof(Shapes))]
    public void Groups_forward_and_backward(int rows, int channels, int inner)
    {
        foreach (int groups in (int[])[1, channels])
        {
            using var scope = TensorScope.Begin();
            var (g, x) = (Random(1, rows, channels, inner), Random(2, rows, channels, inner));
            var (weight, bias) = (Random(3, channels), Random(4, channels));
            var (twin, kernel) = (Outputs(4, x.Count), Outputs(4, x.Count));
            GroupNormalization.Forward(
                x.Device, rows * groups, View(x), View(weight), View(bias), View(twin[0]), View(twin[1]),
                View(twin[2]), groups,
                channels / groups, inner, 1e-3);
            Normalization.NormalizeGroups(
                x.Device, rows * groups, View(x), View(weight), View(bias), View(kernel[0]), View(kernel[1]),
                View(kernel[2]), groups,
                channels / groups, inner, 1e-3f);
            GroupNormalization.Backward(
                x.Device, rows * groups, View(g), View(x), View(weight), View(twin[1]), View(twin[2]), View(twin[3]),
                groups,
                channels / groups, inner);
            Normalization.NormalizeGroupsBackward(
                x.Device, rows * groups, View(g), View(x), View(weight), View(kernel[1]), View(kernel[2]),
                View(kernel[3]), groups,
                channels / groups, inner);
            AssertSame(twin, kernel);
        }
    }

    [Test]
    public void Doubles_fold_in_the_same_order()
    {
        using var scope = TensorScope.Begin();
        foreach (int length in (int[])[1, 7, 16, 37, 100])
        {
            var x = TestTensors.Make(Random(1, length).Values(), [length], DType.Float64);
            var one = Tensor.Ones([length], DType.Float64);
            Tensor[] twin = [.. Outputs(3, length).Select(t => t.To(DType.Float64))];
            Tensor[] kernel = [.. Outputs(3, length).Select(t => t.To(DType.Float64))];
            GroupNormalization.Forward(
                x.Device, 1, Wide(x), Wide(one), Wide(one), Wide(twin[0]), Wide(twin[1]), Wide(twin[2]), 1,
                length, 1, 1e-3);
            Normalization.NormalizeGroups(
                x.Device, 1, Wide(x), Wide(one), Wide(one), Wide(kernel[0]), Wide(kernel[1]), Wide(kernel[2]), 1,
                length, 1, 1e-3);
            AssertSame(twin, kernel);
        }
    }

    private static MomentumCore.Kernels.Dialect.ArrayView<float> View(Tensor tensor) => tensor.View<float>();

    private static MomentumCore.Kernels.Dialect.ArrayView<double> Wide(Tensor tensor) => tensor.View<double>();

    private static void AssertSame(Tensor[] twin, Tensor[] kernel)
    {
        for (int i = 0; i < twin.Length; i++)
            Assert.That(twin[i].Values(), Is.EqualTo(kernel[i].Values()), $"output {i}");
    }

    private static Tensor[] Outputs(int count, int size) =>
        [.. Enumerable.Range(0, count).Select(_ => Tensor.Zeros([size]))];

    private static Tensor Random(int seed, params int[] shape)
    {
        var random = new Random(seed);
        int count = Shape.Create(shape).ElementCount;
        return TestTensors.Make(
            [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() - 0.3)], shape, DType.Float32);
    }
}
