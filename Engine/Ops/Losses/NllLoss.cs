using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The negative log-likelihood of class indices under log-probabilities: −w[t] x[t] for each row.
    /// </summary>
    /// <param name="target">Class indices, Int64 or Int32: [batch, …] for log-probabilities of shape [batch, classes,
    /// …], or [] for [classes].</param>
    /// <param name="weight">A weight for each class, 1 when left out. The mean divides by Σ w[t].</param>
    /// <param name="ignoreIndex">Rows with this index count for nothing. When all do, the mean is NaN.</param>
    /// <param name="reduction">Mean and Sum give a tensor without axes, None one of the target's shape.</param>
    /// <exception cref="ShapeException">Prediction, target or weight do not fit.</exception>
    /// <exception cref="DTypeException">The target holds no integers, or the prediction no floats.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A class index is out of range.</exception>
    public Tensor NllLoss(
        Tensor target, Tensor? weight = null, long ignoreIndex = -100, LossReduction reduction = LossReduction.Mean) =>
        new NllLossOp(weight, ignoreIndex, reduction).Apply(this, target);
}

/// <summary>
/// −w[t] x[t] of each row; dx = −g q with the weight w[t] at the target's class in q. Keeps the target (and x, for its
/// shape).
/// </summary>
internal sealed class NllLossOp(Tensor? weight, long ignored, LossReduction reduction)
    : ClassLossOp(weight, 0, ignored, reduction), IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        .. Enum.GetValues<LossReduction>().Select(r => Example("rows", [5, 7], [5], reduction: r)),
        Example("image", [2, 3, 2, 5], [2, 2, 5]),
        Example("no batch", [7], []),
        .. Enum.GetValues<LossReduction>().Select(
            r => Example("all settings", [7, 3, 2], [7, 2], [0.5, 2, 1.25], 1, r)),
        Example("empty", [0, 3], [0], reduction: LossReduction.Sum),
    ];

    protected override Tensor[] Values(Tensor x, Tensor target, Tensor weights, Tensor loss, Tensor rowWeight)
    {
        if (x.DType == DType.Float32)
        {
            Losses.NegativeLogLikelihood(
                x.Device, Rows.Count, x.View<float>(), target.View<long>(), weights.View<float>(), loss.View<float>(),
                rowWeight.View<float>(), Rows.Size, Rows.Inner, Ignored);
        }
        else
        {
            Losses.NegativeLogLikelihood(
                x.Device, Rows.Count, x.View<double>(), target.View<long>(), weights.View<double>(),
                loss.View<double>(), rowWeight.View<double>(), Rows.Size, Rows.Inner, Ignored);
        }

        return [];
    }

    protected override Tensor Fused(Tensor x, Tensor target, Tensor weights, Tensor g)
    {
        var dx = x.EmptyLike(x.Shape);
        int rowStep = Reduction == LossReduction.None ? 1 : 0;
        if (x.DType == DType.Float32)
        {
            Losses.NegativeLogLikelihoodBackward(
                x.Device, Rows.Count, target.View<long>(), weights.View<float>(), g.View<float>(), dx.View<float>(),
                Rows.Size, Rows.Inner, Ignored, rowStep);
        }
        else
        {
            Losses.NegativeLogLikelihoodBackward(
                x.Device, Rows.Count, target.View<long>(), weights.View<double>(), g.View<double>(), dx.View<double>(),
                Rows.Size, Rows.Inner, Ignored, rowStep);
        }

        return dx;
    }

    protected override Tensor Composed(Tensor x, Tensor q, Tensor g) => -(g * q);

    private static OpExample Example(
        string label,
        Shape logits,
        Shape target,
        double[]? weights = null,
        long ignored = -100,
        LossReduction reduction = LossReduction.Mean)
    {
        int classes = logits[logits.Rank == 1 ? 0 : 1];
        return new OpExample(
            $"{label} {reduction}",
            t => t[0].NllLoss(t[1], WeightsOf(weights, t[0]), ignored, reduction),
            OpInput.Uniform(logits),
            OpInput.Index(target, classes))
        {
            Options = new Dictionary<string, object>
            {
                ["weights"] = weights ?? [.. Enumerable.Repeat(1.0, classes)],
                ["ignored"] = ignored,
                ["reduction"] = reduction,
            },
        };
    }
}
