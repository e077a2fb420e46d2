using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = e^x, elementwise. Any shape, Float32 or Float64.</summary>
    public Tensor Exp() => new ExpOp().Apply(this);
}

/// <summary>y = e^x; dx = g y. Keeps y.</summary>
internal sealed class ExpOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => x.Exp());

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = Map.Unary(Name, inputs[0], Arithmetic.Exp, Arithmetic.Exp);
        Keep(y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [g * Kept(0)];
}
