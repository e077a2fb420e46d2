namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>A view that repeats axes of size 1 (and missing leading axes) to a shape, without a copy.</summary>
    /// <exception cref="ShapeException">The shape cannot be broadcast to that one.</exception>
    public Tensor Expand(Shape shape) => shape == Shape ? this : new ExpandOp(shape).Apply(this);
}

/// <summary>x repeated to a shape; dx = g summed over the repeated axes. Keeps nothing.</summary>
internal sealed class ExpandOp(Shape shape) : Op, IOpExamples
{
    private Shape _before;

    public static IEnumerable<OpExample> Examples =>
    [
        new("column", t => t[0].Expand([3, 4]), OpInput.Uniform([3, 1])),
        new("new axis", t => t[0].Expand([2, 3]), OpInput.Uniform([3])),
        new("scalar", t => t[0].Expand([2, 2]), OpInput.Uniform([])),
        new("to empty", t => t[0].Expand([0, 3]), OpInput.Uniform([1, 3])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        _before = inputs[0].Shape;
        return inputs[0].BroadcastAlias(shape, Name);
    }

    protected override Tensor?[] Backward(Tensor g) => [g.SumTo(_before)];
}
