using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Library;
using Family = MomentumCore.Kernels.Library.Normalization;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// Batch normalisation (Ioffe, Szegedy 2015): y = (x − mean) / √(variance + eps) · weight + bias for each channel.
    /// When training, mean and variance are those of the batch, over all axes but the channels', and the running ones
    /// move: running ← (1 − momentum) · running + momentum · new, with the unbiased variance. Else the running ones are
    /// used.
    /// </summary>
    /// <param name="weight">One factor for each channel; 1 when left out.</param>
    /// <param name="bias">One summand for each channel; 0 when left out.</param>
    /// <param name="runningMean">The running mean [channels], overwritten when training; may be left out then.</param>
    /// <param name="runningVar">The running variance [channels], overwritten when training; may be left out
    /// then.</param>
    /// <param name="training">Whether to use the statistics of the batch.</param>
    /// <param name="momentum">How far the running statistics move, 0 … 1.</param>
    /// <param name="eps">Added to the variance so that nothing is divided by 0.</param>
    /// <returns>A tensor of this shape, [batch, channels, …].</returns>
    /// <exception cref="ShapeException">Fewer than two axes, other tensors that are not [channels], or one value per
    /// channel when training.</exception>
    /// <exception cref="DTypeException">The types differ, or are not Float32 or Float64.</exception>
    /// <exception cref="ArgumentException">Not training, and the running statistics are left out; or only one of them
    /// is there.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The momentum or eps is out of range.</exception>
    /// <exception cref="GradientException">Training would overwrite running statistics that require a gradient.
    /// </exception>
    public Tensor BatchNorm(
        Tensor? weight = null,
        Tensor? bias = null,
        Tensor? runningMean = null,
        Tensor? runningVar = null,
        bool training = true,
        double momentum = 0.1,
        double eps = 1e-5)
    {
        NormalizationInputs.RequireEps(nameof(BatchNorm), eps);
        if (!(momentum is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(momentum), momentum, $"BatchNorm: the momentum must lie in [0, 1]; got {momentum}.");
        }

        if ((runningMean == null) != (runningVar == null))
        {
            throw new ArgumentException(
                $"BatchNorm: there is a running {(runningMean == null ? "variance" : "mean")} but no running " +
                $"{(runningMean == null ? "mean" : "variance")}; pass both, or none when training.");
        }

        if (training)
        {
            runningMean?.RequireWritable("BatchNorm, running mean");
            runningVar?.RequireWritable("BatchNorm, running variance");
        }

        return new BatchNormOp(weight, bias, runningMean, runningVar, training, momentum, eps)
            .Apply(NormalizationInputs.Present(this, weight, bias));
    }
}

