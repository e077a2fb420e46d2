namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// Scaled dot-product attention (Vaswani et al. 2017): y = softmax(scale · q·kᵀ + mask)·v. q [batch…, queries,
    /// size], k [batch…, keys, size], v [batch…, keys, values], y [batch…, queries, values]; the batch axes
    /// broadcast.
    /// </summary>
    /// <param name="query">q: what is asked for.</param>
    /// <param name="key">k: what each place offers.</param>
    /// <param name="value">v: what each place gives.</param>
    /// <param name="mask">Broadcasts to [batch…, queries, keys]. Int32: 1 where a query may look, 0 where not. Float:
    /// added to the scores.</param>
    /// <param name="isCausal">Whether query number i sees keys 0 … i only. It goes together with a mask.</param>
    /// <param name="dropout">The probability, 0 … 1, with which a weight is dropped.</param>
    /// <param name="scale">1 / √size when left out.</param>
    /// <param name="random">Where dropout's randomness comes from; the current source when left out.</param>
    /// <returns>
    /// The mix of values for each query; zeros where a query sees no key, and the mean of the values where size is 0.
    /// </returns>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    /// <exception cref="DTypeException">The types differ, or are not Float32 or Float64.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The scale is not finite.</exception>
    public static Tensor Attention(
        Tensor query,
        Tensor key,
        Tensor value,
        Tensor? mask = null,
        bool isCausal = false,
        double dropout = 0,
        double? scale = null,
        RandomSource? random = null)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        if (query.Rank < 2 || key.Rank < 2 || value.Rank < 2
            || query.Shape[-1] != key.Shape[-1] || key.Shape[-2] != value.Shape[-2])
        {
            throw new ShapeException(
                "Attention: wanted q [batch…, queries, size], k [batch…, keys, size], v [batch…, keys, values]; " +
                $"got q {query.Shape}, k {key.Shape}, v {value.Shape}.");
        }

        if (scale is { } given && !double.IsFinite(given))
        {
            throw new ArgumentOutOfRangeException(
                nameof(scale), given, $"Attention: the scale must be a finite number; got {given}.");
        }

        // Without features every score is 0, an empty sum, and stays so: 1 / √0 would make it NaN.
        double factor = scale ?? (query.Shape[-1] == 0 ? 1 : 1 / Math.Sqrt(query.Shape[-1]));
        if (mask != null)
            Map.RequireSameDevice(nameof(Attention), query, mask);
        // Dropout draws over all weights at once, and the gradient of a mask adds up over them: these want them whole.
        if (dropout != 0 || mask is { RequiresGradient: true })
        {
            var scores = new MatMulOp(false, true).Apply(query, key);
            return AttentionWeightsOp.Of(scores, mask, isCausal ? 1 : 0, factor).Dropout(dropout, random).MatMul(value);
        }

        return new AttentionOp(factor, isCausal, mask).Apply(query, key, value);
    }
}
