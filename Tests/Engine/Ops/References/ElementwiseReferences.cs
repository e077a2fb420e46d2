using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Elementwise operations, straight from their definitions.</summary>
internal static class ElementwiseReferences
{
    [Reference("Add")]
    public static NdArray Add(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], (a, b) => a + b);

    [Reference("AddScalar")]
    public static NdArray AddScalar(OpExample example, NdArray[] x) => x[0].Map(v => v + 0.75);

    [Reference("Subtract")]
    public static NdArray Subtract(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], (a, b) => a - b);

    [Reference("SubtractFromScalar")]
    public static NdArray SubtractFromScalar(OpExample example, NdArray[] x) => x[0].Map(v => 0.75 - v);

    [Reference("Multiply")]
    public static NdArray Multiply(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], (a, b) => a * b);

    [Reference("MultiplyScalar")]
    public static NdArray MultiplyScalar(OpExample example, NdArray[] x) => x[0].Map(v => v * -1.5);

    [Reference("Divide")]
    public static NdArray Divide(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], (a, b) => a / b);

    [Reference("DivideByScalar")]
    public static NdArray DivideByScalar(OpExample example, NdArray[] x) => x[0].Map(v => v / 3);

    [Reference("DivideScalar")]
    public static NdArray DivideScalar(OpExample example, NdArray[] x) => x[0].Map(v => 3 / v);

    [Reference("Negate")]
    public static NdArray Negate(OpExample example, NdArray[] x) => x[0].Map(v => -v);

    [Reference("Square")]
    public static NdArray Square(OpExample example, NdArray[] x) => x[0].Map(v => v * v);

    [Reference("Reciprocal")]
    public static NdArray Reciprocal(OpExample example, NdArray[] x) => x[0].Map(v => 1 / v);

    [Reference("Exp")]
    public static NdArray Exp(OpExample example, NdArray[] x) => x[0].Map(Math.Exp);

    [Reference("Log")]
    public static NdArray Log(OpExample example, NdArray[] x) => x[0].Map(Math.Log);

    [Reference("Sqrt")]
    public static NdArray Sqrt(OpExample example, NdArray[] x) => x[0].Map(Math.Sqrt);

    [Reference("Abs")]
    public static NdArray Abs(OpExample example, NdArray[] x) => x[0].Map(Math.Abs);

    [Reference("Sign")]
    public static NdArray Sign(OpExample example, NdArray[] x) => x[0].Map(v => Math.Sign(v));

    [Reference("PowScalar")]
    public static NdArray PowScalar(OpExample example, NdArray[] x) =>
        x[0].Map(v => Math.Pow(v, (double)example.Options["exponent"]));

    [Reference("Pow")]
    public static NdArray Pow(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], (p, v) => Math.Pow(v, p));

    [Reference("Sin")]
    public static NdArray Sin(OpExample example, NdArray[] x) => x[0].Map(Math.Sin);

    [Reference("Cos")]
    public static NdArray Cos(OpExample example, NdArray[] x) => x[0].Map(Math.Cos);

    [Reference("Erf")]
    public static NdArray Erf(OpExample example, NdArray[] x) => x[0].Map(Special.Erf);

    [Reference("Maximum")]
    public static NdArray Maximum(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], Math.Max);

    [Reference("Minimum")]
    public static NdArray Minimum(OpExample example, NdArray[] x) => NdArray.Zip(x[0], x[1], Math.Min);

    [Reference("GreaterShare")]
    public static NdArray GreaterShare(OpExample example, NdArray[] x) =>
        NdArray.Zip(NdArray.Zip(x[0], x[1], (a, b) => a > b ? 1 : a == b ? 0.5 : 0), x[2], (share, g) => share * g);

    [Reference("Clamp")]
    public static NdArray Clamp(OpExample example, NdArray[] x) =>
        x[0].Map(v => Math.Clamp(v, (double)example.Options["min"], (double)example.Options["max"]));

    [Reference("ClampBackward")]
    public static NdArray ClampBackward(OpExample example, NdArray[] x) =>
        NdArray.Zip(x[0], x[1], (v, g) => v is >= -0.5 and <= 1 ? g : 0);
}
