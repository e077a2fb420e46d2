using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>
/// What losses against a class index have in common: shapes, checked indices, class weights, the index to ignore and
/// the weighted reduction.
/// </summary>
/// <remarks>
/// Every such loss is −Σ q log p of a row's distribution p over classes and a fixed one q that the target stands for,
/// so its derivatives of any order follow from q, which is made only when they are asked for.
/// </remarks>
internal abstract class ClassLossOp(Tensor? weight, double smoothing, long ignored, LossReduction reduction) : Op
{
    private AxisRuns _runs;

    /// <summary>
    /// The layout of the prediction around its class axis: one run for each row, that is for each target.
    /// </summary>
    protected AxisRuns Rows => _runs;

    /// <summary>The axis of classes.</summary>
    protected int ClassAxis { get; private set; }

    protected double Smoothing => smoothing;

    protected long Ignored => ignored;

    protected LossReduction Reduction => reduction;

    protected sealed override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        if (!x.DType.IsFloat())
            throw Map.Unsupported(Name, x.DType);
        ClassAxis = x.Rank == 1 ? 0 : 1;
        if (x.Rank == 0 || inputs[1].Shape != x.Shape.Without(ClassAxis))
        {
            throw new ShapeException(
                $"{Name}: the prediction has shape {x.Shape}, the target {inputs[1].Shape}; wanted " +
                "[batch, classes, …] and [batch, …], a class index for each.");
        }

        _runs = AxisRuns.Around(x.Shape, ClassAxis);
        Map.RequireSameDevice(Name, x, inputs[1]);
        var target = CheckedIndices(inputs[1]);
        var weights = Weights(x);
        var loss = x.EmptyLike(target.Shape);
        var rowWeight = x.EmptyLike(target.Shape);
        var forBackward = Values(x.Contiguous(), target, weights, loss, rowWeight);
        var divisor = rowWeight.Sum();
        Keep(x, target, weights, divisor);
        Keep(forBackward);
        return reduction switch
        {
            LossReduction.Mean => loss.Sum() / divisor,
            LossReduction.Sum => loss.Sum(),
            LossReduction.None => loss,
            _ => throw ElementwiseLossOp.Unknown(Name, reduction),
        };
    }

    protected sealed override Tensor?[] Backward(Tensor g)
    {
        if (!Needs(0))
            return [null, null];
        var upstream = reduction == LossReduction.Mean ? g / Kept(3) : g;
        if (!IsCreatingGraph)
            return [Fused(Kept(0).Contiguous(), Kept(1), Kept(2), upstream.Contiguous()), null];
        if (reduction == LossReduction.None)
            upstream = upstream.Unsqueeze(ClassAxis);
        return [Composed(Kept(0), Distribution(), upstream), null];
    }

    /// <summary>Writes loss and weight of every row; returns what backward needs of it besides the inputs.</summary>
    protected abstract Tensor[] Values(Tensor x, Tensor target, Tensor weights, Tensor loss, Tensor rowWeight);

    /// <summary>dx in one pass. <paramref name="g"/> has an element for each row, or one for all.</summary>
    protected abstract Tensor Fused(Tensor x, Tensor target, Tensor weights, Tensor g);

    /// <summary>dx by differentiable operations; <paramref name="g"/> broadcasts.</summary>
    protected abstract Tensor Composed(Tensor x, Tensor q, Tensor g);

    /// <summary>What <see cref="Values"/> returned.</summary>
    protected Tensor KeptValue(int position) => Kept(4 + position);

    /// <summary>Class weights of an example, in the prediction's type.</summary>
    protected static Tensor? WeightsOf(double[]? weights, Tensor prediction) =>
        weights == null ? null : Tensor.From(weights, [weights.Length], prediction.Device).To(prediction.DType);

    /// <summary>The distribution over classes that the targets stand for.</summary>
    private Tensor Distribution()
    {
        var (x, target, weights) = (Kept(0), Kept(1), Kept(2));
        var q = x.EmptyLike(x.Shape);
        if (x.DType == DType.Float32)
        {
            Losses.TargetDistribution(
                x.Device, _runs.Count, target.View<long>(), weights.View<float>(), q.View<float>(), _runs.Size,
                _runs.Inner, ignored, (float)smoothing);
        }
        else
        {
            Losses.TargetDistribution(
                x.Device, _runs.Count, target.View<long>(), weights.View<double>(), q.View<double>(), _runs.Size,
                _runs.Inner, ignored, smoothing);
        }

        return q;
    }

    private Tensor Weights(Tensor x)
    {
        if (weight == null)
            return Tensor.Ones([_runs.Size], x.DType, x.Device);
        Map.RequireSame(Name, x, weight);
        if (weight.Rank != 1 || weight.Count != _runs.Size)
            throw new ShapeException(
                $"{Name}: class weights of shape {weight.Shape}; wanted [{_runs.Size}], one for each class.");
        if (weight.RequiresGradient)
            throw new GradientException(
                $"{Name}: class weights are settings and get no gradient; pass weight.Detach().");
        return weight.Contiguous();
    }

    private Tensor CheckedIndices(Tensor target)
    {
        if (!target.DType.IsInteger())
            throw new DTypeException($"{Name}: the target holds {target.DType}; class indices are Int64 or Int32.");
        var indices = (target.DType == DType.Int32 ? target.To(DType.Int64) : target).Contiguous();
        int classes = _runs.Size;
        return Indices.Checked(indices, classes, ignored, (value, i) => new ArgumentOutOfRangeException(
            nameof(target),
            value,
            $"{Name}: class index {value} at position {i} is outside 0 … {classes - 1}: the prediction has " +
            $"{classes} classes (the index to ignore is {ignored})."));
    }
}
