using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Reductions;

/// <summary>What sums promise beyond their value: order, accuracy, and no copies.</summary>
[TestFixture]
internal sealed class SumTests
{
    private static readonly (int Outer, int Length, int Inner)[] Layouts =
        [(1, 5000, 1), (3, 1024, 1), (40, 2, 1), (9, 7, 1), (5, 16, 1), (3, 17, 1), (4, 3, 5), (3, 16, 3), (1, 2500, 2), (2, 1030, 15), (1, 65, 16), (2, 200, 67), (1, 1, 3), (4, 64, 100)];

    [Test]
    public void Any_number_of_threads_gives_the_same_bits([Values(DType.Float32, DType.Float64)] DType dtype)
    {
        foreach (var (outer, length, inner) in Layouts)
        {
            double[] values = Values(outer * length * inner);
            double[][] sums = [.. new[] { 1, 2, 3 }.Select(threads =>
            {
                using var scope = TensorScope.Begin();
                var x = TestTensors.Make(values, [outer, length, inner], dtype, new CpuDevice(threads));
                return (double[])[.. x.Sum([1]).Values(), x.Sum().Item(), .. x.Sum([0, 2]).Values()];
            })];
            Assert.That(sums[1], Is.EqualTo(sums[0]), $"[{outer}, {length}, {inner}]");
            Assert.That(sums[2], Is.EqualTo(sums[0]), $"[{outer}, {length}, {inner}]");
        }
    }

    [Test]
    public void The_vector_twins_give_the_bits_of_the_kernels_in_float()
    {
        foreach (var (outer, length, inner) in Layouts)
            AssertTwin<float>(outer, length, inner, Reduction.SumNarrow, Reduction.SumWide);
    }

    [Test]
    public void The_vector_twins_give_the_bits_of_the_kernels_in_double()
    {
        foreach (var (outer, length, inner) in Layouts)
            AssertTwin<double>(outer, length, inner, Reduction.SumNarrow, Reduction.SumWide);
    }

    [Test]
    public void A_float_sum_of_a_million_is_accurate_to_the_last_digits([Values(1, 2, 500)] int inner)
    {
        using var scope = TensorScope.Begin();
        float[] values = [.. Values(1_000_000).Select(v => (float)(v + 1))];
        var x = Tensor.From(values, [values.Length / inner, inner]);
        double[] exact = new double[inner];
        for (int i = 0; i < values.Length; i++)
            exact[i % inner] += values[i];

        double[] sums = x.Sum([0]).Values();

        Assert.That(sums.Zip(exact, (sum, e) => Math.Abs(sum - e) / Math.Abs(e)).Max(), Is.LessThan(5e-7));
        Assert.That(x.Sum().Item(), Is.EqualTo(exact.Sum()).Within(5e-7 * exact.Sum()));
    }

    [Test]
    public void Reducing_any_axes_of_a_dense_tensor_copies_nothing()
    {
        var device = new CpuDevice(2);
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([64, 30, 40], device: device);
        foreach (var view in new[] { x, x.Permute(2, 0, 1) })
        {
            foreach (int[] axes in new int[][] { [0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2] })
            {
                device.Memory.ResetPeak();
                long before = device.Memory.LiveBytes;
                var sum = view.Sum(axes);
                string what = $"axes [{string.Join(", ", axes)}]";
                Assert.That(device.Memory.PeakBytes - before, Is.LessThan(x.Count * 4 / 8), what);
                Assert.That(sum.Values(), Is.All.EqualTo((double)x.Count / sum.Count));
            }
        }
    }

    [Test]
    public void Integers_add_exactly()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([long.MaxValue - 10, 3L, 4L, -1L], [2, 2]);
        Assert.That(x.Sum([0]).ToArray<long>(), Is.EqualTo(new[] { long.MaxValue - 6, 2 }));
        Assert.That(Tensor.From(1, 0, 1).Sum().ToArray<int>(), Is.EqualTo(new[] { 2 }));
    }

    [Test]
    public void A_wrong_axis_is_named()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([2, 3]);
        Assert.That(
            () => x.Sum([2]),
            Throws.TypeOf<ShapeException>().With.Message.Contains("no axis 2").And.Message.Contains("[2, 3]"));
        Assert.That(
            () => x.Sum([1, -1]), Throws.TypeOf<ShapeException>().With.Message.Contains("axis -1 is named twice"));
    }

    private static double[] Values(int count)
    {
        var random = new Random(count);
        return [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextDouble()) - 1)];
    }

    private delegate void Kernel<T>(
        Device device, int count, ArrayView<T> x, ArrayView<T> y, int length, int inner, int block)
        where T : unmanaged;

    private static void AssertTwin<T>(int outer, int length, int inner, Kernel<T> narrow, Kernel<T> wide)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([.. Values(outer * length * inner).Select(T.CreateChecked)], [outer, length, inner]);
        int block = BlockSum.BlockRows(inner);
        int blocks = (length + block - 1) / block;
        var twin = x.EmptyLike([outer, blocks, inner]);
        var kernel = x.EmptyLike([outer, blocks, inner]);
        BlockSum.Launch(x.Device, x.View<T>(), twin.View<T>(), outer, length, inner);
        var plain = inner < BlockSum.WideFrom ? narrow : wide;
        plain(x.Device, kernel.Count, x.View<T>(), kernel.View<T>(), length, inner, block);
        Assert.That(twin.ToArray<T>(), Is.EqualTo(kernel.ToArray<T>()), $"[{outer}, {length}, {inner}]");
    }
}
