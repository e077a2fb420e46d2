using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// y = 1, 0 or −1 by the sign of x, elementwise; NaN stays NaN. Any shape, Float32 or Float64. Its derivative is 0.
    /// </summary>
    public Tensor Sign() => new SignOp().Apply(this);
}

/// <summary>y = sign x; dx = 0. Keeps nothing.</summary>
internal sealed class SignOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.AwayFrom(x => x.Sign(), 0);

    protected override Tensor Forward(Tensor[] inputs) => Map.Unary(Name, inputs[0], Arithmetic.Sign, Arithmetic.Sign);

    protected override Tensor?[] Backward(Tensor g) => [g.ZerosLike()];
}
