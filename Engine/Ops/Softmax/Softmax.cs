using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// y = exp(x) / Σ exp(x) along an axis: positive numbers that add up to 1. Safe for large and small x.
    /// </summary>
    /// <param name="axis">The axis to add along; negative counts from the end.</param>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    /// <exception cref="DTypeException">The elements are not Float32 or Float64.</exception>
    public Tensor Softmax(int axis) => new SoftmaxOp(axis).Apply(this);
}

/// <summary>y = exp(x) / Σ exp(x) along an axis; dx = y (g − Σ g y). Keeps y.</summary>
internal sealed class SoftmaxOp(int axis) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        Example("rows", OpInput.Uniform([3, 7]), -1),
        Example("columns", OpInput.Uniform([5, 3]), 0),
        Example("middle axis", OpInput.Uniform([2, 5, 3]), 1),
        Example("large", OpInput.Uniform([2, 5], -1000, 1000), 1),
        Example("one element", OpInput.Uniform([3, 1]), 1),
        Example("no rows", OpInput.Uniform([0, 3]), 1),
        Example("empty axis", OpInput.Uniform([3, 0]), 1),
    ];

    /// <summary>dx = scale · y (g − Σ g y), fused.</summary>
    internal static Tensor Slope(Tensor y, Tensor outputGradient, int axis, double scale = 1)
    {
        return AxisRuns.Map(
            y,
            outputGradient,
            axis,
            (device, count, p, g, dx, size, inner) =>
                SoftmaxRows.ProbabilitiesBackward(device, count, p, g, dx, size, inner, scale),
            (device, count, p, g, dx, size, inner) =>
                SoftmaxRows.ProbabilitiesBackward(device, count, p, g, dx, size, inner, scale));
    }

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = AxisRuns.Map(Name, inputs[0], axis, SoftmaxRows.Probabilities, SoftmaxRows.Probabilities);
        Keep(y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var y = Kept(0);
        return [IsCreatingGraph ? y * (g - (g * y).Sum([axis], keepAxes: true)) : Slope(y, g, axis)];
    }

    private static OpExample Example(string label, OpInput input, int axis) =>
        new(label, t => t[0].Softmax(axis), input)
        {
            Options = new Dictionary<string, object> { ["axis"] = axis },
        };
}
