using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The cross-entropy of logits with class indices: log Σ exp x − x[t] for each row, stable for any x. With class
    /// weights w and label smoothing s it is (1 − s) w[t] (z − x[t]) + s / classes · Σ w[c] (z − x[c]), z = log Σ exp
    /// x.
    /// </summary>
    /// <param name="target">Class indices, Int64 or Int32: [batch, …] for logits of shape [batch, classes, …], or []
    /// for [classes].</param>
    /// <param name="weight">A weight for each class, 1 when left out. The mean divides by Σ w[t].</param>
    /// <param name="labelSmoothing">s, 0 … 1: how much of the target is spread over all classes (Szegedy et al.
    /// 2016).</param>
    /// <param name="ignoreIndex">Rows with this index count for nothing. When all do, the mean is NaN.</param>
    /// <param name="reduction">Mean and Sum give a tensor without axes, None one of the target's shape.</param>
    /// <exception cref="ShapeException">Logits, target or weight do not fit.</exception>
    /// <exception cref="DTypeException">The target holds no integers, or the logits no floats.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A class index or the smoothing is out of range.</exception>
    public Tensor CrossEntropy(
        Tensor target,
        Tensor? weight = null,
        double labelSmoothing = 0,
        long ignoreIndex = -100,
        LossReduction reduction = LossReduction.Mean)
    {
        if (!(labelSmoothing is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(labelSmoothing),
                labelSmoothing,
                $"CrossEntropy: label smoothing must be 0 … 1; got {labelSmoothing}.");
        }

        return new CrossEntropyOp(weight, labelSmoothing, ignoreIndex, reduction).Apply(this, target);
    }
}

/// <summary>
/// Cross-entropy of logits; dx = g (softmax(x) Σ q − q) with the distribution q that the target stands for. Keeps x,
/// the target and log Σ exp x of each row.
/// </summary>
internal sealed class CrossEntropyOp(Tensor? weight, double smoothing, long ignored, LossReduction reduction)
    : ClassLossOp(weight, smoothing, ignored, reduction), IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        .. Enum.GetValues<LossReduction>().Select(r => Example("rows", [5, 7], [5], reduction: r)),
        Example("image", [2, 3, 2, 5], [2, 2, 5]),
        Example("no batch", [7], []),
        Example("one class", [3, 1], [3]),
        Example("smoothed", [5, 7], [5], smoothing: 0.1),
        .. Enum.GetValues<LossReduction>().Select(
            r => Example("weighted", [5, 3], [5], weights: [0.5, 2, 1.25], reduction: r)),
        .. Enum.GetValues<LossReduction>().Select(
            r => Example("all settings", [7, 3, 2], [7, 2], [0.5, 2, 1.25], 0.2, ignored: 1, reduction: r)),
        Example("fully smoothed", [3, 5], [3], smoothing: 1),
        Example("empty", [0, 3], [0], reduction: LossReduction.Sum),
    ];

    protected override Tensor[] Values(Tensor x, Tensor target, Tensor weights, Tensor loss, Tensor rowWeight)
    {
        var normalizer = loss.EmptyLike(loss.Shape);
        if (x.DType == DType.Float32)
        {
            SoftmaxRows.Normalizers(
                x.Device, Rows.Count, x.View<float>(), normalizer.View<float>(), Rows.Size, Rows.Inner);
            Losses.CrossEntropy(
                x.Device, Rows.Count, x.View<float>(), target.View<long>(), weights.View<float>(), loss.View<float>(),
                rowWeight.View<float>(), normalizer.View<float>(), Rows.Size, Rows.Inner, Ignored, (float)Smoothing);
        }
        else
        {
            SoftmaxRows.Normalizers(
                x.Device, Rows.Count, x.View<double>(), normalizer.View<double>(), Rows.Size, Rows.Inner);
            Losses.CrossEntropy(
                x.Device, Rows.Count, x.View<double>(), target.View<long>(), weights.View<double>(),
                loss.View<double>(), rowWeight.View<double>(), normalizer.View<double>(), Rows.Size, Rows.Inner,
                Ignored, Smoothing);
        }

        return [normalizer];
    }

    protected override Tensor Fused(Tensor x, Tensor target, Tensor weights, Tensor g)
    {
        var normalizer = KeptValue(0);
        var dx = x.EmptyLike(x.Shape);
        int rowStep = Reduction == LossReduction.None ? 1 : 0;
        if (x.DType == DType.Float32)
        {
            CrossEntropyRows.Backward(
                x.Device, Rows.Count, x.View<float>(), normalizer.View<float>(), target.View<long>(),
                weights.View<float>(), g.View<float>(), dx.View<float>(), Rows.Size, Rows.Inner, Ignored,
                Smoothing, rowStep);
        }
        else
        {
            CrossEntropyRows.Backward(
                x.Device, Rows.Count, x.View<double>(), normalizer.View<double>(), target.View<long>(),
                weights.View<double>(), g.View<double>(), dx.View<double>(), Rows.Size, Rows.Inner, Ignored,
                Smoothing, rowStep);
        }

        return dx;
    }

    protected override Tensor Composed(Tensor x, Tensor q, Tensor g) =>
        g * ((x.Softmax(ClassAxis) * q.Sum([ClassAxis], keepAxes: true)) - q);

    private static OpExample Example(
        string label,
        Shape logits,
        Shape target,
        double[]? weights = null,
        double smoothing = 0,
        long ignored = -100,
        LossReduction reduction = LossReduction.Mean)
    {
        int classes = logits[logits.Rank == 1 ? 0 : 1];
        return new OpExample(
            $"{label} {reduction}",
            t => t[0].CrossEntropy(t[1], WeightsOf(weights, t[0]), smoothing, ignored, reduction),
            OpInput.Uniform(logits),
            OpInput.Index(target, classes))
        {
            Options = new Dictionary<string, object>
            {
                ["weights"] = weights ?? [.. Enumerable.Repeat(1.0, classes)],
                ["smoothing"] = smoothing,
                ["ignored"] = ignored,
                ["reduction"] = reduction,
            },
        };
    }
}
