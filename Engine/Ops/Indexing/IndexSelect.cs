using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>Picks whole slices along an axis: y[.., j, ..] = x[.., index[j], ..].</summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="index">A vector of Int64 or Int32.</param>
    /// <exception cref="ShapeException">The index is no vector, or there is no such axis.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is negative or not smaller than the axis.</exception>
    public Tensor IndexSelect(int axis, Tensor index)
    {
        ArgumentNullException.ThrowIfNull(index);
        if (index.Rank != 1)
        {
            throw new ShapeException(
                $"IndexSelect: the index must be a vector; got shape {index.Shape}. " +
                "Gather takes an index per element.");
        }

        return new IndexSelectOp(Shape.Axis(axis)).Apply(this, index);
    }

    /// <summary>Looks up rows of this table: y[i, .., :] = weight[indices[i, ..], :].</summary>
    /// <param name="indices">Int64 or Int32, any shape.</param>
    /// <returns>[indices' shape, width].</returns>
    /// <exception cref="ShapeException">This table is no matrix [rows, width].</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// An index is negative or not smaller than the number of rows.
    /// </exception>
    public Tensor Embedding(Tensor indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        if (Rank != 2)
            throw new ShapeException($"Embedding: the table must be [rows, width]; got shape {Shape}.");
        if (indices.Rank == 1)
            return IndexSelect(0, indices);
        using var flat = indices.Reshape(-1);
        return IndexSelect(0, flat).IntoShape([.. indices.Shape, Shape[1]]);
    }
}

/// <summary>y = slices of x; dx = zeros with the slices of g added in order. Keeps the index.</summary>
internal sealed class IndexSelectOp(int axis) : Op, IOpExamples
{
    private Shape _before;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("rows, some twice", 0, [4, 3], 7),
        Example("middle", 1, [2, 5, 3], 3),
        Example("last", 2, [2, 2, 5], 4),
        Example("many columns", 0, [3, 150], 5),
        Example("nothing", 0, [4, 3], 0),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var (x, index) = (inputs[0], inputs[1]);
        Indices.RequireSameDevice(Name, x, index);
        _before = x.Shape;
        Keep(index);
        var indices = Indices.Checked(Name, index, x.Shape[axis], $"axis {axis} of shape {x.Shape}");
        int taken = index.Count;
        var y = x.EmptyLike(x.Shape.With(axis, taken));
        var (outer, inner) = Indices.Around(x.Shape, axis);
        Indices.Run(
            Name, outer * taken, (x.Contiguous(), indices, y), (x.Shape[axis], taken, inner),
            Indexing.SelectRows, Indexing.SelectRows, Indexing.SelectRows, Indexing.SelectRows);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) =>
        [new IndexSelectBackwardOp(_before, axis).Apply(g, Kept(0)), null];

    private static OpExample Example(string label, int axis, Shape shape, int taken) =>
        new(label, t => t[0].IndexSelect(axis, t[1]), OpInput.Uniform(shape), OpInput.Index([taken], shape[axis]))
        {
            Options = new Dictionary<string, object> { ["axis"] = axis },
        };
}

/// <summary>Zeros with slices added at the indices; dx = those slices of g. Keeps the index.</summary>
internal sealed class IndexSelectBackwardOp(Shape shape, int axis) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new(
            "columns", t => new IndexSelectBackwardOp([2, 4], 1).Apply(t[0], t[1]),
            OpInput.Uniform([2, 6]), OpInput.Index([6], 4)),
        new(
            "wide rows", t => new IndexSelectBackwardOp([3, 130], 0).Apply(t[0], t[1]),
            OpInput.Uniform([5, 130]), OpInput.Index([5], 3)),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var (x, index) = (inputs[0].Contiguous(), inputs[1]);
        Keep(index);
        var indices = Indices.Checked(Name, index, shape[axis], $"axis {axis} of shape {shape}");
        var y = Tensor.Zeros(shape, x.DType, x.Device);
        var (outer, inner) = Indices.Around(shape, axis);
        int groups = (inner + Indexing.ColumnGroup - 1) / Indexing.ColumnGroup;
        Indices.Run(
            Name, outer * groups, (x, indices, y), (shape[axis], index.Count, inner),
            Indexing.AddRows, Indexing.AddRows, Indexing.AddRows, Indexing.AddRows);
        return y;
    }

    protected override Tensor?[] Backward(Tensor h) => [new IndexSelectOp(axis).Apply(h, Kept(0)), null];
}
