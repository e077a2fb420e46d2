using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// Encoder layers one after the other, then perhaps a norm; <c>layers</c> is a <see cref="ModuleList"/>.
/// </summary>
/// <remarks>
/// Call it with what a <see cref="TransformerEncoderLayer"/> takes: (x, mask, keyMask), the masks optional. Every layer
/// gets the same masks. Names are PyTorch's <c>nn.TransformerEncoder</c>'s.
/// </remarks>
public sealed class TransformerEncoder : Module
{
    /// <summary>An encoder of copies of a layer.</summary>
    /// <param name="layer">The layer; the encoder's are copies of it, starting from its values.</param>
    /// <param name="count">The number of layers, 1 or more.</param>
    /// <param name="norm">What comes after the last layer, or null.</param>
    public TransformerEncoder(TransformerEncoderLayer layer, int count, Module? norm = null)
    {
        ArgumentNullException.ThrowIfNull(layer);
        Settings.AtLeast(1, count, Name, nameof(count));
        Layers = RegisterModule("layers", new ModuleList(Enumerable.Range(0, count).Select(_ => layer.Clone())));
        Norm = norm == null ? null : RegisterModule("norm", norm);
    }

    private TransformerEncoder(ModuleList layers, Module? norm)
    {
        Layers = RegisterModule("layers", layers);
        Norm = norm == null ? null : RegisterModule("norm", norm);
    }

    /// <summary>The layers.</summary>
    public ModuleList Layers { get; }

    /// <summary>What comes after the last layer, or null.</summary>
    public Module? Norm { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new TransformerEncoder((ModuleList)Layers.NewLike(), Norm?.NewLike());

    /// <summary>As <see cref="Module.Call"/>, with names for the masks.</summary>
    /// <inheritdoc cref="TransformerEncoderLayer.CallWith"/>
    public Tensor CallWith(Tensor x, Tensor? mask = null, Tensor? keyMask = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        return Call(x, TransformerMask.Pack(x.Device, mask, keyMask));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor[] others)
    {
        x = Chain.Run(Layers, x, others);
        return Norm?.Call(x) ?? x;
    }
}
