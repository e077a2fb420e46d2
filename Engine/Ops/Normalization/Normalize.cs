using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>
/// Layer, group and instance normalisation: x, seen as [rows, groups, channels per group, inner], is normalised over
/// the last two, and weight and bias belong to channels. With x̂ = (x − mean) rstd: db = Σ g, dw = Σ g x̂, dx = rstd
/// (g w − mean(g w) − x̂ mean(g w x̂)). Keeps x, weight, mean and rstd.
/// </summary>
internal sealed class NormalizeOp(
    string name, Tensor? weight, Tensor? bias, int rows, int groups, Shape channels, int inner, double eps)
    : Op, IOpExamples
{
    private readonly bool _hasWeight = weight != null;
    private readonly bool _hasBias = bias != null;
    private readonly int _channelsPerGroup = channels.ElementCount / Math.Max(1, groups);

    public static IEnumerable<OpExample> Examples =>
    [
        Layer("layer", [5, 7], [7]),
        Layer("layer over two axes", [2, 3, 5], [3, 5]),
        Layer("layer over all axes", [3, 2], [3, 2], eps: 0.5),
        Layer("layer without weight and bias", [2, 3, 5], [5], inputs: 1),
        Layer("layer without bias", [3, 5], [5], inputs: 2),
        Layer("layer, no rows", [0, 5], [5]),
        Layer("layer, several blocks of rows", [300, 3], [3]),
        Channels("group", [3, 6, 5], 2),
        Channels("group of images", [2, 4, 3, 5], 2),
        Channels("group without axes", [3, 6], 3),
        Channels("one group", [2, 3, 5], 1, inputs: 1),
        Channels("instance", [2, 3, 7], 3),
        Channels("instance of images", [2, 3, 2, 3], 3, inputs: 1),
    ];

    public override string Name => name;

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0].Contiguous();
        if (!x.DType.IsFloat())
            throw Map.Unsupported(Name, x.DType);
        var w = NormalizationInputs.OrDefault(Name, "weight", weight, x, channels, 1);
        var b = NormalizationInputs.OrDefault(Name, "bias", bias, x, channels, 0);
        var y = x.EmptyLike(x.Shape);
        var (mean, rstd) = (x.EmptyLike([rows, groups]), x.EmptyLike([rows, groups]));
        if (x.DType == DType.Float32)
        {
            GroupNormalization.Forward(
                x.Device, rows * groups, x.View<float>(), w.View<float>(), b.View<float>(), y.View<float>(),
                mean.View<float>(), rstd.View<float>(), groups, _channelsPerGroup, inner, eps);
        }
        else
        {
            GroupNormalization.Forward(
                x.Device, rows * groups, x.View<double>(), w.View<double>(), b.View<double>(), y.View<double>(),
                mean.View<double>(), rstd.View<double>(), groups, _channelsPerGroup, inner, eps);
        }

        Keep(inputs[0], weight ?? w, mean, rstd);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var (dx, dw, db) = IsCreatingGraph ? Composed(g) : Fused(Kept(0).Contiguous(), g.Contiguous());
        return [dx, .. _hasWeight ? [dw] : Array.Empty<Tensor?>(), .. _hasBias ? [db] : Array.Empty<Tensor?>()];
    }

    private (Tensor? X, Tensor? Weight, Tensor? Bias) Fused(Tensor x, Tensor g)
    {
        var (w, mean, rstd) = (Kept(1).Contiguous(), Kept(2), Kept(3));
        Tensor? dx = null;
        if (Needs(0))
        {
            dx = x.EmptyLike(x.Shape);
            if (x.DType == DType.Float32)
            {
                GroupNormalization.Backward(
                    x.Device, rows * groups, g.View<float>(), x.View<float>(), w.View<float>(), mean.View<float>(),
                    rstd.View<float>(), dx.View<float>(), groups, _channelsPerGroup, inner);
            }
            else
            {
                GroupNormalization.Backward(
                    x.Device, rows * groups, g.View<double>(), x.View<double>(), w.View<double>(), mean.View<double>(),
                    rstd.View<double>(), dx.View<double>(), groups, _channelsPerGroup, inner);
            }
        }

        if (!_hasWeight && !_hasBias)
            return (dx, null, null);
        var sums = new ChannelSums(rows, groups * _channelsPerGroup, inner);
        var (db, dw) = sums.Gradients(g, x, mean, rstd, groups, _channelsPerGroup);
        return (dx, dw.Reshape(channels), db.Reshape(channels));
    }

    private (Tensor X, Tensor Weight, Tensor Bias) Composed(Tensor g)
    {
        Shape grouped = [rows, groups, _channelsPerGroup, inner];
        Shape perChannel = [1, groups, _channelsPerGroup, 1];
        var x = Kept(0);
        var (dx, dw, db) = NormalizationInputs.Composed(
            x.Reshape(grouped), Kept(1).Reshape(perChannel), g.Reshape(grouped), [2, 3], eps);
        return (dx.Reshape(x.Shape), dw.Reshape(channels), db.Reshape(channels));
    }

    private static OpExample Layer(string label, Shape shape, Shape over, int inputs = 3, double eps = 1e-5) => Example(
        label,
        t => t[0].LayerNorm(over, t.ElementAtOrDefault(1), t.ElementAtOrDefault(2), eps),
        [OpInput.Uniform(shape), OpInput.Uniform(over), OpInput.Uniform(over)],
        inputs,
        1,
        eps);

    private static OpExample Channels(string label, Shape shape, int groups, int inputs = 3) => Example(
        label,
        t => groups == shape[1] && shape.Rank > 2
            ? t[0].InstanceNorm(t.ElementAtOrDefault(1), t.ElementAtOrDefault(2))
            : t[0].GroupNorm(groups, t.ElementAtOrDefault(1), t.ElementAtOrDefault(2)),
        [OpInput.Uniform(shape), OpInput.Uniform([shape[1]]), OpInput.Uniform([shape[1]])],
        inputs,
        groups,
        1e-5);

    private static OpExample Example(
        string label, Func<Tensor[], Tensor> call, OpInput[] all, int inputs, int groups, double eps) =>
        new(label, call, all[..inputs])
        {
            Options = new Dictionary<string, object>
            {
                ["weight shape"] = all[1].Shape,
                ["groups"] = groups,
                ["is layer"] = label.StartsWith("layer", StringComparison.Ordinal),
                ["eps"] = eps,
            },
        };
}
