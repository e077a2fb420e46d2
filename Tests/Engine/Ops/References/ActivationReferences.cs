using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Activation functions and their fused derivatives, straight from their definitions.</summary>
internal static class ActivationReferences
{
    [Reference("Tanh")]
    public static NdArray Tanh(OpExample example, NdArray[] x) => x[0].Map(Math.Tanh);

    [Reference("TanhBackward")]
    public static NdArray TanhBackward(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], (y, g) => g * (1 - (y * y)));

    [Reference("Sigmoid")]
    public static NdArray Sigmoid(OpExample example, NdArray[] x) => x[0].Map(v => 1 / (1 + Math.Exp(-v)));

    [Reference("SigmoidBackward")]
    public static NdArray SigmoidBackward(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], (y, g) => g * y * (1 - y));

    [Reference("Relu")]
    public static NdArray Relu(OpExample example, NdArray[] x) => x[0].Map(v => Math.Max(v, 0));

    [Reference("ReluBackward")]
    public static NdArray ReluBackward(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], (y, g) => y > 0 ? g : 0);
}
