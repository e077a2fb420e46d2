namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The same elements in another shape; one size may be −1 and is worked out. A view where the memory allows it.</summary>
    /// <exception cref="ShapeException">The number of elements would change.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> sizes)
    {
        var shape = InferShape(sizes);
        return shape == Shape ? this : new ReshapeOp(shape).Apply(this);
    }

    private Shape InferShape(ReadOnlySpan<int> sizes)
    {
        int unknown = sizes.IndexOf(-1);
        int[] known = sizes.ToArray();
        if (unknown >= 0)
        {
            known[unknown] = 1;
            int rest = Shape.Create(known).ElementCount;
            known[unknown] = rest > 0 ? Count / rest : 0;
        }

        var shape = Shape.Create(known);
        if (shape.ElementCount != Count)
        {
            throw new ShapeException(
                $"Reshape: shape {Shape} has {Count} elements; [{string.Join(", ", sizes.ToArray())}] does not hold that many.");
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
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        _before = inputs[0].Shape;
        var source = inputs[0].Contiguous();
        return source.Alias(shape, shape.ContiguousStrides(), source.Offset);
    }

    protected override Tensor?[] Backward(Tensor g) => [g.Reshape(_before)];
}
