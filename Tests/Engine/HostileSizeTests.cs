namespace MomentumCore.Tests.Engine;

/// <summary>Sizes, settings and values beyond what fits are refused with a sentence, never wrapped around.</summary>
[TestFixture]
internal sealed class HostileSizeTests
{
    private const int Most = int.MaxValue;

    private static IEnumerable<TestCaseData> TooLarge()
    {
        yield return Case("Add", () => Tensor.Zeros([65536, 1]) + Tensor.Zeros([1, 65536]));
        yield return Case("Less", () => Tensor.Zeros([65536, 1]).Less(Tensor.Zeros([1, 65536])));
        yield return Case("Where", () => Tensor.Where(
            Tensor.Zeros([65536, 1], DType.Int32), Tensor.Zeros([1, 65536]), Tensor.Zeros([1])));
        yield return Case("Concat", () => Tensor.Concat(
            [Tensor.Zeros([1]).Expand([2_000_000_000]), Tensor.Zeros([1]).Expand([2_000_000_000])]));
        yield return Case("Conv2d padding", () => Image().Conv2d(Kernel(), padding: Most));
        yield return Case("Conv2d dilation", () => Image().Conv2d(Kernel(), dilation: Most));
        yield return Case(
            "Conv2d dilation and padding", () => Image().Conv2d(Kernel(), padding: 1 << 30, dilation: 1 << 30));
        // 7 · 613566757 wraps around to 3.
        yield return Case("ConvTranspose2d stride", () => Image().ConvTranspose2d(Kernel(), stride: 613566757));
        yield return Case("ConvTranspose2d padding", () => Image().ConvTranspose2d(Kernel(), padding: Most));
        yield return Case("ConvTranspose2d dilation", () => Image().ConvTranspose2d(Kernel(), dilation: Most));
        yield return Case("MaxPool2d dilation", () => Image().MaxPool2d(3, dilation: Most));

        static TestCaseData Case(string name, Func<Tensor> call) => new TestCaseData(call).SetArgDisplayNames(name);
        static Tensor Image() => Tensor.Ones([1, 1, 8, 8]);
        static Tensor Kernel() => Tensor.Ones([1, 1, 3, 3]);
    }

    [TestCaseSource(nameof(TooLarge))]
    public void Results_beyond_the_largest_tensor_are_refused(Func<Tensor> call)
    {
        using var scope = TensorScope.Begin();
        Assert.That(() => call(), Throws.TypeOf<ShapeException>());
    }

    [TestCase((1 << 30) + 3)]
    [TestCase(int.MinValue)]
    [TestCase(Most)]
    public void Rolling_a_long_axis_does_not_leave_the_ints(int shift)
    {
        using var scope = TensorScope.Begin();
        Shape shape = [0, (1 << 30) + 7];
        Assert.That(Tensor.Zeros(shape).Roll(shift, 1).Shape, Is.EqualTo(shape));
        float[] expected = [.. Enumerable.Range(0, 5).Select(i => (float)((((i - (long)shift) % 5) + 5) % 5))];
        Assert.That(Tensor.Arange(0, 5).Roll(shift).ToArray<float>(), Is.EqualTo(expected));
    }

