using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>y = x Φ(x) with the normal distribution Φ, elementwise. Any shape. Hendrycks, Gimpel 2016.</summary>
/// <param name="form">Exact, or approximated with tanh.</param>
public sealed class Gelu(GeluForm form = GeluForm.Exact) : Module
{
    /// <summary>Exact, or approximated with tanh.</summary>
    public GeluForm Form { get; } = form;

    /// <inheritdoc/>
    protected override string ExtraRepresentation => $"form: {Form}";

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x) => x.Gelu(Form);
}
