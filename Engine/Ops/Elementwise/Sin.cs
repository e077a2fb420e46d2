using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = sin x for x in radians, elementwise. Any shape, Float32 or Float64.</summary>
    public Tensor Sin() => new SinOp().Apply(this);
}

/// <summary>y = sin x; dx = g cos x. Keeps x.</summary>
internal sealed class SinOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => x.Sin());

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.Unary(Name, inputs[0], Arithmetic.Sin, Arithmetic.Sin);
    }

    protected override Tensor?[] Backward(Tensor g) => [g * Kept(0).Cos()];
}
