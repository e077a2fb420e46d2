using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Kernels of the activation functions, each beside the kernel of its derivative.</summary>
public static partial class Activations
{
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
}
