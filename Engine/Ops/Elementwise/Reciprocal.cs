using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = 1 / x, elementwise. Any shape, Float32 or Float64.</summary>
    public Tensor Reciprocal() => new ReciprocalOp().Apply(this);
}

/// <summary>y = 1 / x; dx = −g y². Keeps y.</summary>
internal sealed class ReciprocalOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => x.Reciprocal(), 0.5, 2);

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = Map.Unary(Name, inputs[0], Arithmetic.Reciprocal, Arithmetic.Reciprocal);
        Keep(y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [-(g * Kept(0).Square())];
}
