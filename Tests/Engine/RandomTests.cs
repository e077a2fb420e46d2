using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine;

/// <summary>
/// Random numbers: the published vectors of the generator, replay, independence of threads, distributions.
/// </summary>
[TestFixture]
internal sealed class RandomTests
{
    // Random123's known-answer file kat_vectors, lines "philox4x32 10".
    [TestCase(0UL, 0UL, 0UL, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [TestCase(ulong.MaxValue, ulong.MaxValue, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [TestCase(0x299f31d0_a4093822UL, 0x03707344_13198a2eUL, 0x85a308d3_243f6a88UL, 0xd16cfe09u, 0x94fdcceb, 0x5001e420u, 0x24126ea1u)]
    public void The_generator_gives_the_known_answers_of_Random123(
        ulong seed, ulong stream, ulong block, uint x, uint y, uint z, uint w) =>
        Assert.That(Philox.Block(seed, stream, block), Is.EqualTo(new PhiloxBlock(x, y, z, w)));

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void The_numbers_do_not_depend_on_the_number_of_threads(DType dtype)
    {
        using var scope = TensorScope.Begin();
        double[] one = Draw(new CpuDevice(1)), four = Draw(new CpuDevice(4));
        Assert.That(four, Is.EqualTo(one));

        double[] Draw(Device device)
        {
            var source = new RandomSource(5);
            return
            [
                .. Tensor.Rand([100_003], dtype, device, source).Values(),
                .. Tensor.Randn([50_001], dtype, device, source).Values(),
                .. Tensor.RandInt([1001], 0, 10, device: device, source: source).Values(),
            ];
        }
    }

    [Test]
    public void Probabilities_outside_of_0_to_1_are_refused_by_place_and_value()
    {
        using var scope = TensorScope.Begin();
        foreach (var device in Device.All)
        {
            foreach (double odd in new[] { -0.25, 1.25, double.NaN, double.PositiveInfinity })
            {
                // A queued device answers when its numbers are read.
                Assert.That(
                    () => Tensor.From([0, 1, odd, 0.5], [2, 2], device).Bernoulli().Values(),
                    Throws.InstanceOf<ArgumentOutOfRangeException>()
                        .With.Message.Contains($"element 2 of the tensor of shape [2, 2] is {odd}"));
                Assert.That(() => Tensor.Bernoulli([3], odd), Throws.InstanceOf<ArgumentOutOfRangeException>());
            }

            Assert.That(
                Tensor.From([0.0, 1.0, 1.0], [3], device).Bernoulli().Values(), Is.EqualTo(new[] { 0.0, 1, 1 }));
            Assert.That(Tensor.Zeros([0, 2], device: device).Bernoulli().Shape, Is.EqualTo(Shape.Create([0, 2])));
        }

        Assert.That(() => Tensor.Zeros([2], DType.Int64).Bernoulli(), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void A_restored_state_draws_the_same_numbers_again_and_goes_on_elsewhere_without_it()
    {
        using var scope = TensorScope.Begin();
        var source = new RandomSource(9);
        Tensor.Rand([7], source: source);
        var saved = source.State;
        double[] first = Tensor.Rand([7], source: source).Values();
        double[] next = Tensor.Rand([7], source: source).Values();
        source.State = saved;
        Assert.That(Tensor.Rand([7], source: source).Values(), Is.EqualTo(first));
        Assert.That(first, Is.Not.EqualTo(next));
        Assert.That(Tensor.Rand([7], source: new RandomSource(saved)).Values(), Is.EqualTo(first));
    }

    [Test]
    public void Forks_differ_from_each_other_and_from_their_origin()
    {
        using var scope = TensorScope.Begin();
        var source = new RandomSource(9);
        double[][] draws =
        [
            Tensor.Rand([5], source: source.Fork(1)).Values(),
            Tensor.Rand([5], source: source.Fork(2)).Values(),
            Tensor.Rand([5], source: source.Fork(1)).Values(),
            Tensor.Rand([5], source: source).Values(),
        ];
        Assert.That(draws[2], Is.EqualTo(draws[0]));
        Assert.That(draws[1], Is.Not.EqualTo(draws[0]));
        Assert.That(draws[3], Is.Not.EqualTo(draws[0]).And.Not.EqualTo(draws[1]));
    }

    [Test]
    public async Task The_current_source_follows_the_async_flow_and_ends_with_its_use()
    {
        var outside = RandomSource.Current;
        var mine = new RandomSource(1);
        using (RandomSource.Use(mine))
        {
            Assert.That(RandomSource.Current, Is.SameAs(mine));
            Assert.That(await Task.Run(() => RandomSource.Current), Is.SameAs(mine));
            var inner = new RandomSource(2);
            using (RandomSource.Use(inner))
                Assert.That(RandomSource.Current, Is.SameAs(inner));
            await Task.Yield();
            Assert.That(RandomSource.Current, Is.SameAs(mine));
        }

        Assert.That(RandomSource.Current, Is.SameAs(outside));
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void Uniform_numbers_fill_the_unit_interval_evenly(DType dtype)
    {
        using var scope = TensorScope.Begin();
        double[] values = Tensor.Rand([100_000], dtype, source: new RandomSource(3)).Values();
        Assert.That(values, Is.All.InRange(0, 1).And.All.LessThan(1));
        // Five standard deviations of a binomial count.
        for (int bin = 0; bin < 10; bin++)
            Assert.That(values.Count(v => (int)(v * 10) == bin), Is.EqualTo(10_000).Within(5 * Math.Sqrt(9000)));
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void Normal_numbers_have_the_moments_of_the_normal_distribution(DType dtype)
    {
        using var scope = TensorScope.Begin();
        double[] values = Tensor.Randn([200_001], dtype, source: new RandomSource(4)).Values();
        double error = 5 / Math.Sqrt(values.Length);
        Assert.That(values.Average(), Is.EqualTo(0).Within(error));
        Assert.That(values.Average(v => v * v), Is.EqualTo(1).Within(error * Math.Sqrt(2)));
        Assert.That(values.Average(v => v * v * v), Is.EqualTo(0).Within(error * Math.Sqrt(15)));
        Assert.That(values.Average(v => v * v * v * v), Is.EqualTo(3).Within(error * Math.Sqrt(96)));
        // Neighbours come from one block; they must not know of each other.
        Assert.That(values.Zip(values.Skip(1), (a, b) => a * b).Average(), Is.EqualTo(0).Within(error));
    }

    [Test]
    public void Integers_cover_their_range_evenly_even_when_it_spans_all_of_Int64()
    {
        using var scope = TensorScope.Begin();
        long[] values = Tensor.RandInt([60_000], -3, 3, source: new RandomSource(6)).ToArray<long>();
        for (long k = -3; k < 3; k++)
            Assert.That(values.Count(v => v == k), Is.EqualTo(10_000).Within(500));
        Assert.That(values, Is.All.InRange(-3, 2));
        long[] wide = Tensor.RandInt([1000], long.MinValue, long.MaxValue, source: new RandomSource(6)).ToArray<long>();
        Assert.That(wide.Count(v => v < 0), Is.EqualTo(500).Within(80));
        Assert.That(Tensor.RandInt([4], 5, 6, DType.Int32).ToArray<int>(), Is.All.EqualTo(5));
        Assert.That(
            () => Tensor.RandInt([4], 5, 5),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("above low"));
    }

    [TestCase(1L << 40, (1L << 40) + 5)]
    [TestCase(int.MinValue - 1L, 0)]
    [TestCase(0, int.MaxValue + 2L)]
    public void Integers_that_do_not_fit_the_type_are_not_drawn(long low, long high)
    {
        using var scope = TensorScope.Begin();
        Assert.That(
            () => Tensor.RandInt([4], low, high, DType.Int32),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Int32 does not hold"));
        Assert.That(
            Tensor.RandInt([4], int.MaxValue, int.MaxValue + 1L, DType.Int32).ToArray<int>(),
            Is.All.EqualTo(int.MaxValue));
    }

    [Test]
    public void Dropout_zeroes_the_given_share_and_its_gradient_has_the_same_mask()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([40_000]);
        x.RequiresGradient = true;
        var y = x.Dropout(0.3, new RandomSource(8));
        y.Sum().Backward();
        Assert.That(y.Values().Count(v => v == 0), Is.EqualTo(12_000).Within(5 * Math.Sqrt(40_000 * 0.21)));
        Assert.That(y.Values().Average(), Is.EqualTo(1).Within(0.02));
        Assert.That(x.Gradient!.Values(), Is.EqualTo(y.Values()));
        Assert.That(x.Dropout(0), Is.SameAs(x));
        Assert.That(() => x.Dropout(1.5), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("1.5"));
    }

    [Test]
    public void Dropout_keeps_no_mask_for_backward()
    {
        using var scope = TensorScope.Begin();
        var device = new CpuDevice(1);
        var x = Tensor.Ones([10_000], device: device);
        x.RequiresGradient = true;
        long before = device.Memory.LiveBytes;
        x.Dropout(0.5);
        Assert.That(device.Memory.LiveBytes - before, Is.EqualTo(40_000), "the result and nothing else");
    }

    [Test]
    public void Bernoulli_masks_hold_ones_with_the_given_chance()
    {
        using var scope = TensorScope.Begin();
        int[] mask = Tensor.Bernoulli([10_000], 0.25, source: new RandomSource(2)).ToArray<int>();
        Assert.That(mask, Is.All.AnyOf(0, 1));
        Assert.That(mask.Sum(), Is.EqualTo(2500).Within(220));
        var chances = Tensor.From(0f, 1f, 0f, 1f);
        Assert.That(chances.Bernoulli().ToArray<int>(), Is.EqualTo(new[] { 0, 1, 0, 1 }));
        Assert.That(() => Tensor.Bernoulli([2], double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Host_draws_shuffle_without_losing_anything()
    {
        var source = new RandomSource(11);
        int[] values = [.. Enumerable.Range(0, 100)];
        source.Shuffle<int>(values);
        Assert.That(values, Is.EquivalentTo(Enumerable.Range(0, 100)));
        Assert.That(values, Is.Not.Ordered);
        Assert.That(() => source.NextInt(0), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Half_precision_draws_are_rounded_and_integer_draws_refused()
    {
        using var scope = TensorScope.Begin();
        Assert.That(Tensor.Randn([3], DType.BFloat16).DType, Is.EqualTo(DType.BFloat16));
        Assert.That(
            () => Tensor.Rand([3], DType.Int32),
            Throws.TypeOf<DTypeException>().With.Message.Contains("RandInt"));
    }
}
