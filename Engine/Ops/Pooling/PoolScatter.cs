using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>
/// dx = each g added at the place that a map names: the derivative of a maximum. From h = dL/d(dx): dg = h gathered at
/// the map. Keeps the map.
/// </summary>
internal sealed class PoolScatterOp(PoolShape shape) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
        [PoolMapExample.Create("two to one place", (g, map, s) => new PoolScatterOp(s).Apply(g, map), [2, 1, 2, 3])];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[1]);
        var g = inputs[0].Contiguous();
        var dx = g.EmptyLike([.. g.Shape[..^2], shape.InputHeight, shape.InputWidth]);
        var map = inputs[1].View<int>();
        switch (g.DType)
        {
            case DType.Float32:
                PoolPlanes.Scatter(g.Device, g.View<float>(), map, dx.View<float>(), shape);
                break;
            case DType.Float64:
                PoolPlanes.Scatter(g.Device, g.View<double>(), map, dx.View<double>(), shape);
                break;
            default: throw Map.Unsupported(Name, g.DType);
        }

        GC.KeepAlive(inputs[1]);
        return dx;
    }

    protected override Tensor?[] Backward(Tensor h) => [new PoolGatherOp(shape).Apply(h, Kept(0)), null];
}
