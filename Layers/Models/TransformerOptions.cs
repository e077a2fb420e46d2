namespace MomentumCore.Layers;

/// <summary>The settings that all parts of a <see cref="Transformer"/> share; the defaults are PyTorch's.</summary>
/// <param name="Dim">The size of a token.</param>
/// <param name="Heads">The number of attention heads; it divides the size.</param>
public sealed record TransformerOptions(int Dim = 512, int Heads = 8)
{
    /// <summary>The size between the two linear maps of each layer.</summary>
    public int FeedForward { get; init; } = 2048;

    /// <summary>The probability of a 0 in training, in attention and after each map.</summary>
    public double Dropout { get; init; } = 0.1;

    /// <summary>What lies between the two linear maps.</summary>
    public TransformerActivation Activation { get; init; } = TransformerActivation.Relu;

    /// <summary>Added to the variance in the norms.</summary>
    public double Eps { get; init; } = 1e-5;

    /// <summary>Whether the batch is axis 0 rather than axis 1.</summary>
    public bool BatchFirst { get; init; }

    /// <summary>Whether norms stand before attention and maps rather than after the sums.</summary>
    public bool NormFirst { get; init; }

    /// <summary>The number of encoder layers of a <see cref="Transformer"/>.</summary>
    public int EncoderLayers { get; init; } = 6;

    /// <summary>The number of decoder layers of a <see cref="Transformer"/>.</summary>
    public int DecoderLayers { get; init; } = 6;

    internal MultiheadAttention NewAttention() => new(Dim, Heads, Dropout, batchFirst: BatchFirst);

    internal LayerNorm NewNorm() => new(Dim, Eps);
}
