using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = erf x = 2/√π ∫ e^(−t²) dt from 0 to x, elementwise. Any shape, Float32 or Float64.</summary>
    public Tensor Erf() => new ErfOp().Apply(this);
}

/// <summary>y = erf x; dx = g 2/√π e^(−x²). Keeps x.</summary>
internal sealed class ErfOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.Of(x => x.Erf(), -5, 5);

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.Unary(Name, inputs[0], Arithmetic.Erf, Arithmetic.Erf);
    }

    protected override Tensor?[] Backward(Tensor g) => [g * (-Kept(0).Square()).Exp() * (2 / Math.Sqrt(Math.PI))];
}
