using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = x², elementwise. Any shape, Float32 or Float64.</summary>
    public Tensor Square() => new SquareOp().Apply(this);
}

/// <summary>y = x²; dx = 2 x g. Keeps x.</summary>
internal sealed class SquareOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => x.Square());

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.Unary(Name, inputs[0], Arithmetic.Square, Arithmetic.Square);
    }

    protected override Tensor?[] Backward(Tensor g) => [2.0 * (Kept(0) * g)];
}
