using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>Picks one element per index along an axis: y[.., j, ..] = x[.., index[.., j, ..], ..].</summary>
    /// <param name="axis">The axis that the indices count along; negative counts from the end.</param>
    /// <param name="index">
    /// Int64 or Int32, as many axes as this tensor and nowhere larger than it, except along the axis. The result has
    /// its shape.
    /// </param>
    /// <exception cref="ShapeException">
    /// The index has another number of axes, or is larger along another axis.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative or not smaller than the axis.</exception>
    public Tensor Gather(int axis, Tensor index)
    {
        ArgumentNullException.ThrowIfNull(index);
        axis = Shape.Axis(axis);
        var cropped = CropTo(nameof(Gather), index, axis);
        var y = new GatherOp(axis).Apply(cropped, index);
        if (!ReferenceEquals(cropped, this))
            cropped.Dispose();
        return y;
    }

    /// <summary>This tensor cut to the sizes of an index on all axes but one.</summary>
    private Tensor CropTo(string name, Tensor index, int axis)
    {
        if (index.Rank != Rank)
        {
            throw new ShapeException(
                $"{name}: the index has shape {index.Shape}, the tensor {Shape}; both need the same number of axes.");
        }

        var x = this;
        for (int a = 0; a < Rank; a++)
        {
            if (a == axis || index.Shape[a] == Shape[a])
                continue;
            if (index.Shape[a] > Shape[a])
            {
                throw new ShapeException(
                    $"{name}: index shape {index.Shape} is larger than {Shape} along axis {a}; " +
                    $"only axis {axis} may be larger.");
            }

            var smaller = x.Slice(a, 0, index.Shape[a]);
            if (!ReferenceEquals(x, this))
                x.Dispose();
            x = smaller;
        }

        return x;
    }
}

/// <summary>y = x at the indices; dx = zeros with g added at the indices, in order. Keeps the index.</summary>
internal sealed class GatherOp(int axis) : Op, IOpExamples
{
    private Shape _before;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("class of each row", 1, [4, 7], [4, 1]),
        Example("more than there are", 0, [3, 2], [5, 2]),
        Example("middle, smaller index", -2, [3, 5, 4], [2, 2, 3]),
        Example("vector", 0, [6], [3]),
        Example("empty index", 1, [2, 3], [2, 0]),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var (x, index) = (inputs[0], inputs[1]);
        Indices.RequireSameDevice(Name, x, index);
        _before = x.Shape;
        Keep(index);
        var indices = Indices.Checked(Name, index, x.Shape[axis], $"axis {axis} of shape {x.Shape}");
        var y = x.EmptyLike(index.Shape);
        var sizes = (x.Shape[axis], index.Shape[axis], Indices.Around(x.Shape, axis).Inner);
        Indices.Run(
            Name, y.Count, (x.Contiguous(), indices, y), sizes,
            Indexing.Gather, Indexing.Gather, Indexing.Gather, Indexing.Gather);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [new GatherBackwardOp(_before, axis).Apply(g, Kept(0)), null];

    private static OpExample Example(string label, int axis, Shape shape, Shape index) =>
        new(label, t => t[0].Gather(axis, t[1]), OpInput.Uniform(shape), OpInput.Index(index, shape[axis]))
        {
            Options = new Dictionary<string, object> { ["axis"] = axis },
        };
}

/// <summary>Zeros with x added at the indices; dx = g at the indices. Keeps the index.</summary>
internal sealed class GatherBackwardOp(Shape shape, int axis) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new(
            "rows", t => new GatherBackwardOp([3, 4], 1).Apply(t[0], t[1]),
            OpInput.Uniform([3, 6]), OpInput.Index([3, 6], 4)),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[1]);
        var y = Tensor.Zeros(shape, inputs[0].DType, inputs[0].Device);
        ScatterAddOp.AddInto(Name, y, axis, inputs[1], inputs[0]);
        return y;
    }

    protected override Tensor?[] Backward(Tensor h) => [new GatherOp(axis).Apply(h, Kept(0)), null];
}
