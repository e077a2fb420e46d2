namespace MomentumCore.Layers;

/// <summary>What lies between the two linear maps of a Transformer's layers.</summary>
public enum TransformerActivation
{
    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>x Φ(x), exact.</summary>
    Gelu,
}
