using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// Attention with several heads: queries, keys and values are projected, each head mixes the values by how well query
/// and key fit (softmax(q·kᵀ/√d)·v), and the heads' results are projected together. Vaswani et al. 2017.
/// </summary>
/// <remarks>
/// Call it with (x) for self-attention, (query, key, value), (query, key, value, attentionMask) or
/// (query, key, value, attentionMask, keyMask), with <see cref="TransformerMask.None"/> where one is left out; or use
/// <see cref="Attend"/>. query [queries, batch, dim], key and value
/// [keys, batch, dim], result as the query; with batchFirst the batch comes first; all may lack the batch.
/// The projections of query, key and value lie one below the other in <c>in_proj_weight</c> [3 dim, dim], as in
/// PyTorch.
/// </remarks>
public sealed class MultiheadAttention : Module
{
    /// <summary>Attention.</summary>
    /// <param name="dim">The size of queries, keys, values and results, a multiple of the heads.</param>
    /// <param name="heads">The number of heads.</param>
    /// <param name="dropout">The probability, in training, that a query loses sight of a key, in [0, 1].</param>
    /// <param name="bias">Whether the projections have biases.</param>
    /// <param name="batchFirst">Whether the batch is axis 0 rather than axis 1.</param>
    /// <param name="dtype">The element type of the parameters.</param>
    /// <param name="device">The device of the parameters.</param>
    /// <exception cref="ArgumentException">A setting is out of range, or the heads do not divide the size.</exception>
    public MultiheadAttention(
        int dim,
        int heads,
        double dropout = 0,
        bool bias = true,
        bool batchFirst = false,
        DType dtype = DType.Float32,
        Device? device = null)
    {
        Dim = Settings.AtLeast(1, dim, Name, nameof(dim));
        Heads = Settings.AtLeast(1, heads, Name, nameof(heads));
        if (dim % heads != 0)
            throw new ArgumentException($"{Name}: dim ({dim}) must be a multiple of heads ({heads}).", nameof(heads));
        Dropout = Settings.Fraction(dropout, Name, nameof(dropout));
        BatchFirst = batchFirst;
        InProjectionWeight = RegisterParameter("in_proj_weight", Tensor.Zeros([3 * dim, dim], dtype, device));
        InProjectionBias = RegisterParameter("in_proj_bias", bias ? Tensor.Zeros([3 * dim], dtype, device) : null);
        OutProjection = RegisterModule("out_proj", new Linear(dim, dim, bias, dtype, device));
        ResetParameters();
    }

    /// <summary>The size of queries, keys, values and results.</summary>
    public int Dim { get; }

    /// <summary>The number of heads.</summary>
    public int Heads { get; }

    /// <summary>The probability, in training, that a query loses sight of a key.</summary>
    public double Dropout { get; }

    /// <summary>Whether the batch is axis 0 rather than axis 1.</summary>
    public bool BatchFirst { get; }

    /// <summary>The projections of query, key and value [3 dim, dim].</summary>
    public Parameter InProjectionWeight { get; }

    /// <summary>Their biases [3 dim], or null.</summary>
    public Parameter? InProjectionBias { get; }

    /// <summary>The projection of the result.</summary>
    public Linear OutProjection { get; }

    /// <inheritdoc/>
    public override Module NewLike() => new MultiheadAttention(
        Dim, Heads, Dropout, InProjectionBias != null, BatchFirst, InProjectionWeight.DType, InProjectionWeight.Device);

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"dim: {Dim}, heads: {Heads}, dropout: {Settings.Text(Dropout)}, " +
        $"bias: {Settings.Text(InProjectionBias != null)}, batchFirst: {Settings.Text(BatchFirst)}";

    /// <summary>Draws new initial values: Xavier uniform for the inputs' projections; biases 0.</summary>
    public void ResetParameters()
    {
        Initialize.XavierUniform(InProjectionWeight);
        OutProjection.ResetParameters();
        if (InProjectionBias != null)
            Initialize.Constant(InProjectionBias, 0);
        if (OutProjection.Bias != null)
            Initialize.Constant(OutProjection.Bias, 0);
    }

