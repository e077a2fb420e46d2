using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Engine;

/// <summary>
/// What losses that compare a prediction with a target element by element have in common: shapes and reduction.
/// </summary>
internal abstract class ElementwiseLossOp(LossReduction reduction) : Op
{
    private int _count;

    /// <summary>A kernel that makes dx from prediction, target and upstream gradient.</summary>
    protected delegate void SlopeLaunch<T>(
        Device device, in StridedLayout layout, ArrayView<T> x, ArrayView<T> target, ArrayView<T> g, ArrayView<T> dx)
        where T : unmanaged;

    protected sealed override Tensor Forward(Tensor[] inputs)
    {
        var (x, target) = (inputs[0], inputs[1]);
        Map.RequireSame(Name, x, target);
        if (x.Shape != target.Shape)
        {
            throw new ShapeException(
                $"{Name}: the prediction has shape {x.Shape}, the target {target.Shape}; they are compared element " +
                "by element, so make them equal with Reshape or Expand.");
        }

        Keep(inputs);
        _count = x.Count;
        var values = Values(inputs);
        return reduction switch
        {
            LossReduction.Mean => values.Sum() * (1.0 / _count),
            LossReduction.Sum => values.Sum(),
            LossReduction.None => values,
            _ => throw Unknown(Name, reduction),
        };
    }

    protected sealed override Tensor?[] Backward(Tensor g) =>
        Slopes(reduction == LossReduction.Mean ? g * (1.0 / _count) : g);

    /// <summary>The error for a number that was cast to a reduction.</summary>
    public static ArgumentOutOfRangeException Unknown(string name, LossReduction reduction) => new(
        nameof(reduction),
        reduction,
        $"{name}: there is no reduction {(int)reduction}; use LossReduction.Mean, Sum or None.");

    /// <summary>The loss of every element.</summary>
    protected abstract Tensor Values(Tensor[] inputs);

    /// <summary>The gradients of all inputs, where <paramref name="g"/> broadcasts to their shape.</summary>
    protected abstract Tensor?[] Slopes(Tensor g);

    /// <summary>dx in one pass; <paramref name="g"/> broadcasts.</summary>
    protected static Tensor Fused(Tensor x, Tensor target, Tensor g, SlopeLaunch<float> f32, SlopeLaunch<double> f64)
    {
        var dx = x.EmptyLike(x.Shape);
        var layout = StridedLayout.Create(
            x.Shape.AsSpan(), x.StrideArray, target.StrideArray, g.BroadcastStrides(x.Shape), dx.StrideArray);
        if (x.DType == DType.Float32)
            f32(x.Device, layout, x.View<float>(), target.View<float>(), g.View<float>(), dx.View<float>());
        else
            f64(x.Device, layout, x.View<double>(), target.View<double>(), g.View<double>(), dx.View<double>());
        return dx;
    }

    /// <summary>An example of each reduction; the second input is the target.</summary>
    protected static IEnumerable<OpExample> ExamplesOf(
        Func<Tensor[], LossReduction, Tensor> call,
        Func<Shape, OpInput> target,
        params (string Name, object Value)[] options)
    {
        foreach (var reduction in Enum.GetValues<LossReduction>())
        {
            foreach (Shape shape in (Shape[])[[3, 5], [1], [2, 0]])
            {
                // The mean of nothing is no number, as in PyTorch.
                if (shape.ElementCount == 0 && reduction == LossReduction.Mean)
                    continue;
                yield return new OpExample(
                    $"{reduction} {shape} {string.Join(' ', options)}",
                    t => call(t, reduction),
                    OpInput.Uniform(shape),
                    target(shape))
                {
                    Options = new Dictionary<string, object>(options.Select(o => KeyValuePair.Create(o.Name, o.Value)))
                    {
                        ["reduction"] = reduction,
                    },
                };
            }
        }
    }
}
