using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>y = h at the place that a map names; dh = g scattered to the map. Keeps the map.</summary>
internal sealed class PoolGatherOp(PoolShape shape) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
        [PoolMapExample.Create("one place twice", (h, map, s) => new PoolGatherOp(s).Apply(h, map), [2, 1, 3, 3])];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[1]);
        var h = inputs[0].Contiguous();
        var y = h.EmptyLike([.. h.Shape[..^2], shape.OutputHeight, shape.OutputWidth]);
        var map = inputs[1].View<int>();
        switch (h.DType)
        {
            case DType.Float32:
                Pooling.Gather(
                    h.Device, y.Count, h.View<float>(), map, y.View<float>(), shape.InputSize, shape.OutputSize);
                break;
            case DType.Float64:
                Pooling.Gather(
                    h.Device, y.Count, h.View<double>(), map, y.View<double>(), shape.InputSize, shape.OutputSize);
                break;
            default: throw Map.Unsupported(Name, h.DType);
        }

        GC.KeepAlive(inputs[1]);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [new PoolScatterOp(shape).Apply(g, Kept(0)), null];
}

/// <summary>
/// A map of maxima for the examples: two planes, 3×3 to 2×3, with a place used twice and one outside.
/// </summary>
internal static class PoolMapExample
{
    private static readonly int[] Places = [0, 4, 4, 8, -1, 2, 3, 3, 3, 7, 6, 0];

    public static OpExample Create(string label, Func<Tensor, Tensor, PoolShape, Tensor> call, Shape input)
    {
        var shape = new PoolShape { Planes = 2, InputHeight = 3, InputWidth = 3, OutputHeight = 2, OutputWidth = 3 };
        return new OpExample(
            label, t => call(t[0], Tensor.From(Places, [2, 1, 2, 3], t[0].Device), shape), OpInput.Uniform(input))
        {
            Options = new Dictionary<string, object> { ["map"] = Places },
        };
    }
}
