using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = cos x for x in radians, elementwise. Any shape, Float32 or Float64.</summary>
    public Tensor Cos() => new CosOp().Apply(this);
}

/// <summary>y = cos x; dx = −g sin x. Keeps x.</summary>
internal sealed class CosOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => x.Cos());

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.Unary(Name, inputs[0], Arithmetic.Cos, Arithmetic.Cos);
    }

    protected override Tensor?[] Backward(Tensor g) => [-(g * Kept(0).Sin())];
}
