using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Data;

/// <summary>What the image transforms do to pixels.</summary>
[TestFixture]
internal sealed class TransformTests
{
    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void Normalize_moves_and_scales_each_channel(DType dtype)
    {
        using var scope = TensorScope.Begin();
        var images = TestTensors.Make([1, 2, 10, 20, 3, 4, 30, 40], [2, 2, 1, 2], dtype);
        var result = new Normalize([1, 10], [2, 5]).Apply(images, Random(2));
        Assert.That(result.Values(), Is.EqualTo(new[] { 0, 0.5, 0, 2, 1, 1.5, 4, 6 }));
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void A_flip_mirrors_whole_images_left_to_right(DType dtype)
    {
        using var scope = TensorScope.Begin();
        double[] pixels = [.. Enumerable.Range(0, 64 * 6).Select(i => (double)i)];
        var result =
            new RandomHorizontalFlip().Apply(TestTensors.Make(pixels, [64, 1, 2, 3], dtype), Random(64)).Values();
        int mirrored = 0;
        for (int i = 0; i < 64; i++)
        {
            double[] plain = pixels[(6 * i)..(6 * (i + 1))];
            double[] got = result[(6 * i)..(6 * (i + 1))];
            double[] flipped = [plain[2], plain[1], plain[0], plain[5], plain[4], plain[3]];
            Assert.That(got, Is.EqualTo(plain).Or.EqualTo(flipped));
            mirrored += got.SequenceEqual(flipped) ? 1 : 0;
        }

        Assert.That(mirrored, Is.InRange(20, 44));
    }

    [Test]
    public void A_flip_with_probability_0_or_1_is_never_or_always()
    {
        using var scope = TensorScope.Begin();
        var images = Tensor.From([1f, 2f], [1, 1, 1, 2]);
        Assert.That(
            new RandomHorizontalFlip(0).Apply(images.Clone(), Random(1)).Values(), Is.EqualTo(new double[] { 1, 2 }));
        Assert.That(
            new RandomHorizontalFlip(1).Apply(images.Clone(), Random(1)).Values(), Is.EqualTo(new double[] { 2, 1 }));
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void A_crop_is_a_window_of_the_padded_image_and_every_place_occurs(DType dtype)
    {
        using var scope = TensorScope.Begin();
        const int Count = 200;
        // Pixel values say where they came from: 1 + 10 row + column, plus 100 for the second channel.
        double[] one = [.. from c in new[] { 0, 100 } from y in new[] { 0, 10, 20 } from x in new[] { 1, 2, 3 } select (double)(c + y + x)];
        double[] pixels = [.. Enumerable.Range(0, Count).SelectMany(_ => one)];
        var result = new RandomCrop(2, 4, padding: 1).Apply(
            TestTensors.Make(pixels, [Count, 2, 3, 3], dtype), Random(Count));
        Assert.That(result.Shape, Is.EqualTo(Shape.Create([Count, 2, 2, 4])));
        double Padded(int c, int y, int x) => y is >= 0 and < 3 && x is >= 0 and < 3 ? one[(9 * c) + (3 * y) + x] : 0;
        double[] values = result.Values();
        var places = new HashSet<(int, int)>();
        for (int i = 0; i < Count; i++)
        {
            double[] got = values[(16 * i)..(16 * (i + 1))];
            var place = (from top in Enumerable.Range(-1, 4)
                         from left in Enumerable.Range(-1, 2)
                         let window = (from c in Enumerable.Range(0, 2)
                                       from y in Enumerable.Range(top, 2)
                                       from x in Enumerable.Range(left, 4)
                                       select Padded(c, y, x)).ToArray()
                         where window.SequenceEqual(got)
                         select (top, left)).ToArray();
            Assert.That(place, Has.Length.EqualTo(1), $"image {i}");
            places.Add(place[0]);
        }

        Assert.That(places, Has.Count.EqualTo(8));
    }

    [Test]
    public void What_happens_to_a_sample_does_not_depend_on_its_batch()
    {
        using var scope = TensorScope.Begin();
        var images = Tensor.From([.. Enumerable.Range(0, 8 * 25).Select(i => (float)i)], [8, 1, 5, 5]);
        var crop = new RandomCrop(5, padding: 2);
        var together = crop.Apply(images, new SampleRandom(1, epoch: 2, [0, 1, 2, 3, 4, 5, 6, 7], transform: 0));
        var alone = crop.Apply(images.Slice(0, 6, 7).Clone(), new SampleRandom(1, epoch: 2, [6], transform: 0));
        Assert.That(alone.Values(), Is.EqualTo(together.Slice(0, 6, 7).Values()));
    }

    [Test]
    public void Seed_epoch_sample_and_transform_each_change_the_numbers()
    {
        double Draw(ulong seed, int epoch, int sample, int transform) =>
            new SampleRandom(seed, epoch, [sample], transform)[0].NextDouble();
        double[] draws = [Draw(0, 0, 0, 0), Draw(1, 0, 0, 0), Draw(0, 1, 0, 0), Draw(0, 0, 1, 0), Draw(0, 0, 0, 1)];
        Assert.That(draws, Is.Unique);
        Assert.That(Draw(0, 0, 0, 0), Is.EqualTo(draws[0]));
    }

    [Test]
    public void Inputs_that_are_no_images_are_refused_with_their_shape()
    {
        using var scope = TensorScope.Begin();
        var vector = Tensor.Zeros([3]);
        var small = Tensor.Zeros([1, 1, 4, 4]);
        Assert.That(
            () => new RandomCrop(2).Apply(vector, Random(3)),
            Throws.TypeOf<ShapeException>().With.Message.Contains("[3]"));
        Assert.That(
            () => new RandomCrop(7, padding: 1).Apply(small, Random(1)),
            Throws.TypeOf<ShapeException>().With.Message.Contains("7 by 7"));
        Assert.That(
            () => new Normalize([1, 2], [1, 2]).Apply(small, Random(1)),
            Throws.TypeOf<ShapeException>().With.Message.Contains("channels"));
        Assert.That(
            () => new RandomHorizontalFlip().Apply(Tensor.Zeros([1, 1, 1, 1], DType.Int64), Random(1)),
            Throws.TypeOf<DTypeException>());
        Assert.That(() => new Normalize([1], [0]), Throws.ArgumentException);
        Assert.That(() => new Normalize([1, 2], [1]), Throws.ArgumentException);
        Assert.That(() => new RandomHorizontalFlip(1.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static SampleRandom Random(int count) =>
        new(seed: 1, epoch: 0, [.. Enumerable.Range(0, count)], transform: 0);
}
