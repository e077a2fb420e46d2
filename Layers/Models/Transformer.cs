using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// Encoder and decoder: the decoder's layers look at what the encoder made of the source. Vaswani et al. 2017.
/// </summary>
/// <remarks>
/// Call it with (source, target) and masks (sourceMask, targetMask, memoryMask, sourceKeyMask, targetKeyMask,
/// memoryKeyMask), or <see cref="CallWith"/>. source [source places, batch, dim], target and result [target places,
/// batch, dim]; batch first with BatchFirst; or all without batch. Matrices start Xavier uniform. Names are PyTorch's
/// <c>nn.Transformer</c>'s; embeddings and position codes are the caller's.
/// </remarks>
public sealed class Transformer : Module
{
    /// <summary>A Transformer with these settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of range, or the heads do not divide the size.</exception>
    public Transformer(TransformerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        using var encoderLayer = new TransformerEncoderLayer(options);
        using var decoderLayer = new TransformerDecoderLayer(options);
        Encoder = RegisterModule(
            "encoder", new TransformerEncoder(encoderLayer, options.EncoderLayers, options.NewNorm()));
        Decoder = RegisterModule(
            "decoder", new TransformerDecoder(decoderLayer, options.DecoderLayers, options.NewNorm()));
        foreach (var parameter in Parameters().Where(p => p.Rank > 1))
            Initialize.XavierUniform(parameter);
    }

    /// <summary>A Transformer with PyTorch's defaults: 512 dimensions, 8 heads, 6 and 6 layers.</summary>
    public Transformer()
        : this(new TransformerOptions())
    {
    }

    /// <summary>The settings.</summary>
    public TransformerOptions Options { get; }

    /// <summary>From the source to the memory.</summary>
    public TransformerEncoder Encoder { get; }

    /// <summary>From target and memory to the result.</summary>
    public TransformerDecoder Decoder { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new Transformer(Options);

    /// <summary>As <see cref="Module.Call"/>, with names for the masks; see <see cref="TransformerMask"/>.</summary>
    /// <param name="source">[source places, batch, dim].</param>
    /// <param name="target">[target places, batch, dim].</param>
    /// <param name="sourceMask">[source places, source places].</param>
    /// <param name="targetMask">[target places, target places]; usually <see cref="TransformerMask.Causal"/>.</param>
    /// <param name="memoryMask">[target places, source places].</param>
    /// <param name="sourceKeyMask">[batch, source places], Int32: 1 for places that are there, 0 for padding.</param>
    /// <param name="targetKeyMask">[batch, target places], the same for the target.</param>
    /// <param name="memoryKeyMask">[batch, source places], the same for what the decoder sees of the source.</param>
    public Tensor CallWith(
        Tensor source,
        Tensor target,
        Tensor? sourceMask = null,
        Tensor? targetMask = null,
        Tensor? memoryMask = null,
        Tensor? sourceKeyMask = null,
        Tensor? targetKeyMask = null,
        Tensor? memoryKeyMask = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        return Call(source, TransformerMask.Pack(
            source.Device, target, sourceMask, targetMask, memoryMask, sourceKeyMask, targetKeyMask, memoryKeyMask));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor[] others)
    {
        const string Known = "source, target, sourceMask, targetMask, memoryMask, sourceKeyMask, targetKeyMask, " +
            "memoryKeyMask";
        TransformerMask.RequireCount(others, 1, 7, this, Known);
        Tensor? Mask(int position) => TransformerMask.At(others, position);
        var memory = Encoder.CallWith(x, Mask(1), Mask(4));
        return Decoder.CallWith(others[0], memory, Mask(2), Mask(3), Mask(5), Mask(6));
    }
}
