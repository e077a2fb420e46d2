namespace MomentumCore.Engine;

/// <summary>Which formula <see cref="Tensor.Gelu"/> computes.</summary>
public enum GeluForm
{
    /// <summary>x Φ(x), with the distribution function Φ of the standard normal distribution.</summary>
    Exact,

    /// <summary>x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))), within 5e-4 of the exact form.</summary>
    Tanh,
}
