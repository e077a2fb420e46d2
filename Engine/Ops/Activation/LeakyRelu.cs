using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = x where x &gt; 0, else slope · x; elementwise. Any shape, Float32 or Float64.</summary>
    /// <remarks>The derivative at 0 is taken as the slope.</remarks>
    /// <param name="slope">The factor for negative x.</param>
    /// <exception cref="ArgumentOutOfRangeException">The slope is not finite.</exception>
    public Tensor LeakyRelu(double slope = 0.01) => double.IsFinite(slope)
        ? new LeakyReluOp(slope).Apply(this)
        : throw new ArgumentOutOfRangeException(
            nameof(slope), slope, $"LeakyRelu: the slope must be a finite number; got {slope}.");
}

/// <summary>y = x where x > 0, else slope · x; dx = g or slope · g. Keeps x.</summary>
internal sealed class LeakyReluOp(double slope) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples => ElementwiseExamples.AwayFrom(x => x.LeakyRelu(0.2), 0);

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.Scalar(Name, inputs[0], slope, Activations.LeakyRelu, Activations.LeakyRelu);
    }

    // Detached: where x > 0 does not change with x.
    protected override Tensor?[] Backward(Tensor g) => [new LeakyReluBackwardOp(slope).Apply(Kept(0).Detach(), g)];
}

/// <summary>dx = g where x > 0, else slope · g; d(g) = the same of h, and x has no derivative. Keeps x.</summary>
internal sealed class LeakyReluBackwardOp(double slope) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new(
            "matrix",
            t => new LeakyReluBackwardOp(0.2).Apply(t[0].Detach(), t[1]),
            OpInput.AwayFrom([3, 7], 0),
            OpInput.Uniform([3, 7])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return Map.BinaryScalar(
            Name, inputs[0], inputs[1], slope, Activations.LeakyReluBackward, Activations.LeakyReluBackward);
    }

    protected override Tensor?[] Backward(Tensor h) => [null, new LeakyReluBackwardOp(slope).Apply(Kept(0), h)];
}
