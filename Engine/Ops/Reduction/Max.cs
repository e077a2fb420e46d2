namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The largest elements along an axis. NaN wins; among equals the derivative goes to the first.</summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="keepAxes">Keep the axis with size 1.</param>
    /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
    public Tensor Max(int axis, bool keepAxes = false) => Extremum(axis, keepAxes, largest: true);

    /// <summary>
    /// The smallest elements along an axis. NaN wins; among equals the derivative goes to the first.
    /// </summary>
    /// <inheritdoc cref="Max(int, bool)"/>
    public Tensor Min(int axis, bool keepAxes = false) => Extremum(axis, keepAxes, largest: false);

    /// <summary>
    /// The largest of all elements, without axes. NaN wins; among equals the derivative goes to the first.
    /// </summary>
    /// <exception cref="ShapeException">There are no elements.</exception>
    public Tensor Max() => Flat(x => x.Max(0));

    /// <summary>
    /// The smallest of all elements, without axes. NaN wins; among equals the derivative goes to the first.
    /// </summary>
    /// <exception cref="ShapeException">There are no elements.</exception>
    public Tensor Min() => Flat(x => x.Min(0));

    private Tensor Flat(Func<Tensor, Tensor> reduce)
    {
        if (Rank == 1)
            return reduce(this);
        using var flat = Reshape(-1);
        return reduce(flat);
    }

    private Tensor Extremum(int axis, bool keepAxes, bool largest)
    {
        axis = Shape.Axis(axis);
        var y = new ExtremumOp(axis, largest).Apply(this);
        return keepAxes ? y : y.IntoShape(y.Shape.Without(axis));
    }
}

/// <summary>
/// y = the largest (smallest) along an axis, kept as 1; dx = g where it was found, first among equals. Keeps the
/// index.
/// </summary>
internal sealed class ExtremumOp(int axis, bool largest) : Op, IOpExamples
{
    private Shape _before;

    public static IEnumerable<OpExample> Examples =>
        from largest in new[] { true, false }
        from example in new[]
        {
            Example("columns", [5, 3], 0, largest),
            Example("middle", [2, 7, 3], 1, largest),
            Example("row", [1, 11], 1, largest),
            Example("one", [1], 0, largest),
            Example("empty result", [0, 3], 1, largest),
        }
        select example;

    public override string Name => largest ? "Max" : "Min";

    protected override Tensor Forward(Tensor[] inputs)
    {
        _before = inputs[0].Shape;
        var (values, indices) = ExtremumSearch.Find(Name, inputs[0], axis, largest);
        Keep(indices);
        return values;
    }

    protected override Tensor?[] Backward(Tensor g) => [new GatherBackwardOp(_before, axis).Apply(g, Kept(0))];

    private static OpExample Example(string label, Shape shape, int axis, bool largest) =>
        new(
            $"{(largest ? "max" : "min")} {label}",
            t => new ExtremumOp(axis, largest).Apply(t[0]),
            OpInput.Distinct(shape))
        {
            Options = new Dictionary<string, object> { ["axis"] = axis, ["largest"] = largest },
        };
}
