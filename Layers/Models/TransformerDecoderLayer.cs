using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// Self-attention, attention to a memory, then two linear maps, each with a way round it and a norm, as in
/// <see cref="TransformerEncoderLayer"/>. Vaswani et al. 2017.
/// </summary>
/// <remarks>
/// Call it with (x, memory), (x, memory, mask, memoryMask, keyMask, memoryKeyMask), the masks from the end optional, or
/// <see cref="CallWith"/>. x [places, batch, dim], memory [memory places, batch, dim]; batch first with BatchFirst; or
/// both without batch. Names are PyTorch's <c>nn.TransformerDecoderLayer</c>'s.
/// </remarks>
public sealed class TransformerDecoderLayer : Module
{
    private readonly FeedForward _maps;
    private readonly Dropout _dropout1, _dropout2, _dropout3;

    /// <summary>A layer with these settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of range, or the heads do not divide the size.</exception>
    public TransformerDecoderLayer(TransformerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        Options = options;
        SelfAttention = RegisterModule("self_attn", options.NewAttention());
        MemoryAttention = RegisterModule("multihead_attn", options.NewAttention());
        _maps = new FeedForward(options, this);
        Norm1 = RegisterModule("norm1", options.NewNorm());
        Norm2 = RegisterModule("norm2", options.NewNorm());
        Norm3 = RegisterModule("norm3", options.NewNorm());
        _dropout1 = RegisterModule("dropout1", new Dropout(options.Dropout));
        _dropout2 = RegisterModule("dropout2", new Dropout(options.Dropout));
        _dropout3 = RegisterModule("dropout3", new Dropout(options.Dropout));
    }

    /// <summary>A layer with PyTorch's defaults.</summary>
    /// <param name="dim">The size of a token.</param>
    /// <param name="heads">The number of attention heads.</param>
    public TransformerDecoderLayer(int dim, int heads)
        : this(new TransformerOptions(dim, heads))
    {
    }

    /// <summary>The settings.</summary>
    public TransformerOptions Options { get; }

    /// <summary>How places look at each other.</summary>
    public MultiheadAttention SelfAttention { get; }

    /// <summary>How places look at the memory.</summary>
    public MultiheadAttention MemoryAttention { get; }

    /// <summary>The norm of the self-attention.</summary>
    public LayerNorm Norm1 { get; }

    /// <summary>The norm of the attention to the memory.</summary>
    public LayerNorm Norm2 { get; }

    /// <summary>The norm of the maps.</summary>
    public LayerNorm Norm3 { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new TransformerDecoderLayer(Options);

    /// <summary>As <see cref="Module.Call"/>, with names for the masks.</summary>
    /// <param name="x">[places, batch, dim].</param>
    /// <param name="memory">[memory places, batch, dim].</param>
    /// <param name="mask">Which places a place sees: [places, places]; see <see cref="TransformerMask"/>.</param>
    /// <param name="memoryMask">Which places of the memory a place sees: [places, memory places].</param>
    /// <param name="keyMask">[batch, places], Int32: 1 for places that are there, 0 for padding.</param>
    /// <param name="memoryKeyMask">[batch, memory places], the same for the memory.</param>
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
        TransformerMask.RequireCount(others, 1, 5, this, "x, memory, mask, memoryMask, keyMask, memoryKeyMask");
        if (Options.NormFirst)
        {
            x += AttendSelf(Norm1.Call(x), others);
            x += AttendMemory(Norm2.Call(x), others);
            return x + _dropout3.Call(_maps.Compute(Norm3.Call(x)));
        }

        x = Norm1.Call(x + AttendSelf(x, others));
        x = Norm2.Call(x + AttendMemory(x, others));
        return Norm3.Call(x + _dropout3.Call(_maps.Compute(x)));
    }

    private Tensor AttendSelf(Tensor x, Tensor[] others)
    {
        Tensor? mask = TransformerMask.At(others, 1), keyMask = TransformerMask.At(others, 3);
        return _dropout1.Call(SelfAttention.Call(x, TransformerMask.Pack(x.Device, x, x, mask, keyMask)));
    }

    private Tensor AttendMemory(Tensor x, Tensor[] others)
    {
        var memory = others[0];
        Tensor? mask = TransformerMask.At(others, 2), keyMask = TransformerMask.At(others, 4);
        return _dropout2.Call(
            MemoryAttention.Call(x, TransformerMask.Pack(x.Device, memory, memory, mask, keyMask)));
    }
}
