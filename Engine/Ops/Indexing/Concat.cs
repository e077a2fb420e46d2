namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The tensors one after another along an axis. All other sizes are equal.</summary>
    /// <param name="tensors">At least one tensor, all of one type, device and number of axes.</param>
    /// <param name="axis">The axis along which they follow each other; negative counts from the end.</param>
    /// <exception cref="ShapeException">
    /// There is nothing to concatenate, or other sizes than the axis' differ.
    /// </exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public static Tensor Concat(IReadOnlyList<Tensor> tensors, int axis = 0)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (tensors.Count == 0)
            throw new ShapeException("Concat: got no tensors; pass at least one.");
        return new ConcatOp(axis).Apply([.. tensors]);
    }
}

/// <summary>y = the inputs one after another along an axis; each dx = its range of g. Keeps nothing.</summary>
internal sealed class ConcatOp(int axis) : Op, IOpExamples
{
    private int[] _ends = [];

    public static IEnumerable<OpExample> Examples =>
    [
        Example("rows", 0, [2, 3], [1, 3], [4, 3]),
        Example("last axis", -1, [2, 3, 1], [2, 3, 5]),
        Example("one", 0, [3]),
        Example("some empty", 1, [2, 0], [2, 3], [2, 0]),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var first = inputs[0];
        int along = first.Shape.Axis(axis);
        _ends = new int[inputs.Length];
        long total = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            Map.RequireSame(Name, first, inputs[i]);
            bool fits = inputs[i].Rank == first.Rank
                && inputs[i].Shape.With(along, 0) == first.Shape.With(along, 0);
            if (!fits)
            {
                throw new ShapeException(
                    $"{Name}: tensor {i} has shape {inputs[i].Shape}, tensor 0 has {first.Shape}; " +
                    $"only axis {along} may differ in size.");
            }

            total += inputs[i].Shape[along];
            if (total > int.MaxValue)
                throw new ShapeException(
                    $"{Name}: axis {along} would grow beyond {int.MaxValue:N0}; concatenate fewer tensors.");
            _ends[i] = (int)total;
        }

        var y = first.EmptyLike(first.Shape.With(along, (int)total));
        for (int i = 0, start = 0; i < inputs.Length; start = _ends[i++])
            Tensor.CopyElements(inputs[i], SliceOp.View(y, along, start, _ends[i], 1));
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var gradients = new Tensor?[_ends.Length];
        for (int i = 0, start = 0; i < _ends.Length; start = _ends[i++])
            gradients[i] = Needs(i) ? g.Slice(axis, start, _ends[i]) : null;
        return gradients;
    }

    private static OpExample Example(string label, int axis, params Shape[] shapes) =>
        new(label, t => Tensor.Concat(t, axis), [.. shapes.Select(s => OpInput.Uniform(s))])
        {
            Options = new Dictionary<string, object> { ["axis"] = axis },
        };
}
