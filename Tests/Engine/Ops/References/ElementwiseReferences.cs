using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Elementwise operations, straight from their definitions.</summary>
internal static class ElementwiseReferences
{
    [Reference("Add")]
    public static NdArray Add(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], (a, b) => a + b);

    [Reference("Multiply")]
    public static NdArray Multiply(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], (a, b) => a * b);

    [Reference("Tanh")]
    public static NdArray Tanh(OpExample example, NdArray[] x) => x[0].Map(Math.Tanh);

    [Reference("TanhBackward")]
    public static NdArray TanhBackward(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], (y, g) => g * (1 - (y * y)));
}