    /// <summary>Lets queries attend to keys, with names for the masks.</summary>
    /// <param name="query">What is asked for: [queries, batch, dim].</param>
    /// <param name="key">What each place offers: [keys, batch, dim].</param>
    /// <param name="value">What each place gives: [keys, batch, dim].</param>
    /// <param name="attentionMask">
    /// [queries, keys] or [batch · heads, queries, keys]. Int32: 1 where a query may look, 0 where not (PyTorch's
    /// boolean mask is the other way round). Float: added to the scores.
    /// </param>
    /// <param name="keyMask">[batch, keys], Int32: 1 for keys that are there, 0 for padding.</param>
    /// <param name="isCausal">Whether query number i sees keys 0 … i only.</param>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public Tensor Attend(
        Tensor query,
        Tensor key,
        Tensor value,
        Tensor? attentionMask = null,
        Tensor? keyMask = null,
        bool isCausal = false)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        using var scope = TensorScope.Begin();
        return scope.Keep(Compute(query, key, value, attentionMask, keyMask, isCausal));
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor[] others) => others switch
    {
        [] => Compute(x, x, x, null, null, false),
        [var key, var value, ..] when others.Length <= 4 => Compute(
            x, key, value, TransformerMask.At(others, 2), TransformerMask.At(others, 3), false),
        _ => throw new ArgumentException(
            $"{Name}: takes (x) or (query, key, value, attentionMask, keyMask), the masks optional; " +
            $"got {1 + others.Length} tensors.",
            nameof(others)),
    };

    private Tensor Compute(
        Tensor query, Tensor key, Tensor value, Tensor? attentionMask, Tensor? keyMask, bool isCausal)
    {
        RequireShapes(query.Shape, key.Shape, value.Shape);
        bool batched = query.Rank == 3;
        int batchAxis = BatchFirst ? 0 : 1;
        int queries = query.Shape[batched && BatchFirst ? 1 : 0], keys = key.Shape[batched && BatchFirst ? 1 : 0];
        int batch = batched ? query.Shape[batchAxis] : 1;
        var mask = Mask(attentionMask, keyMask, batch, queries, keys);
        var mixed = Tensor.Attention(
            SplitHeads(Project(query, 0), batch, batched),
            SplitHeads(Project(key, 1), batch, batched),
            SplitHeads(Project(value, 2), batch, batched),
            mask,
            isCausal,
            IsTraining ? Dropout : 0);
        // [batch, heads, queries, size] back to the query's order of axes.
        var ordered = batched && !BatchFirst ? mixed.Permute(2, 0, 1, 3) : mixed.Permute(0, 2, 1, 3);
        return OutProjection.Call(ordered.Reshape(query.Shape));
    }

    private Tensor Project(Tensor x, int part)
    {
        int start = part * Dim, end = start + Dim;
        return x.Linear(InProjectionWeight.Slice(0, start, end), InProjectionBias?.Slice(0, start, end));
    }

    /// <summary>
    /// [places, batch, dim], [batch, places, dim] or [places, dim] to [batch, heads, places, size of a head].
    /// </summary>
    private Tensor SplitHeads(Tensor x, int batch, bool batched)
    {
        int size = Dim / Heads;
        return batched && !BatchFirst
            ? x.Reshape(-1, batch, Heads, size).Permute(1, 2, 0, 3)
            : x.Reshape(batch, -1, Heads, size).Permute(0, 2, 1, 3);
    }

    private Tensor? Mask(Tensor? attentionMask, Tensor? keyMask, int batch, int queries, int keys)
    {
        Shape oneForAll = [queries, keys], oneEach = [batch * Heads, queries, keys];
        if (attentionMask != null && attentionMask.Shape == oneEach)
            attentionMask = attentionMask.Reshape(batch, Heads, queries, keys);
        else if (attentionMask != null && attentionMask.Shape != oneForAll)
            throw WrongMask("attentionMask", attentionMask, $"{oneForAll} or {oneEach}");
        if (keyMask == null)
            return attentionMask;
        if (keyMask.Shape != Shape.Create([batch, keys]) || keyMask.DType != DType.Int32)
            throw WrongMask("keyMask", keyMask, $"Int32 [{batch}, {keys}]");
        var visible = keyMask.Reshape(batch, 1, 1, keys);
        if (attentionMask == null)
            return visible;
        if (attentionMask.DType == DType.Int32)
            return attentionMask * visible;
        var never = Tensor.Scalar(double.NegativeInfinity, attentionMask.DType, attentionMask.Device);
        return Tensor.Where(visible, attentionMask, never);
    }

    private ShapeException WrongMask(string what, Tensor mask, string wanted) =>
        new($"{Name}: {what} must be {wanted}; got {mask.DType} {mask.Shape}.");

    private void RequireShapes(Shape query, Shape key, Shape value)
    {
        int batchAxis = BatchFirst ? 0 : 1;
        bool fit = query.Rank is 2 or 3 && key.Rank == query.Rank && value == key
            && query[-1] == Dim && key[-1] == Dim && (query.Rank == 2 || query[batchAxis] == key[batchAxis]);
        if (!fit)
        {
            string order = BatchFirst ? "[batch, places, " : "[places, batch, ";
            throw new ShapeException(
                $"{Name}: wants query, key and value {order}{Dim}], or [places, {Dim}], key and value alike; " +
                $"got query {query}, key {key}, value {value}.");
        }
    }
}
