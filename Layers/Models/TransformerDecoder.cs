using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// Decoder layers one after the other, then perhaps a norm; <c>layers</c> is a <see cref="ModuleList"/>.
/// </summary>
/// <remarks>
/// Call it with what a <see cref="TransformerDecoderLayer"/> takes: (x, memory, mask, memoryMask, keyMask,
/// memoryKeyMask), the masks optional. Every layer gets the same. Names are PyTorch's <c>nn.TransformerDecoder</c>'s.
/// </remarks>
public sealed class TransformerDecoder : Module
{
    /// <summary>A decoder of copies of a layer.</summary>
    /// <param name="layer">The layer; the decoder's are copies of it, starting from its values.</param>
    /// <param name="count">The number of layers, 1 or more.</param>
    /// <param name="norm">What comes after the last layer, or null.</param>
    public TransformerDecoder(TransformerDecoderLayer layer, int count, Module? norm = null)
    {
        ArgumentNullException.ThrowIfNull(layer);
        Settings.AtLeast(1, count, Name, nameof(count));
        Layers = RegisterModule("layers", new ModuleList(Enumerable.Range(0, count).Select(_ => layer.Clone())));
        Norm = norm == null ? null : RegisterModule("norm", norm);
    }

    private TransformerDecoder(ModuleList layers, Module? norm)
    {
        Layers = RegisterModule("layers", layers);
        Norm = norm == null ? null : RegisterModule("norm", norm);
    }

    /// <summary>The layers.</summary>
    public ModuleList Layers { get; }

    /// <summary>What comes after the last layer, or null.</summary>
    public Module? Norm { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new TransformerDecoder((ModuleList)Layers.NewLike(), Norm?.NewLike());

    /// <summary>As <see cref="Module.Call"/>, with names for the masks.</summary>
    /// <inheritdoc cref="TransformerDecoderLayer.CallWith"/>
    public Tensor CallWith(
        Tensor x,
        Tensor memory,
        Tensor? mask = null,
        Tensor? memoryMask = null,
        Tensor? keyMask = null,
        Tensor? memoryKeyMask = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(memory);
        return Call(x, TransformerMask.Pack(x.Device, memory, mask, memoryMask, keyMask, memoryKeyMask));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor[] others)
    {
        x = Chain.Run(Layers, x, others);
        return Norm?.Call(x) ?? x;
    }
}
