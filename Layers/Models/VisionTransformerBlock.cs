using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// A layer of a <see cref="VisionTransformer"/>: y = x + attention(norm(x)), then y + maps(norm(y)). x [images, tokens,
/// dim], y the same.
/// </summary>
public sealed class VisionTransformerBlock : Module
{
    /// <summary>Added to the variance in the norms.</summary>
    internal const double Eps = 1e-6;

    private readonly VisionTransformerOptions _options;
    private readonly Dropout _dropout;

    /// <summary>A layer with the sizes of these options.</summary>
    /// <exception cref="ArgumentException">A setting is out of range, or the heads do not divide the size.</exception>
    public VisionTransformerBlock(VisionTransformerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        Norm1 = RegisterModule("ln_1", new LayerNorm(options.Dim, Eps));
        SelfAttention = RegisterModule("self_attention", new MultiheadAttention(
            options.Dim, options.Heads, options.AttentionDropout, batchFirst: true));
        _dropout = RegisterModule("dropout", new Dropout(options.Dropout));
        Norm2 = RegisterModule("ln_2", new LayerNorm(options.Dim, Eps));
        Mlp = RegisterModule("mlp", new Sequential(
            new Linear(options.Dim, options.MlpDim),
            new Gelu(),
            new Dropout(options.Dropout),
            new Linear(options.MlpDim, options.Dim),
            new Dropout(options.Dropout)));
        ResetParameters();
    }

    /// <summary>The norm before the attention.</summary>
    public LayerNorm Norm1 { get; }

    /// <summary>How tokens look at each other.</summary>
    public MultiheadAttention SelfAttention { get; }

    /// <summary>The norm before the maps.</summary>
    public LayerNorm Norm2 { get; }

    /// <summary>The two linear maps.</summary>
    public Sequential Mlp { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new VisionTransformerBlock(_options);

    /// <summary>Draws new initial values.</summary>
    public void ResetParameters()
    {
        SelfAttention.ResetParameters();
        foreach (var linear in Mlp.OfType<Linear>())
        {
            Initialize.XavierUniform(linear.Weight);
            Initialize.Normal(linear.Bias!, 0, 1e-6);
        }
    }

    /// <inheritdoc/>
    protected override void UpgradeState(StateUpgrade state)
    {
        // What torchvision's first vision transformers called the maps.
        foreach (string kind in new[] { "weight", "bias" })
        {
            state.Rename($"mlp.linear_1.{kind}", $"mlp.0.{kind}");
            state.Rename($"mlp.linear_2.{kind}", $"mlp.3.{kind}");
        }
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        x += _dropout.Call(SelfAttention.Call(Norm1.Call(x)));
        return x + Mlp.Call(Norm2.Call(x));
    }
}
