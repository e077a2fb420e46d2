using MomentumCore.Layers;

namespace MomentumCore.Tests.Layers;

/// <summary>Settings and inputs that make no sense are refused where they are given, with the numbers.</summary>
[TestFixture]
internal sealed class LayerSettingTests
{
    private static IEnumerable<TestCaseData> Wrong()
    {
        static TestCaseData Case(string label, Func<Module> make, string message) =>
            new TestCaseData(make, message).SetArgDisplayNames(label);
        yield return Case("Linear(0, 1)", () => new Linear(0, 1), "inFeatures must be 1 or more; got 0");
        yield return Case("Linear(1, -1)", () => new Linear(1, -1), "outFeatures must be 1 or more; got -1");
        yield return Case("Conv2d, no channels", () => new Conv2d(0, 1, 3), "inChannels must be 1 or more; got 0");
        yield return Case("Conv2d, kernel 0", () => new Conv2d(1, 1, (3, 0)), "kernel must be 1 or more; got (3, 0)");
        yield return Case(
            "Conv2d, stride 0", () => new Conv2d(1, 1, 3, stride: 0), "stride must be 1 or more; got (0, 0)");
        yield return Case(
            "Conv2d, padding -1", () => new Conv2d(1, 1, 3, padding: -1), "padding must be 0 or more; got (-1, -1)");
        yield return Case("Conv2d, dilation 0", () => new Conv2d(1, 1, 3, dilation: 0), "dilation must be 1 or more");
        yield return Case(
            "Conv2d, groups", () => new Conv2d(4, 6, 3, groups: 4), "outChannels (6) must be a multiple of groups (4)");
        yield return Case(
            "ConvTranspose2d, outputPadding",
            () => new ConvTranspose2d(1, 1, 3, 2, 0, 2),
            "outputPadding (2, 2) must be below stride (2, 2)");
        yield return Case(
            "ConvTranspose2d, groups",
            () => new ConvTranspose2d(3, 4, 3, groups: 2),
            "inChannels (3) must be a multiple of groups (2)");
        yield return Case("BatchNorm2d, eps", () => new BatchNorm2d(3, eps: 0), "eps must be above 0; got 0");
        yield return Case(
            "BatchNorm1d, momentum", () => new BatchNorm1d(3, momentum: 1.5), "momentum must lie in [0, 1]; got 1.5");
        yield return Case("LayerNorm, no axes", () => new LayerNorm([]), "normalizedShape needs an axis");
        yield return Case(
            "GroupNorm, groups", () => new GroupNorm(4, 6), "channels (6) must be a multiple of groups (4)");
        yield return Case("InstanceNorm2d, channels", () => new InstanceNorm2d(0), "channels must be 1 or more");
        yield return Case("Dropout(1.5)", () => new Dropout(1.5), "p must lie in [0, 1]; got 1.5");
        yield return Case("Dropout(NaN)", () => new Dropout(double.NaN), "p must lie in [0, 1]; got NaN");
        yield return Case(
            "MaxPool2d, padding", () => new MaxPool2d(2, padding: 2), "at most half of the kernel (2, 2); got (2, 2)");
        yield return Case("AvgPool2d, kernel", () => new AvgPool2d(0), "kernel must be 1 or more");
        yield return Case("AdaptiveAvgPool2d(0)", () => new AdaptiveAvgPool2d(0), "output must be 1 or more");
        yield return Case("AdaptiveMaxPool2d(0)", () => new AdaptiveMaxPool2d((1, 0)), "output must be 1 or more");
        yield return Case("Embedding, entries", () => new Embedding(0, 3), "entries must be 1 or more");
        yield return Case(
            "Embedding, padding", () => new Embedding(5, 3, 5), "paddingIndex must be from -5 to 4; got 5");
        yield return Case(
            "MultiheadAttention, heads", () => new MultiheadAttention(6, 4), "dim (6) must be a multiple of heads (4)");
        yield return Case(
            "MultiheadAttention, dropout", () => new MultiheadAttention(6, 2, -0.1), "dropout must lie in [0, 1]");
        yield return Case(
            "CrossEntropyLoss, smoothing",
            () => new CrossEntropyLoss(labelSmoothing: 2),
            "labelSmoothing must lie in [0, 1]; got 2");
        yield return Case("SmoothL1Loss, beta", () => new SmoothL1Loss(-1), "beta");
    }

    [TestCaseSource(nameof(Wrong))]
    public void A_setting_out_of_range_is_refused(Func<Module> make, string message) =>
        Assert.That(() => make(), Throws.InstanceOf<ArgumentException>().With.Message.Contains(message));

    [Test]
    public void Inputs_that_do_not_fit_are_refused_with_both_shapes()
    {
        using var scope = TensorScope.Begin();
        Assert.That(() => new Linear(3, 2).Call(Tensor.Ones([1, 4])), Throws.TypeOf<ShapeException>());
        Assert.That(
            () => new BatchNorm2d(3).Call(Tensor.Ones([2, 3])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("BatchNorm2d: wants [images"));
        Assert.That(
            () => new BatchNorm1d(3).Call(Tensor.Ones([2, 4])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("made for 3 channels"));
        Assert.That(
            () => new GroupNorm(1, 3).Call(Tensor.Ones([2, 4, 1])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("[batch, 3, …]"));
        Assert.That(
            () => new InstanceNorm2d(3).Call(Tensor.Ones([2, 3, 4])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("[images, 3, height, width]"));
        Assert.That(
            () => new MseLoss().Call(Tensor.Ones([2])),
            Throws.ArgumentException.With.Message.Contains("takes a prediction and a target; got 1"));
        var attention = new MultiheadAttention(4, 2);
        var x = Tensor.Ones([3, 2, 4]);
        Assert.That(
            () => attention.Call(Tensor.Ones([3, 2, 5])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("[places, batch, 4]"));
        Assert.That(() => attention.Call(x, x), Throws.ArgumentException.With.Message.Contains("got 2 tensors"));
        Assert.That(
            () => attention.Call(x, Tensor.Ones([3, 1, 4]), Tensor.Ones([3, 1, 4])), Throws.TypeOf<ShapeException>());
        Assert.That(
            () => attention.Attend(x, x, x, Tensor.Ones([2, 3])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("attentionMask must be [3, 3] or [4, 3, 3]"));
        Assert.That(
            () => attention.Attend(x, x, x, keyMask: Tensor.Ones([2, 3])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("keyMask must be Int32 [2, 3]; got Float32"));
    }
}
