using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = √x, elementwise: NaN below 0. Any shape, Float32 or Float64.</summary>
    public Tensor Sqrt() => new SqrtOp().Apply(this);
}

/// <summary>y = √x; dx = g / (2 y). Keeps y.</summary>
internal sealed class SqrtOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => x.Sqrt(), 0.1, 3);

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = Map.Unary(Name, inputs[0], Arithmetic.Sqrt, Arithmetic.Sqrt);
        Keep(y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [g / (2.0 * Kept(0))];
}
