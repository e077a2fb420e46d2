namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The same elements in another shape; one size may be −1 and is worked out. A view where the memory allows it.
    /// </summary>
    /// <exception cref="ShapeException">The number of elements would change.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> sizes)
    {
        var shape = InferShape(sizes);
        return shape == Shape ? this : new ReshapeOp(shape).Apply(this);
    }

    /// <summary>This temporary result in another shape; its handle is given up.</summary>
    internal Tensor IntoShape(Shape shape)
    {
        if (shape == Shape)
            return this;
        var reshaped = Reshape(shape);
        Dispose();
        return reshaped;
    }

    private Shape InferShape(ReadOnlySpan<int> sizes)
    {
        int unknown = sizes.IndexOf(-1);
        int[] known = sizes.ToArray();
        if (unknown >= 0)
        {
            if (sizes[(unknown + 1)..].Contains(-1))
            {
                throw new ShapeException(
                    $"Reshape: -1 may stand only once in [{string.Join(", ", known)}]; " +
                    "one size can be worked out, not two.");
            }

            known[unknown] = 1;
            int rest = Shape.Create(known).ElementCount;
            known[unknown] = rest > 0 ? Count / rest : 0;
        }

        var shape = Shape.Create(known);
        if (shape.ElementCount != Count)
        {
            throw new ShapeException(
                $"Reshape: shape {Shape} has {Count} elements; " +
                $"[{string.Join(", ", sizes.ToArray())}] does not hold that many.");
        }

        return shape;
    }
}

/// <summary>The same elements in another shape; dx = g in the old shape. Keeps nothing.</summary>
internal sealed class ReshapeOp(Shape shape) : Op, IOpExamples
{
    private Shape _before;

    public static IEnumerable<OpExample> Examples =>
    [
        new("split", t => t[0].Reshape(2, 3, 5), OpInput.Uniform([6, 5])),
        new("inferred", t => t[0].Reshape(-1), OpInput.Uniform([3, 5])),
        new("to scalar", t => t[0].Reshape([]), OpInput.Uniform([1, 1])),
        new("empty", t => t[0].Reshape(5, 0), OpInput.Uniform([0, 3])),
        new("merged", t => t[0].Reshape(1, 6, 1, 5), OpInput.Uniform([2, 3, 1, 5])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        _before = inputs[0].Shape;
        var x = inputs[0];
        if (ViewStrides(x, shape) is { } strides)
            return x.Alias(shape, strides, x.Offset);
        var source = x.Contiguous();
        return source.Alias(shape, shape.ContiguousStrides(), source.Offset);
    }

    protected override Tensor?[] Backward(Tensor g) => [g.Reshape(_before)];

    /// <summary>The strides that show the same memory in the new shape, or null where only a copy can.</summary>
    private static long[]? ViewStrides(Tensor x, Shape shape)
    {
        if (x.IsContiguous)
            return shape.ContiguousStrides();
        // Axes of size 1 say nothing about memory. Groups of old and new axes with equal products match from the left.
        int[] old = [.. Enumerable.Range(0, x.Rank).Where(a => x.Shape[a] != 1)];
        var strides = new long[shape.Rank];
        int o = 0, n = 0;
        while (o < old.Length)
        {
            int first = o, start = n;
            long oldSize = x.Shape[old[o++]], newSize = shape[n++];
            while (oldSize != newSize)
            {
                if (oldSize < newSize)
                    oldSize *= x.Shape[old[o++]];
                else
                    newSize *= shape[n++];
            }

            for (int k = first; k < o - 1; k++)
            {
                if (x.StrideArray[old[k]] != x.StrideArray[old[k + 1]] * x.Shape[old[k + 1]])
                    return null;
            }

            strides[n - 1] = x.StrideArray[old[o - 1]];
            for (int k = n - 2; k >= start; k--)
                strides[k] = strides[k + 1] * shape[k + 1];
        }

        return strides;
    }
}
