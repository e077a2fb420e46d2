using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Kernels of the activation functions, each beside the kernel of its derivative.</summary>
public static partial class Activations
{
    /// <summary>1/√2.</summary>
    private const float RootHalf = 0.70710678118654752f;

    /// <summary>1/√(2π): the height of the normal density.</summary>
    private const float NormalPeak = 0.39894228040143268f;

    /// <summary>√(2/π).</summary>
    private const float TanhScale = 0.79788456080286536f;

    /// <summary>y = tanh x.</summary>
    [Kernel]
    public static void Tanh(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = XMath.Tanh(x[i]);

    /// <summary>dx = g (1 − y²), the derivative of y = tanh x.</summary>
    [Kernel]
    public static void TanhBackward(Index1D i, ArrayView<float> y, ArrayView<float> g, ArrayView<float> dx) =>
        dx[i] = g[i] * (1f - y[i] * y[i]);

    /// <summary>y = 1 / (1 + e^−x). For very negative x, e^−x is infinite and y is 0, as it should be.</summary>
    [Kernel]
    public static void Sigmoid(Index1D i, ArrayView<float> x, ArrayView<float> y) =>
        y[i] = 1f / (1f + XMath.Exp(-x[i]));

    /// <summary>dx = g y (1 − y), the derivative of y = sigmoid x.</summary>
    [Kernel]
    public static void SigmoidBackward(Index1D i, ArrayView<float> y, ArrayView<float> g, ArrayView<float> dx) =>
        dx[i] = g[i] * (y[i] * (1f - y[i]));

    /// <summary>y = max(x, 0); NaN stays NaN.</summary>
    [Kernel]
    public static void Relu(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = x[i] < 0f ? 0f : x[i];

    /// <summary>dx = g where y &gt; 0, else 0; the derivative of y = max(x, 0).</summary>
    [Kernel]
    public static void ReluBackward(Index1D i, ArrayView<float> y, ArrayView<float> g, ArrayView<float> dx) =>
        dx[i] = y[i] > 0f ? g[i] : 0f;

    /// <summary>y = x where x &gt; 0, else slope · x.</summary>
    [Kernel]
    public static void LeakyRelu(Index1D i, ArrayView<float> x, ArrayView<float> y, float slope) =>
        y[i] = x[i] > 0f ? x[i] : slope * x[i];

    /// <summary>dx = g where x &gt; 0, else slope · g; the derivative of LeakyRelu.</summary>
    [Kernel]
    public static void LeakyReluBackward(
        Index1D i, ArrayView<float> x, ArrayView<float> g, ArrayView<float> dx, float slope) =>
        dx[i] = x[i] > 0f ? g[i] : slope * g[i];

    /// <summary>y = x Φ(x) with the normal distribution Φ, by erfc so that the left tail keeps its digits.</summary>
    [Kernel]
    public static void GeluExact(Index1D i, ArrayView<float> x, ArrayView<float> y) =>
        y[i] = x[i] * 0.5f * XMath.Erfc(-RootHalf * x[i]);

    /// <summary>dx = g (Φ(x) + x φ(x)), the derivative of GeluExact.</summary>
    [Kernel]
    public static void GeluExactBackward(Index1D i, ArrayView<float> x, ArrayView<float> g, ArrayView<float> dx)
    {
        float v = x[i];
        float density = NormalPeak * XMath.Exp(-0.5f * v * v);
        dx[i] = g[i] * ((0.5f * XMath.Erfc(-RootHalf * v)) + (v * density));
    }

    /// <summary>y = x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))).</summary>
    [Kernel]
    public static void GeluTanh(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        float v = x[i];
        y[i] = 0.5f * v * (1f + XMath.Tanh(TanhScale * (v + (0.044715f * v * v * v))));
    }

    /// <summary>dx = g times the derivative of GeluTanh at x.</summary>
    [Kernel]
    public static void GeluTanhBackward(Index1D i, ArrayView<float> x, ArrayView<float> g, ArrayView<float> dx)
    {
        float v = x[i];
        float t = XMath.Tanh(TanhScale * (v + (0.044715f * v * v * v)));
        float inner = TanhScale * (1f + (0.134145f * v * v));
        dx[i] = g[i] * ((0.5f * (1f + t)) + (0.5f * v * (1f - (t * t)) * inner));
    }

    /// <summary>y = x / (1 + e^−x).</summary>
    [Kernel]
    public static void Silu(Index1D i, ArrayView<float> x, ArrayView<float> y) => y[i] = x[i] / (1f + XMath.Exp(-x[i]));

    /// <summary>dx = g s (1 + x (1 − s)) with s = 1 / (1 + e^−x), the derivative of Silu.</summary>
    [Kernel]
    public static void SiluBackward(Index1D i, ArrayView<float> x, ArrayView<float> g, ArrayView<float> dx)
    {
        float s = 1f / (1f + XMath.Exp(-x[i]));
        dx[i] = g[i] * (s * (1f + (x[i] * (1f - s))));
    }

    /// <summary>y = ln(1 + e^x), as max(x, 0) + ln(1 + e^−|x|) so that nothing overflows.</summary>
    [Kernel]
    public static void Softplus(Index1D i, ArrayView<float> x, ArrayView<float> y) =>
        y[i] = XMath.Softplus(x[i]);

    /// <summary>dx = g / (1 + e^−x), the derivative of Softplus.</summary>
    [Kernel]
    public static void SoftplusBackward(Index1D i, ArrayView<float> x, ArrayView<float> g, ArrayView<float> dx) =>
        dx[i] = g[i] / (1f + XMath.Exp(-x[i]));
}
