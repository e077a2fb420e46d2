using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The sum of all elements, without axes. Adds in a fixed order: the same bits on any number of threads.</summary>
    public Tensor Sum() => Sum([.. Enumerable.Range(0, Rank)]);

    /// <summary>The sum along some axes.</summary>
    /// <param name="axes">Which axes to add up; negative counts from the end.</param>
    /// <param name="keepAxes">Keep them with size 1.</param>
    /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
    public Tensor Sum(ReadOnlySpan<int> axes, bool keepAxes = false) => new SumOp(axes.ToArray(), keepAxes).Apply(this);
}

/// <summary>y = Σ x along axes; dx = g repeated along them. Keeps nothing.</summary>
internal sealed class SumOp(int[] axes, bool keepAxes) : Op, IOpExamples
{
    private Shape _before;
    private Shape _withOnes;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("all", [4, 7], [0, 1], false),
        Example("last", [4, 7], [-1], false),
        Example("first, kept", [4, 7], [0], true),
        Example("outer two of three", [3, 2, 5], [0, 2], false),
        Example("empty axis", [3, 0], [1], false),
        Example("none", [3, 2], [], false),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        _before = inputs[0].Shape;
        var plan = ReductionPlan.For(Name, inputs[0], axes);
        _withOnes = plan.WithOnes;
        var y = inputs[0].EmptyLike(keepAxes ? plan.WithOnes : plan.Without);
        using var x = plan.Arrange(inputs[0]);
        switch (y.DType)
        {
            case DType.Float32: Reduction.Sum(y.Device, plan.Outputs, x.View<float>(), y.View<float>(), plan.Reduced); break;
            case DType.Float64: Reduction.Sum(y.Device, plan.Outputs, x.View<double>(), y.View<double>(), plan.Reduced); break;
            case DType.Int32: Reduction.Sum(y.Device, plan.Outputs, x.View<int>(), y.View<int>(), plan.Reduced); break;
            case DType.Int64: Reduction.Sum(y.Device, plan.Outputs, x.View<long>(), y.View<long>(), plan.Reduced); break;
            default: throw Map.Unsupported(Name, y.DType);
        }

        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [g.Reshape(_withOnes).Expand(_before)];

    private static OpExample Example(string label, Shape shape, int[] axes, bool keep) =>
        new(label, t => t[0].Sum(axes, keep), OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object> { ["axes"] = axes, ["keepAxes"] = keep },
        };
}
