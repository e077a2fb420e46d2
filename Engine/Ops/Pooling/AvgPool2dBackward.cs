using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>
/// dx = Σ g / count over the windows that cover it; linear: its own derivative is the mean. Keeps nothing.
/// </summary>
internal sealed class AvgPool2dBackwardOp(PoolShape shape) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
        AvgPoolExamples.Create((t, shape) => new AvgPool2dBackwardOp(shape).Apply(t), fromOutput: true);

    protected override Tensor Forward(Tensor[] inputs)
    {
        var g = inputs[0].Contiguous();
        var dx = g.EmptyLike([.. g.Shape[..^2], shape.InputHeight, shape.InputWidth]);
        switch (g.DType)
        {
            case DType.Float32:
                Pooling.AverageGradient(g.Device, dx.Count, g.View<float>(), dx.View<float>(), shape);
                break;
            case DType.Float64:
                Pooling.AverageGradient(g.Device, dx.Count, g.View<double>(), dx.View<double>(), shape);
                break;
            default: throw Map.Unsupported(Name, g.DType);
        }

        return dx;
    }

    protected override Tensor?[] Backward(Tensor h) => [new AvgPool2dOp(shape).Apply(h)];
}
