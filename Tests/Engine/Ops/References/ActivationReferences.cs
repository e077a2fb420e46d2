using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Activation functions and their fused derivatives, straight from their definitions.</summary>
internal static class ActivationReferences
{
    [Reference("Tanh")]
    public static NdArray Tanh(OpExample example, NdArray[] x) => x[0].Map(Math.Tanh);

    [Reference("TanhBackward")]
    public static NdArray TanhBackward(OpExample example, NdArray[] x) =>
        NdArray.Zip(x[0], x[1], (y, g) => g * (1 - (y * y)));

    [Reference("Sigmoid")]
    public static NdArray Sigmoid(OpExample example, NdArray[] x) => x[0].Map(v => 1 / (1 + Math.Exp(-v)));

    [Reference("SigmoidBackward")]
    public static NdArray SigmoidBackward(OpExample example, NdArray[] x) =>
        NdArray.Zip(x[0], x[1], (y, g) => g * y * (1 - y));

    [Reference("Relu")]
    public static NdArray Relu(OpExample example, NdArray[] x) => x[0].Map(v => Math.Max(v, 0));

    [Reference("ReluBackward")]
    public static NdArray ReluBackward(OpExample example, NdArray[] x) =>
        NdArray.Zip(x[0], x[1], (y, g) => y > 0 ? g : 0);

    [Reference("LeakyRelu")]
    public static NdArray LeakyRelu(OpExample example, NdArray[] x) => x[0].Map(v => v > 0 ? v : 0.2 * v);

    [Reference("LeakyReluBackward")]
    public static NdArray LeakyReluBackward(OpExample example, NdArray[] x) =>
        NdArray.Zip(x[0], x[1], (v, g) => v > 0 ? g : 0.2 * g);

    [Reference("Silu")]
    public static NdArray Silu(OpExample example, NdArray[] x) => x[0].Map(v => v * Logistic(v));

    [Reference("SiluBackward")]
    public static NdArray SiluBackward(OpExample example, NdArray[] x) =>
        NdArray.Zip(x[0], x[1], (v, g) => g * (Logistic(v) + (v * Logistic(v) * (1 - Logistic(v)))));

    [Reference("Softplus")]
    public static NdArray Softplus(OpExample example, NdArray[] x) =>
        x[0].Map(v => v > 30 ? v : Math.Log(1 + Math.Exp(v)));

    [Reference("SoftplusBackward")]
    public static NdArray SoftplusBackward(OpExample example, NdArray[] x) =>
        NdArray.Zip(x[0], x[1], (v, g) => g * Logistic(v));

    [Reference("Gelu")]
    public static NdArray Gelu(OpExample example, NdArray[] x) => x[0].Map(
        (GeluForm)example.Options["form"] == GeluForm.Exact
            ? v => v * 0.5 * (1 + Special.Erf(v / Math.Sqrt(2)))
            : v => 0.5 * v * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (v + (0.044715 * v * v * v)))));

    [Reference("GeluBackward")]
    public static NdArray GeluBackward(OpExample example, NdArray[] x)
    {
        bool exact = (GeluForm)example.Options["form"] == GeluForm.Exact;
        return NdArray.Zip(x[0], x[1], (v, g) => g * (exact ? Exact(v) : Tanh(v)));

        static double Exact(double v) =>
            (0.5 * (1 + Special.Erf(v / Math.Sqrt(2)))) + (v * Math.Exp(-v * v / 2) / Math.Sqrt(2 * Math.PI));

        static double Tanh(double v)
        {
            double scale = Math.Sqrt(2 / Math.PI), t = Math.Tanh(scale * (v + (0.044715 * v * v * v)));
            return (0.5 * (1 + t)) + (0.5 * v * (1 - (t * t)) * scale * (1 + (3 * 0.044715 * v * v)));
        }
    }

    private static double Logistic(double v) => 1 / (1 + Math.Exp(-v));
}
