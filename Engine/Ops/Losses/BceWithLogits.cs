using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The cross-entropy of yes-no targets with the probabilities sigmoid(x), element by element and safe for any x:
    /// (1 − t) x + (1 + (w − 1) t) log(1 + exp(−x)). Both have one shape, Float32 or Float64.
    /// </summary>
    /// <param name="target">The wanted probabilities, 0 … 1.</param>
    /// <param name="posWeight">w, the weight of targets of 1, of a shape that broadcasts to the prediction's; 1 when
    /// left out.</param>
    /// <param name="reduction">Mean and Sum give a tensor without axes, None one of the prediction's shape.</param>
    /// <exception cref="ShapeException">The shapes differ, or the weight's does not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ, or are not Float32 or Float64.</exception>
    public Tensor BceWithLogits(
        Tensor target, Tensor? posWeight = null, LossReduction reduction = LossReduction.Mean) =>
        posWeight == null
            ? new BceWithLogitsOp(reduction).Apply(this, target)
            : new BceWithLogitsOp(reduction).Apply(this, target, posWeight);
}

/// <summary>
/// Binary cross-entropy of logits; dx = g (1 − t − (1 + (w − 1) t) sigmoid(−x)), dt = g ((w − 1) softplus(−x) − x),
/// dw = g t softplus(−x). Keeps x, t and w.
/// </summary>
internal sealed class BceWithLogitsOp(LossReduction reduction) : ElementwiseLossOp(reduction), IOpExamples
{
    private bool _isWeighted;

    public static IEnumerable<OpExample> Examples =>
    [
        .. ExamplesOf(
            (t, reduction) => t[0].BceWithLogits(t[1], null, reduction), shape => OpInput.Uniform(shape, 0, 1)),
        Weighted("weights of the last axis", [3, 5], [5], LossReduction.Mean),
        Weighted("weights of all", [2, 3], [2, 3], LossReduction.None),
        Weighted("one weight", [2, 3], [], LossReduction.Sum),
        Example("large", LossReduction.None, OpInput.Uniform([7], -500, 500), OpInput.Uniform([7], 0, 1)),
    ];

    protected override Tensor Values(Tensor[] inputs)
    {
        var (x, target) = (inputs[0], inputs[1]);
        _isWeighted = inputs.Length > 2;
        var weight = Weight(_isWeighted ? inputs[2] : null, x);
        var y = x.EmptyLike(x.Shape);
        var layout = StridedLayout.Create(
            x.Shape.AsSpan(), x.StrideArray, target.StrideArray, weight.StrideArray, y.StrideArray);
        switch (x.DType)
        {
            case DType.Float32:
                Losses.BinaryCrossEntropy(
                    x.Device, layout, x.View<float>(), target.View<float>(), weight.View<float>(), y.View<float>());
                break;
            case DType.Float64:
                Losses.BinaryCrossEntropy(
                    x.Device, layout, x.View<double>(), target.View<double>(), weight.View<double>(), y.View<double>());
                break;
            default:
                throw Map.Unsupported(Name, x.DType);
        }

        return y;
    }

    protected override Tensor?[] Slopes(Tensor g)
    {
        var (x, target) = (Kept(0), Kept(1));
        var posWeight = _isWeighted ? Kept(2) : null;
        var dx = IsCreatingGraph ? Composed(x, target, posWeight, g) : Fused(x, target, Weight(posWeight, x), g);
        var dt = Needs(1) ? g * (posWeight == null ? -x : ((posWeight - 1.0) * (-x).Softplus()) - x) : null;
        return posWeight == null
            ? [dx, dt]
            : [dx, dt, Needs(2) ? (g * target * (-x).Softplus()).SumTo(posWeight.Shape) : null];
    }

    private static Tensor Composed(Tensor x, Tensor target, Tensor? posWeight, Tensor g)
    {
        var missing = (-x).Sigmoid();
        return g * (1.0 - target - (posWeight == null ? missing : (1.0 + ((posWeight - 1.0) * target)) * missing));
    }

    private static Tensor Fused(Tensor x, Tensor target, Tensor weight, Tensor g)
    {
        var dx = x.EmptyLike(x.Shape);
        var layout = StridedLayout.Create(
            x.Shape.AsSpan(), x.StrideArray, target.StrideArray, weight.StrideArray, g.BroadcastStrides(x.Shape),
            dx.StrideArray);
        if (x.DType == DType.Float32)
        {
            Losses.BinaryCrossEntropyBackward(
                x.Device, layout, x.View<float>(), target.View<float>(), weight.View<float>(), g.View<float>(),
                dx.View<float>());
        }
        else
        {
            Losses.BinaryCrossEntropyBackward(
                x.Device, layout, x.View<double>(), target.View<double>(), weight.View<double>(), g.View<double>(),
                dx.View<double>());
        }

        return dx;
    }

    private Tensor Weight(Tensor? posWeight, Tensor x)
    {
        if (posWeight != null)
            Map.RequireSame(Name, x, posWeight);
        return (posWeight ?? Tensor.Ones([], x.DType, x.Device)).BroadcastAlias(x.Shape, Name);
    }

    private static OpExample Weighted(string label, Shape shape, Shape weight, LossReduction reduction) =>
        Example(
            label, reduction, OpInput.Uniform(shape), OpInput.Uniform(shape, 0, 1), OpInput.Uniform(weight, 0.5, 3));

    private static OpExample Example(string label, LossReduction reduction, params OpInput[] inputs) =>
        new(label, t => t[0].BceWithLogits(t[1], t.Length > 2 ? t[2] : null, reduction), inputs)
        {
            Options = new Dictionary<string, object> { ["reduction"] = reduction },
        };
}
