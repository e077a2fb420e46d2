using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// Self-attention, then two linear maps, each with a way round it and a norm: y = norm(x + attention(x)), then
/// norm(y + maps(y)); with NormFirst y = x + attention(norm(x)), then y + maps(norm(y)). Vaswani et al. 2017.
/// </summary>
/// <remarks>
/// Call it with (x), (x, mask) or (x, mask, keyMask), or <see cref="CallWith"/>. x [places, batch, dim], or [batch,
/// places, dim] with BatchFirst, or [places, dim]; y the same. Names are PyTorch's <c>nn.TransformerEncoderLayer</c>'s.
/// </remarks>
public sealed class TransformerEncoderLayer : Module
{
    private readonly FeedForward _maps;
    private readonly Dropout _dropout1, _dropout2;

    /// <summary>A layer with these settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of range, or the heads do not divide the size.</exception>
    public TransformerEncoderLayer(TransformerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        SelfAttention = RegisterModule("self_attn", options.NewAttention());
        _maps = new FeedForward(options, this);
        Norm1 = RegisterModule("norm1", options.NewNorm());
        Norm2 = RegisterModule("norm2", options.NewNorm());
        _dropout1 = RegisterModule("dropout1", new Dropout(options.Dropout));
        _dropout2 = RegisterModule("dropout2", new Dropout(options.Dropout));
    }

    /// <summary>A layer with PyTorch's defaults.</summary>
    /// <param name="dim">The size of a token.</param>
    /// <param name="heads">The number of attention heads.</param>
    public TransformerEncoderLayer(int dim, int heads)
        : this(new TransformerOptions(dim, heads))
    {
    }

    /// <summary>The settings.</summary>
    public TransformerOptions Options { get; }

    /// <summary>How places look at each other.</summary>
    public MultiheadAttention SelfAttention { get; }

    /// <summary>The norm of the attention.</summary>
    public LayerNorm Norm1 { get; }

    /// <summary>The norm of the maps.</summary>
    public LayerNorm Norm2 { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new TransformerEncoderLayer(Options);

    /// <summary>As <see cref="Module.Call"/>, with names for the masks.</summary>
    /// <param name="x">[places, batch, dim].</param>
    /// <param name="mask">[places, places] or [batch · heads, places, places]; see
    /// <see cref="TransformerMask"/>.</param>
    /// <param name="keyMask">[batch, places], Int32: 1 for places that are there, 0 for padding.</param>
    public Tensor CallWith(Tensor x, Tensor? mask = null, Tensor? keyMask = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Call(x, TransformerMask.Pack(x.Device, mask, keyMask));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor[] others)
    {
        TransformerMask.RequireCount(others, 0, 2, this, "x, mask, keyMask");
        Tensor? mask = TransformerMask.At(others, 0), keyMask = TransformerMask.At(others, 1);
        if (Options.NormFirst)
        {
            x += Attend(Norm1.Call(x), mask, keyMask);
            return x + _dropout2.Call(_maps.Compute(Norm2.Call(x)));
        }

        x = Norm1.Call(x + Attend(x, mask, keyMask));
        return Norm2.Call(x + _dropout2.Call(_maps.Compute(x)));
    }

    private Tensor Attend(Tensor x, Tensor? mask, Tensor? keyMask) =>
        _dropout1.Call(SelfAttention.Call(x, TransformerMask.Pack(x.Device, x, x, mask, keyMask)));
}
