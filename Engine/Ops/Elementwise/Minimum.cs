using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// y = the lesser of a and b, elementwise; NaN where either is. Floats or integers, of any shapes that broadcast.
    /// </summary>
    /// <remarks>Where a = b the derivative is halved between them.</remarks>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public static Tensor Minimum(Tensor a, Tensor b) => new MinimumOp().Apply(a, b);
}

/// <summary>
/// y = min(a, b); g goes to the lesser, half to each where equal, summed over the axes each was broadcast along. Keeps
/// a and b.
/// </summary>
internal sealed class MinimumOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(Tensor.Minimum);

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0], inputs[1]);
        return Map.Binary(
            Name, inputs[0], inputs[1], Arithmetic.Minimum, Arithmetic.Minimum, Arithmetic.Minimum, Arithmetic.Minimum);
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        // Detached: which one is lesser does not change with their values. a gets g where b is the greater.
        var (a, b) = (Kept(0).Detach(), Kept(1).Detach());
        return
        [
            Needs(0) ? new GreaterShareOp().Apply(b, a, g).SumTo(a.Shape) : null,
            Needs(1) ? new GreaterShareOp().Apply(a, b, g).SumTo(b.Shape) : null,
        ];
    }
}
