using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Library;
using Family = MomentumCore.Kernels.Library.Softmax;

namespace MomentumCore.Engine;

/// <summary>
/// The weights of attention: y = softmax(scale · x + mask) along the last axis of scores x [batch…, queries, keys],
/// where a causal query sees only keys up to its own place; a query that sees no key gets zeros. dx = scale · y
/// (g − Σ g y), and the same without the scale, summed to its shape, for an additive mask. Keeps y.
/// </summary>
/// <remarks>The mask broadcasts. Integers are 1 where a query may look, 0 where not; floats are added.</remarks>
internal sealed class AttentionWeightsOp(double scale, int visible, Tensor? integerMask) : Op, IOpExamples
{
    private Shape? _maskShape;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("plain", 1, false, OpInput.Uniform([2, 3, 5])),
        Example("scaled", 0.3, false, OpInput.Uniform([3, 5])),
        Example("causal, square", 1, true, OpInput.Uniform([2, 5, 5])),
        Example("causal, more keys", 0.5, true, OpInput.Uniform([3, 7])),
        Example("causal, more queries", 1, true, OpInput.Uniform([2, 5, 3])),
        Example("added", 0.5, false, OpInput.Uniform([2, 2, 3, 5]), OpInput.Uniform([3, 5])),
        Example("added for each head", 2, true, OpInput.Uniform([2, 2, 3, 3]), OpInput.Uniform([2, 1, 3])),
        Example("masked", 0.5, false, OpInput.Uniform([2, 5, 7]), OpInput.Index([5, 7], 2)),
        Example("keys masked", 1, true, OpInput.Uniform([3, 2, 4, 4]), OpInput.Index([3, 1, 1, 4], 2)),
        Example("all masked", 1, false, OpInput.Uniform([2, 3]), OpInput.Index([3], 1)),
        Example("large", 1, false, OpInput.Uniform([2, 5], -1000, 1000)),
        Example("empty", 1, false, OpInput.Uniform([0, 2, 3])),
    ];

    /// <summary>The weights for scores and a mask of either kind.</summary>
    public static Tensor Of(Tensor scores, Tensor? mask, int visible, double scale) => mask switch
    {
        null => new AttentionWeightsOp(scale, visible, null).Apply(scores),
        _ when mask.DType.IsInteger() => new AttentionWeightsOp(scale, visible, mask).Apply(scores),
        _ => new AttentionWeightsOp(scale, visible, null).Apply(scores, mask),
    };

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        if (!x.DType.IsFloat())
            throw Map.Unsupported(Name, x.DType);
        var y = x.EmptyLike(x.Shape);
        bool isMasked = inputs.Length > 1 || integerMask != null;
        if (inputs.Length > 1)
        {
            _maskShape = inputs[1].Shape;
            Add(x, inputs[1], y);
        }
        else if (integerMask != null)
        {
            Choose(x, integerMask, y);
        }

        var source = isMasked ? y : x.Contiguous();
        double factor = isMasked ? 1 : scale;
        int rows = x.Shape[..^1].ElementCount;
        if (x.DType == DType.Float32)
        {
            SoftmaxRows.AttentionWeights(
                x.Device, rows, source.View<float>(), y.View<float>(), x.Shape[-1], x.Shape[-2],
                visible, factor);
        }
        else
        {
            SoftmaxRows.AttentionWeights(
                x.Device, rows, source.View<double>(), y.View<double>(), x.Shape[-1], x.Shape[-2],
                visible, factor);
        }

        Keep(y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var y = Kept(0);
        if (_maskShape is not { } maskShape)
            return [Slope(y, g, scale)];
        if (!Needs(1))
            return [Slope(y, g, scale), null];
        var slope = Slope(y, g, 1);
        return [slope * scale, slope.SumTo(maskShape)];
    }

    private Tensor Slope(Tensor y, Tensor g, double factor) => IsCreatingGraph
        ? factor * y * (g - (g * y).Sum([-1], keepAxes: true))
        : SoftmaxOp.Slope(y, g, -1, factor);

    private void Add(Tensor x, Tensor mask, Tensor y)
    {
        Map.RequireSame(Name, x, mask);
        using var wide = mask.BroadcastAlias(x.Shape, Name);
        var layout = StridedLayout.Create(x.Shape.AsSpan(), x.StrideArray, wide.StrideArray, y.StrideArray);
        if (x.DType == DType.Float32)
            Family.ScaleAndAdd(x.Device, layout, x.View<float>(), wide.View<float>(), y.View<float>(), (float)scale);
        else
            Family.ScaleAndAdd(x.Device, layout, x.View<double>(), wide.View<double>(), y.View<double>(), scale);
    }

    private void Choose(Tensor x, Tensor mask, Tensor y)
    {
        using var wide = (mask.DType == DType.Int32 ? mask : mask.To(DType.Int32)).BroadcastAlias(x.Shape, Name);
        var layout = StridedLayout.Create(x.Shape.AsSpan(), x.StrideArray, wide.StrideArray, y.StrideArray);
        if (x.DType == DType.Float32)
            Family.ScaleAndMask(x.Device, layout, x.View<float>(), wide.View<int>(), y.View<float>(), (float)scale);
        else
            Family.ScaleAndMask(x.Device, layout, x.View<double>(), wide.View<int>(), y.View<double>(), scale);
    }

    private static OpExample Example(string label, double scale, bool isCausal, params OpInput[] inputs) =>
        new(label, t => Of(t[0], t.ElementAtOrDefault(1), isCausal ? 1 : 0, scale), inputs)
        {
            Options = new Dictionary<string, object>
            {
                ["scale"] = scale,
                ["isCausal"] = isCausal,
                ["isAdded"] = inputs.Length > 1 && !inputs[1].IsIndex,
            },
        };
}
