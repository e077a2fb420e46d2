namespace MomentumCore.Engine;

/// <summary>The convolutions on which one test checks all three bilinear maps.</summary>
internal static class ConvolutionExamples
{
    private static readonly Case[] Cases =
    [
        new("3×3", [2, 3, 5, 6], [4, 3, 3, 3], new(1, 0, 1, 1)),
        new("padded", [1, 2, 4, 5], [3, 2, 3, 3], new(1, 1, 1, 1)),
        new("stride 2", [2, 2, 6, 7], [3, 2, 3, 3], new(2, 1, 1, 1)),
        new("uneven", [1, 2, 7, 6], [2, 2, 3, 2], new((2, 1), (0, 1), (1, 2), 1)),
        new("dilated", [1, 2, 7, 7], [2, 2, 3, 3], new(1, 2, 2, 1)),
        new("dilated, stride 3", [1, 1, 9, 8], [2, 1, 2, 3], new(3, 1, 2, 1)),
        new("two groups", [2, 4, 4, 4], [6, 2, 3, 3], new(1, 1, 1, 2)),
        new("depthwise", [2, 3, 5, 4], [3, 1, 3, 3], new(1, 1, 1, 3)),
        new("depthwise, stride 2", [1, 2, 5, 5], [4, 1, 3, 3], new(2, 1, 1, 2)),
        new("1×1", [2, 3, 3, 5], [4, 3, 1, 1], new(1, 0, 1, 1)),
        new("1×1, stride 2", [1, 3, 5, 5], [2, 3, 1, 1], new(2, 0, 1, 1)),
        new("one element", [1, 1, 1, 1], [1, 1, 1, 1], new(1, 0, 1, 1)),
        new("whole image", [2, 2, 3, 4], [3, 2, 3, 4], new(1, 0, 1, 1)),
        new("more padding than image", [1, 1, 1, 2], [1, 1, 2, 2], new(1, 2, 1, 1)),
        new("no images", [0, 2, 4, 4], [3, 2, 3, 3], new(1, 1, 1, 1)),
    ];

    public static IEnumerable<OpExample> Forward =>
    [
        .. Cases.Select(c => c.Example(t => c.Convolve(t[0], t[1]), c.Input, c.Weight)),
        .. Cases.Take(3).Select(c => (c with { Label = c.Label + ", bias" })
            .Example(t => c.Convolve(t[0], t[1], t[2]), c.Input, c.Weight, [c.Weight[0]])),
    ];

    public static IEnumerable<OpExample> Transposed =>
    [
        .. Cases.Select(c => c.Example(
            t => new ConvTranspose2dOp(c.Sizes).Apply(t[0], t[1]), Convolutions.Output(c.Sizes), c.Weight)),
        .. Cases.Take(3).Select(c => (c with { Label = c.Label + ", bias" }).Example(
            t => new ConvTranspose2dOp(c.Sizes).Apply(t[0], t[1], t[2]), Convolutions.Output(c.Sizes), c.Weight,
            [c.Input[1]])),
    ];

    public static IEnumerable<OpExample> WeightGradient =>
    [
        .. Cases.Select(c => c.Example(
            t => new Conv2dWeightGradientOp(c.Sizes).Apply(t[0], t[1]), c.Input, Convolutions.Output(c.Sizes))),
    ];

    private sealed record Case(string Label, Shape Input, Shape Weight, ConvolutionSettings Settings)
    {
        public Kernels.Library.ConvolutionShape Sizes => Settings.For("Conv2d", Input, Weight);

        public Tensor Convolve(Tensor x, Tensor weight, Tensor? bias = null) => x.Conv2d(
            weight, bias, Settings.Stride, Settings.Padding, Settings.Dilation, Settings.Groups);

        public OpExample Example(Func<Tensor[], Tensor> call, params Shape[] inputs) =>
            new(Label, call, [.. inputs.Select(shape => OpInput.Uniform(shape, -1, 1))])
            {
                Options = new Dictionary<string, object>
                {
                    ["input"] = Input,
                    ["weight"] = Weight,
                    ["settings"] = Settings,
                },
            };
    }
}
