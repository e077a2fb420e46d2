using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = −x, elementwise. Any shape, floats or integers.</summary>
    public static Tensor operator -(Tensor x) => new NegateOp().Apply(x);
}

/// <summary>y = −x; dx = −g. Keeps nothing.</summary>
internal sealed class NegateOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => -x);

    protected override Tensor Forward(Tensor[] inputs) => Map.Unary(
        Name, inputs[0], Arithmetic.Negate, Arithmetic.Negate, Arithmetic.Negate, Arithmetic.Negate);

    protected override Tensor?[] Backward(Tensor g) => [-g];
}
