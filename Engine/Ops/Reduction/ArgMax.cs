namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// Where the largest elements along an axis are: the first among equals; NaN is larger than any number.
    /// </summary>
    /// <param name="axis">The axis; negative counts from the end.</param>
    /// <param name="keepAxes">Keep the axis with size 1.</param>
    /// <returns>Int64 indices.</returns>
    /// <exception cref="ShapeException">There is no such axis, or it is empty.</exception>
    public Tensor ArgMax(int axis, bool keepAxes = false) => ArgExtremum(axis, keepAxes, largest: true);

    /// <summary>
    /// Where the smallest elements along an axis are: the first among equals; NaN is smaller than any number.
    /// </summary>
    /// <inheritdoc cref="ArgMax(int, bool)"/>
    public Tensor ArgMin(int axis, bool keepAxes = false) => ArgExtremum(axis, keepAxes, largest: false);

    private Tensor ArgExtremum(int axis, bool keepAxes, bool largest)
    {
        axis = Shape.Axis(axis);
        var y = new ArgExtremumOp(axis, largest).Apply(this);
        return keepAxes ? y : y.IntoShape(y.Shape.Without(axis));
    }
}

/// <summary>The index of the largest (smallest) along an axis, kept as 1.</summary>
internal sealed class ArgExtremumOp(int axis, bool largest) : OpWithoutDerivative("its result is an index"),
    IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
        from largest in new[] { true, false }
        from example in new[]
        {
            Example("columns", OpInput.Uniform([5, 3]), 0, largest),
            Example("of equals", OpInput.Index([4, 9], 2), 1, largest),
            Example("middle", OpInput.Uniform([2, 7, 3]), 1, largest),
            Example("empty result", OpInput.Uniform([0, 3]), 1, largest),
        }
        select example;

    public override string Name => largest ? "ArgMax" : "ArgMin";

    protected override Tensor Forward(Tensor[] inputs) => ExtremumSearch.Find(Name, inputs[0], axis, largest).Indices;

    private static OpExample Example(string label, OpInput input, int axis, bool largest) =>
        new($"{(largest ? "max" : "min")} {label}", t => new ArgExtremumOp(axis, largest).Apply(t[0]), input)
        {
            Options = new Dictionary<string, object> { ["axis"] = axis, ["largest"] = largest },
        };
}