/// <summary>
/// Batch normalisation. With x̂ = (x − mean) rstd: db = Σ g, dw = Σ g x̂, and dx = w rstd (g − (db + x̂ dw) / n) when
/// training, else dx = w rstd g. Keeps x and the statistics.
/// </summary>
internal sealed class BatchNormOp(
    Tensor? weight, Tensor? bias, Tensor? runningMean, Tensor? runningVar, bool training, double momentum, double eps)
    : Op, IOpExamples
{
    private readonly bool _hasWeight = weight != null;
    private readonly bool _hasBias = bias != null;
    private ChannelSums _sums;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("rows", [7, 3]),
        Example("series", [2, 3, 5]),
        Example("images", [3, 2, 5, 3]),
        Example("images of one batch element", [1, 2, 2, 3]),
        Example("several blocks of rows", [300, 2, 2]),
        Example("one channel", [5, 1]),
        Example("eps", [4, 3], eps: 0.5),
        Example("without weight and bias", [5, 3], inputs: 1),
        Example("without bias", [5, 3, 2], inputs: 2),
        Example("no rows", [0, 3]),
        Example("evaluated", [4, 3, 2], training: false),
        Example("evaluated without weight and bias", [5, 3], training: false, inputs: 1),
        Example("evaluated one row", [1, 3], training: false),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0].Contiguous();
        if (!x.DType.IsFloat())
            throw Map.Unsupported(Name, x.DType);
        if (x.Rank < 2)
            throw new ShapeException($"{Name}: the input has shape {x.Shape}; wanted [batch, channels, …].");
        Shape channels = [x.Shape[1]];
        _sums = new ChannelSums(x.Shape[0], x.Shape[1], x.Shape[2..].ElementCount);
        var w = NormalizationInputs.OrDefault(Name, "weight", weight, x, channels, 1);
        var b = NormalizationInputs.OrDefault(Name, "bias", bias, x, channels, 0);
        RequireRunning(runningMean, "running mean", x, channels);
        RequireRunning(runningVar, "running variance", x, channels);
        var (mean, variance) = Statistics(x);

        var (rstd, scale, shift) = (mean.EmptyLike(channels), mean.EmptyLike(channels), mean.EmptyLike(channels));
        var y = x.EmptyLike(x.Shape);
        if (x.DType == DType.Float32)
        {
            Family.ScaleAndShift(
                x.Device, _sums.Channels, mean.View<float>(), variance.View<float>(), w.View<float>(), b.View<float>(),
                rstd.View<float>(), scale.View<float>(), shift.View<float>(), (float)eps);
            ChannelMap.Apply(
                x.Device, x.View<float>(), scale.View<float>(), shift.View<float>(), y.View<float>(), _sums.Inner);
        }
        else
        {
            Family.ScaleAndShift(
                x.Device, _sums.Channels, mean.View<double>(), variance.View<double>(), w.View<double>(),
                b.View<double>(), rstd.View<double>(), scale.View<double>(), shift.View<double>(), eps);
            ChannelMap.Apply(
                x.Device, x.View<double>(), scale.View<double>(), shift.View<double>(), y.View<double>(), _sums.Inner);
        }

        Keep(inputs[0], mean, rstd, weight ?? w);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var (dx, dw, db) = IsCreatingGraph ? Composed(g) : Fused(Kept(0).Contiguous(), g.Contiguous());
        return [dx, .. _hasWeight ? [dw] : Array.Empty<Tensor?>(), .. _hasBias ? [db] : Array.Empty<Tensor?>()];
    }

    private (Tensor Mean, Tensor Variance) Statistics(Tensor x)
    {
        if (!training)
        {
            if (runningMean == null || runningVar == null)
                throw new ArgumentException(
                    $"{Name}: without training it uses the running mean and variance; pass both.");
            // Copies: the running statistics may move before backward comes.
            return (runningMean.Clone(), runningVar.Clone());
        }

        if (_sums.Count == 1)
        {
            throw new ShapeException(
                $"{Name}: an input of shape {x.Shape} has one value per channel, whose variance " +
                "is 0; train on more than one.");
        }

        var (mean, variance) = _sums.Moments(x);
        if (!BatchStatistics.AreFrozen && _sums.Count > 0)
        {
            Move(runningMean, mean, 1);
            Move(runningVar, variance, _sums.Count / (_sums.Count - 1.0));
        }

        return (mean, variance);
    }

    private void Move(Tensor? running, Tensor value, double correction)
    {
        if (running == null)
            return;
        var layout = StridedLayout.Create(running.Shape.AsSpan(), value.StrideArray, running.StrideArray);
        if (value.DType == DType.Float32)
            Family.MoveAverage(
                value.Device, layout, value.View<float>(), running.View<float>(), (float)momentum, (float)correction);
        else
            Family.MoveAverage(
                value.Device, layout, value.View<double>(), running.View<double>(), momentum, correction);
        running.Storage.MarkWritten();
    }

    private (Tensor? X, Tensor? Weight, Tensor? Bias) Fused(Tensor x, Tensor g)
    {
        var (mean, rstd, w) = (Kept(1), Kept(2), Kept(3).Contiguous());
        var (db, dw) = _sums.Gradients(g, x, mean, rstd);
        if (!Needs(0))
            return (null, dw, db);
        var dx = x.EmptyLike(x.Shape);
        var (a, k, d) = (db.EmptyLike(db.Shape), db.EmptyLike(db.Shape), db.EmptyLike(db.Shape));
        // Fixed statistics do not answer to x: as if there were infinitely many elements.
        double count = training ? _sums.Count : double.PositiveInfinity;
        if (x.DType == DType.Float32)
        {
            Family.GradientCoefficients(
                x.Device, _sums.Channels, db.View<float>(), dw.View<float>(), mean.View<float>(), rstd.View<float>(),
                w.View<float>(), a.View<float>(), k.View<float>(), d.View<float>(), (float)count);
            ChannelMap.ApplyGradient(
                x.Device, g.View<float>(), x.View<float>(), a.View<float>(), k.View<float>(), d.View<float>(),
                dx.View<float>(), _sums.Inner);
        }
        else
        {
            Family.GradientCoefficients(
                x.Device, _sums.Channels, db.View<double>(), dw.View<double>(), mean.View<double>(),
                rstd.View<double>(), w.View<double>(), a.View<double>(), k.View<double>(), d.View<double>(), count);
            ChannelMap.ApplyGradient(
                x.Device, g.View<double>(), x.View<double>(), a.View<double>(), k.View<double>(),
                d.View<double>(), dx.View<double>(), _sums.Inner);
        }

        return (dx, dw, db);
    }

    private (Tensor X, Tensor Weight, Tensor Bias) Composed(Tensor g)
    {
        var x = Kept(0);
        Shape column = [_sums.Channels, .. Enumerable.Repeat(1, x.Rank - 2)];
        var w = Kept(3).Reshape(column);
        Tensor dx, dw, db;
        if (training)
        {
            int[] axes = [0, .. Enumerable.Range(2, x.Rank - 2)];
            (dx, dw, db) = NormalizationInputs.Composed(x, w, g, axes, eps);
        }
        else
        {
            var rstd = Kept(2).Reshape(column);
            dx = g * w * rstd;
            dw = (g * ((x - Kept(1).Reshape(column)) * rstd)).SumTo(column);
            db = g.SumTo(column);
        }

        return (dx, dw.Reshape(_sums.Channels), db.Reshape(_sums.Channels));
    }

    private void RequireRunning(Tensor? running, string role, Tensor x, Shape channels)
    {
        if (running == null)
            return;
        Map.RequireSame(Name, x, running);
        if (running.Shape != channels)
            throw new ShapeException(
                $"{Name}: the {role} has shape {running.Shape}; for an input of shape {x.Shape} it has " +
                $"to be {channels}.");
        if (!training)
            return;
        if (running.Count > 1 && running.StrideArray[0] == 0)
            throw new ShapeException(
                $"{Name}: the {role} is an expanded view, whose channels share one place in memory; training " +
                "overwrites it, so pass a Clone() of it.");
    }

    private static OpExample Example(string label, Shape shape, bool training = true, int inputs = 3, double eps = 1e-5)
    {
        // Statistics are settings, not inputs with derivatives.
        double[] mean = [.. Enumerable.Range(0, shape[1]).Select(c => (0.5 * c) - 0.25)];
        double[] variance = [.. Enumerable.Range(0, shape[1]).Select(c => 0.5 + c)];
        Tensor Fixed(double[] values, Tensor x) => Tensor.From(values, [values.Length], x.Device).To(x.DType);
        OpInput[] all = [OpInput.Uniform(shape), OpInput.Uniform([shape[1]]), OpInput.Uniform([shape[1]])];
        return new OpExample(
            label,
            t => t[0].BatchNorm(
                t.ElementAtOrDefault(1),
                t.ElementAtOrDefault(2),
                training ? null : Fixed(mean, t[0]),
                training ? null : Fixed(variance, t[0]),
                training,
                eps: eps),
            all[..inputs])
        {
            Options = training
                ? new Dictionary<string, object> { ["eps"] = eps }
                : new Dictionary<string, object> { ["eps"] = eps, ["mean"] = mean, ["variance"] = variance },
        };
    }
}
