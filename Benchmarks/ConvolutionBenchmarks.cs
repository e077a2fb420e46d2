using BenchmarkDotNet.Attributes;
using MomentumCore.Engine;

namespace MomentumCore.Benchmarks;

/// <summary>
/// Convolutions, forward and both gradients, of the sizes of a ResNet-18 on 32×32 images and of a digit network.
/// </summary>
public class ConvolutionBenchmarks
{
    private Tensor _input = null!; // Set by Prepare, before any run.
    private Tensor _weight = null!;
    private Tensor _output = null!;

    /// <summary>The sizes.</summary>
    public static IEnumerable<ConvolutionSize> Sizes =>
    [
        new("stem", 32, 3, 32, 64, 7, 2, 3),
        new("stage 1", 32, 64, 8, 64, 3, 1, 1),
        new("stage 2 down", 32, 64, 8, 128, 3, 2, 1),
        new("stage 2", 32, 128, 4, 128, 3, 1, 1),
        new("stage 3", 32, 256, 2, 256, 3, 1, 1),
        new("stage 4", 32, 512, 1, 512, 3, 1, 1),
        new("digits", 64, 16, 28, 16, 3, 1, 1),
        new("digits 1x1", 64, 32, 14, 32, 1, 1, 0),
        new("depthwise", 32, 128, 16, 128, 3, 1, 1, Groups: 128),
    ];

    /// <summary>The size of this run.</summary>
    [ParamsSource(nameof(Sizes))]
    public ConvolutionSize Size { get; set; } = null!;

    /// <summary>Makes the operands.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _input = Tensor.Rand([Size.Images, Size.Input, Size.Side, Size.Side]);
        _weight = Tensor.Rand([Size.Output, Size.Input / Size.Groups, Size.Kernel, Size.Kernel]);
        _output = Convolve(_input, _weight);
    }

    /// <summary>y from x and w.</summary>
    [Benchmark]
    public void Forward() => Convolve(_input, _weight).Dispose();

    /// <summary>Forward, and dx from g.</summary>
    [Benchmark]
    public void InputGradient() => Differentiate(_input, _weight, _input);

    /// <summary>Forward, and dw from g.</summary>
    [Benchmark]
    public void WeightGradient() => Differentiate(_input, _weight, _weight);

    private Tensor Convolve(Tensor input, Tensor weight) =>
        input.Conv2d(weight, stride: Size.Stride, padding: Size.Padding, groups: Size.Groups);

    private void Differentiate(Tensor input, Tensor weight, Tensor target)
    {
        using var scope = TensorScope.Begin();
        target.RequiresGradient = true;
        Gradients.Of([Convolve(input, weight)], [target], [_output]);
        target.RequiresGradient = false;
    }
}
