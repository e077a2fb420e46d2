namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>A view with the axes in another order: y's axis k is this tensor's axis <c>axes[k]</c>.</summary>
    /// <param name="axes">Every axis once; negative counts from the end.</param>
    /// <exception cref="ShapeException">An axis is missing, named twice or does not exist.</exception>
    public Tensor Permute(params ReadOnlySpan<int> axes) => new PermuteOp(axes.ToArray()).Apply(this);

    /// <summary>A view with two axes exchanged.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public Tensor Transpose(int first, int second)
    {
        int[] order = [.. Enumerable.Range(0, Rank)];
        (order[Shape.Axis(first)], order[Shape.Axis(second)]) = (Shape.Axis(second), Shape.Axis(first));
        return Permute(order);
    }
}

/// <summary>A view with the axes in another order; dx = g with the axes put back. Keeps nothing.</summary>
internal sealed class PermuteOp(int[] axes) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        Example("matrix", [3, 5], [1, 0]),
        Example("rotate", [2, 3, 5], [2, 0, 1]),
        Example("negative", [2, 3, 1, 2], [-1, 0, -3, 2]),
        Example("scalar", [], []),
        Example("empty", [2, 0, 3], [1, 2, 0]),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        if (axes.Length != x.Rank)
        {
            throw new ShapeException(
                $"Permute: shape {x.Shape} has {x.Rank} axes; got {axes.Length}: [{string.Join(", ", axes)}]; " +
                "name every axis once.");
        }

        var seen = new bool[x.Rank];
        var sizes = new int[x.Rank];
        var strides = new long[x.Rank];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = x.Shape.Axis(axes[i]);
            if (seen[axis])
            {
                throw new ShapeException(
                    $"Permute: axis {axes[i]} is named twice in [{string.Join(", ", axes)}]; name every axis once.");
            }

            seen[axis] = true;
            (sizes[i], strides[i]) = (x.Shape[axis], x.StrideArray[axis]);
        }

        return x.Alias(sizes, strides, x.Offset);
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var inverse = new int[axes.Length];
        for (int i = 0; i < axes.Length; i++)
            inverse[g.Shape.Axis(axes[i])] = i;
        return [g.Permute(inverse)];
    }

    private static OpExample Example(string label, Shape shape, int[] axes) =>
        new(label, t => t[0].Permute(axes), OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object> { ["axes"] = axes },
        };
}
