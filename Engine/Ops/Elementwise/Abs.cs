using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = |x|, elementwise. Any shape, Float32 or Float64. The derivative at 0 is taken as 0.</summary>
    public Tensor Abs() => new AbsOp().Apply(this);
}

/// <summary>y = |x|; dx = g sign x. Keeps x.</summary>
internal sealed class AbsOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.AwayFrom(x => x.Abs(), 0);

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.Unary(Name, inputs[0], Arithmetic.Abs, Arithmetic.Abs);
    }

    protected override Tensor?[] Backward(Tensor g) => [g * Kept(0).Detach().Sign()];
}
