using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// A copy with <paramref name="source"/> added where the indices say: y[.., index[.., j, ..], ..] += source[.., j,
    /// ..].
    /// </summary>
    /// <remarks>Elements that fall on the same place are added in their order: the same bits on every run.</remarks>
    /// <param name="axis">The axis that the indices count along; negative counts from the end.</param>
    /// <param name="index">Int64 or Int32; as this tensor except along the axis.</param>
    /// <param name="source">What to add, in the shape of the index.</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative or not smaller than the axis.</exception>
    public Tensor ScatterAdd(int axis, Tensor index, Tensor source)
    {
        ArgumentNullException.ThrowIfNull(index);
        ArgumentNullException.ThrowIfNull(source);
        axis = Shape.Axis(axis);
        if (source.Shape != index.Shape)
        {
            throw new ShapeException(
                $"ScatterAdd: source has shape {source.Shape}, index {index.Shape}; they must be equal.");
        }

        if (index.Rank != Rank || index.Shape.With(axis, 0) != Shape.With(axis, 0))
        {
            throw new ShapeException(
                $"ScatterAdd: index has shape {index.Shape}, the tensor {Shape}; " +
                $"only axis {axis} may differ in size.");
        }

        return new ScatterAddOp(axis).Apply(this, index, source);
    }
}

/// <summary>y = x with s added at the indices; dx = g, ds = g at the indices. Keeps the index.</summary>
internal sealed class ScatterAddOp(int axis) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        Example("rows", 0, [3, 2], [5, 2]),
        Example("last of three", -1, [2, 3, 4], [2, 3, 3]),
        Example("vector", 0, [4], [9]),
        Example("nothing", 0, [4], [0]),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Map.RequireSame(Name, inputs[0], inputs[2]);
        Keep(inputs[1]);
        var y = inputs[0].Clone();
        AddInto(Name, y, axis, inputs[1], inputs[2]);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) =>
        [Needs(0) ? g : null, null, Needs(2) ? new GatherOp(axis).Apply(g, Kept(0)) : null];

    /// <summary>Adds a source to a gapless y at checked indices.</summary>
    public static void AddInto(string name, Tensor y, int axis, Tensor index, Tensor source)
    {
        Indices.RequireSameDevice(name, y, index);
        var indices = Indices.Checked(name, index, y.Shape[axis], $"axis {axis} of shape {y.Shape}");
        var (outer, inner) = Indices.Around(y.Shape, axis);
        Indices.Run(
            name, outer * inner, (source.Contiguous(), indices, y), (y.Shape[axis], index.Shape[axis], inner),
            Indexing.ScatterAdd, Indexing.ScatterAdd, Indexing.ScatterAdd, Indexing.ScatterAdd);
    }

    private static OpExample Example(string label, int axis, Shape shape, Shape index) =>
        new(
            label, t => t[0].ScatterAdd(axis, t[1], t[2]),
            OpInput.Uniform(shape), OpInput.Index(index, shape[axis]), OpInput.Uniform(index))
        {
            Options = new Dictionary<string, object> { ["axis"] = axis },
        };
}