    [Test]
    public void Numbers_beyond_their_type_are_refused_with_the_type()
    {
        using var scope = TensorScope.Begin();
        Refuse(() => Tensor.Full([2], 1e6, DType.Float16), "Float16");
        Refuse(() => Tensor.Full([2], 1e300, DType.Float32), "Float32");
        Refuse(() => Tensor.Linspace(0, 1e6, 3, DType.Float16), "Float16");
        Refuse(() => Tensor.Linspace(-3e9, 1, 3, DType.Int32), "Int32");
        Refuse(() => Tensor.Full([2], 1, (DType)99), "99");
        Refuse(() => Tensor.Ones([2]).To((DType)99), "99");
        Assert.That(
            () => Tensor.RandInt([2], 0, 70_000, DType.Float16),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Float16"));
        Assert.That(() => Tensor.Linspace(0, double.NaN, 3), Throws.ArgumentException);
        var infinite = Tensor.Full([1], double.PositiveInfinity, DType.Float16);
        Assert.That(infinite.To(DType.Float32).Item(), Is.EqualTo(double.PositiveInfinity));
        int[] ends = Tensor.Linspace(int.MinValue, Most, 2, DType.Int32).ToArray<int>();
        Assert.That(ends, Is.EqualTo(new[] { int.MinValue, Most }));

        static void Refuse(Func<Tensor> call, string type) =>
            Assert.That(() => call(), Throws.TypeOf<DTypeException>().With.Message.Contains(type));
    }

    [Test]
    public void Settings_that_are_no_numbers_and_missing_arguments_are_refused()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([2, 3]);
        Assert.That(() => x.LeakyRelu(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Tensor.Attention(x, x, x, scale: double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => x.Sum(null!), Throws.ArgumentNullException);
        Assert.That(() => new MomentumCore.Layers.Checkpoint(null!), Throws.ArgumentNullException);
        Assert.That(
            () => x.Shape[1..5],
            Throws.TypeOf<ShapeException>().With.Message.Contains("1..5").And.Message.Contains("[2, 3]"));
        Assert.That(
            () => x + Tensor.Ones([2, 3], DType.Int32),
            Throws.TypeOf<DTypeException>().With.Message.Contains("To(DType.Float32)"));
    }

    [Test]
    public void A_window_whose_area_is_beyond_an_int_is_refused()
    {
        using var scope = TensorScope.Begin();
        var image = Tensor.Ones([1, 1, 8, 8]);
        Assert.That(() => image.AvgPool2d(65536, padding: 32768), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => image.MaxPool2d(65536, padding: 32768), Throws.InstanceOf<ArgumentException>());
    }

    [TestCase(3)]
    [TestCase(9)]
    [TestCase(Most)]
    public void A_stride_beyond_the_image_leaves_one_window_and_its_gradient(int stride)
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Arange(0, 4).Reshape(1, 1, 4, 1);
        x.RequiresGradient = true;
        x.AvgPool2d(new Size2D(2, 1), stride: stride).Sum().Backward();
        Assert.That(x.Gradient!.ToArray<float>(), Is.EqualTo(new[] { 0.5f, 0.5f, 0, 0 }));
        x.ZeroGradient();
        x.MaxPool2d(new Size2D(2, 1), stride: stride).Sum().Backward();
        Assert.That(x.Gradient!.ToArray<float>(), Is.EqualTo(new float[] { 0, 1, 0, 0 }));
        x.ZeroGradient();
        var weight = Tensor.From(3f, 5).Reshape(1, 1, 2, 1);
        x.Conv2d(weight, stride: stride, dilation: new Size2D(1, stride)).Sum().Backward();
        Assert.That(x.Gradient!.ToArray<float>(), Is.EqualTo(new float[] { 3, 5, 0, 0 }));
        Assert.That(
            Tensor.Ones([1, 1, 1, 1]).ConvTranspose2d(weight, stride: stride).ToArray<float>(),
            Is.EqualTo(new float[] { 3, 5 }));
    }

    [Test]
    public void Values_that_are_null_are_refused_by_name()
    {
        Assert.That(() => Tensor.From((float[])null!), Throws.ArgumentNullException);
        Assert.That(() => Tensor.From((float[])null!, [2]), Throws.ArgumentNullException);
    }

    [TestCase(double.NaN)]
    [TestCase(1.5)]
    [TestCase(2147483648.0)]
    [TestCase(-2147483649.0)]
    public void Integers_are_not_filled_with_what_is_none(double value)
    {
        using var scope = TensorScope.Begin();
        Assert.That(
            () => Tensor.Full([2], value, DType.Int32), Throws.TypeOf<DTypeException>().With.Message.Contains("Int32"));
    }

    [Test]
    public void Integers_are_filled_up_to_both_ends()
    {
        using var scope = TensorScope.Begin();
        Assert.That(Tensor.Full([1], int.MinValue, DType.Int32).Item(), Is.EqualTo(int.MinValue));
        Assert.That(Tensor.Full([1], int.MaxValue, DType.Int32).Item(), Is.EqualTo(int.MaxValue));
        Assert.That(Tensor.Full([1], long.MinValue, DType.Int64).ToArray<long>(), Is.EqualTo(new[] { long.MinValue }));
        Assert.That(() => Tensor.Full([1], Math.ScaleB(1, 63), DType.Int64), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void A_range_of_integers_beyond_their_type_is_refused()
    {
        using var scope = TensorScope.Begin();
        Assert.That(() => Tensor.Arange(3e9, 3e9 + 4, 1, DType.Int32), Throws.TypeOf<DTypeException>());
        Assert.That(
            () => Tensor.Arange(int.MaxValue - 1.0, int.MaxValue + 3.0, 1, DType.Int32),
            Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void A_bound_that_is_no_number_is_refused()
    {
        using var scope = TensorScope.Begin();
        Assert.That(() => Tensor.Ones([2]).Clamp(double.NaN, 1), Throws.ArgumentException);
    }

    [Test]
    public void Copying_between_overlapping_views_reads_before_it_writes()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Arange(0, 6);
        x.Slice(0, 1, 6).CopyFrom(x.Slice(0, 0, 5));
        Assert.That(x.ToArray<float>(), Is.EqualTo(new float[] { 0, 0, 1, 2, 3, 4 }));
        var square = Tensor.From(0f, 1, 2, 3).Reshape(2, 2).Clone();
        square.CopyFrom(square.Transpose(0, 1));
        Assert.That(square.ToArray<float>(), Is.EqualTo(new float[] { 0, 2, 1, 3 }));
    }

    [Test]
    public void Copying_into_a_view_that_repeats_elements_is_refused()
    {
        using var scope = TensorScope.Begin();
        var repeated = Tensor.Zeros([1]).Expand([3]);
        Assert.That(
            () => repeated.CopyFrom(Tensor.Arange(0, 3)),
            Throws.TypeOf<ShapeException>().With.Message.Contains("Clone()"));
    }

    [Test]
    public void Memory_that_the_machine_does_not_have_is_refused_before_it_is_touched()
    {
        long tooMuch = Math.Max(1L << 31, 2 * GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        Assert.That(
            () => Device.Cpu.Allocate(tooMuch), Throws.TypeOf<OutOfMemoryException>().With.Message.Contains("no room"));
    }
}
