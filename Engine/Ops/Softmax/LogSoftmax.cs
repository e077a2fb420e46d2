using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// y = x − log Σ exp(x) along an axis: the logarithm of <see cref="Softmax"/>, accurate where that rounds to 0 or
    /// 1.
    /// </summary>
    /// <param name="axis">The axis to add along; negative counts from the end.</param>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    /// <exception cref="DTypeException">The elements are not Float32 or Float64.</exception>
    public Tensor LogSoftmax(int axis) => new LogSoftmaxOp(axis).Apply(this);
}

/// <summary>y = x − log Σ exp(x) along an axis; dx = g − exp(y) Σ g. Keeps y.</summary>
internal sealed class LogSoftmaxOp(int axis) : Op, IOpExamples
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

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = AxisRuns.Map(
            Name, inputs[0], axis, SoftmaxRows.LogProbabilities, SoftmaxRows.LogProbabilities);
        Keep(y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var y = Kept(0);
        return
        [
            IsCreatingGraph
                ? g - (y.Exp() * g.Sum([axis], keepAxes: true))
                : AxisRuns.Map(
                    y, g, axis, SoftmaxRows.LogProbabilitiesBackward, SoftmaxRows.LogProbabilitiesBackward),
        ];
    }

    private static OpExample Example(string label, OpInput input, int axis) =>
        new(label, t => t[0].LogSoftmax(axis), input)
        {
            Options = new Dictionary<string, object> { ["axis"] = axis },
        };
}
