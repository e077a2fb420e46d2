using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = ln x, elementwise: −∞ at 0, NaN below. Any shape, Float32 or Float64.</summary>
    public Tensor Log() => new LogOp().Apply(this);
}

/// <summary>y = ln x; dx = g / x. Keeps x.</summary>
internal sealed class LogOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => x.Log(), 0.1, 3);

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.Unary(Name, inputs[0], Arithmetic.Log, Arithmetic.Log);
    }

    protected override Tensor?[] Backward(Tensor g) => [g / Kept(0)];
}
