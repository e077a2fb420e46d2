using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>Running sums along an axis: y[.., k, ..] = x[.., 0, ..] + … + x[.., k, ..], added in order.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public Tensor CumSum(int axis) => new CumSumOp(Shape.Axis(axis), reverse: false).Apply(this);
}

/// <summary>
/// Running sums from the start, or from the end; dx = running sums of g from the other side. Keeps nothing.
/// </summary>
internal sealed class CumSumOp(int axis, bool reverse) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        Example("columns", [4, 3], 0, false),
        Example("middle", [2, 5, 3], 1, false),
        Example("from the end", [2, 5], 1, true),
        Example("empty", [2, 0], 1, false),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0].Contiguous();
        var y = x.EmptyLike(x.Shape);
        var (outer, inner) = Indices.Around(x.Shape, axis);
        int columns = outer * inner, length = x.Shape[axis], backwards = reverse ? 1 : 0;
        switch (x.DType)
        {
            case DType.Float32:
                Indexing.CumSum(x.Device, columns, x.View<float>(), y.View<float>(), length, inner, backwards);
                break;
            case DType.Float64:
                Indexing.CumSum(x.Device, columns, x.View<double>(), y.View<double>(), length, inner, backwards);
                break;
            case DType.Int32:
                Indexing.CumSum(x.Device, columns, x.View<int>(), y.View<int>(), length, inner, backwards);
                break;
            case DType.Int64:
                Indexing.CumSum(x.Device, columns, x.View<long>(), y.View<long>(), length, inner, backwards);
                break;
            default: throw Map.Unsupported(Name, x.DType);
        }

        GC.KeepAlive(x);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [new CumSumOp(axis, !reverse).Apply(g)];

    private static OpExample Example(string label, Shape shape, int axis, bool reverse) =>
        new(label, t => new CumSumOp(axis, reverse).Apply(t[0]), OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object> { ["axis"] = axis, ["reverse"] = reverse },
        };
}
