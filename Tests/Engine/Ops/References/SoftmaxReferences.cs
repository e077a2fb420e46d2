using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Softmax along an axis, run by run.</summary>
internal static class SoftmaxReferences
{
    [Reference("Softmax")]
    public static NdArray Softmax(OpExample example, NdArray[] x) => LogSoftmax(example, x).Map(Math.Exp);

    [Reference("LogSoftmax")]
    public static NdArray LogSoftmax(OpExample example, NdArray[] x) => LogSoftmax(x[0], (int)example.Options["axis"]);

    public static NdArray LogSoftmax(NdArray x, int axis)
    {
        int along = axis < 0 ? axis + x.Shape.Length : axis;
        return NdArray.From(x.Shape, index =>
        {
            double[] run = [.. Enumerable.Range(0, x.Shape[along]).Select(k =>
            {
                int[] other = [.. index];
                other[along] = k;
                return x[other];
            })];
            double max = run.Max();
            return x[index] - max - Math.Log(run.Sum(v => Math.Exp(v - max)));
        });
    }

    [Reference("AttentionWeights")]
    public static NdArray AttentionWeights(OpExample example, NdArray[] x)
    {
        double scale = (double)example.Options["scale"];
        int keys = x[0].Shape[^1];
        double Score(int[] index)
        {
            double mask = x.Length > 1 ? x[1].Broadcast(index) : (bool)example.Options["isAdded"] ? 0 : 1;
            bool isHidden = ((bool)example.Options["isCausal"] && index[^1] > index[^2])
                || (!(bool)example.Options["isAdded"] && mask == 0);
            double added = (bool)example.Options["isAdded"] ? mask : 0;
            return isHidden ? double.NegativeInfinity : (scale * x[0][index]) + added;
        }

        return NdArray.From(x[0].Shape, index =>
        {
            double[] scores = [.. Enumerable.Range(0, keys).Select(k => Score([.. index[..^1], k]))];
            double max = scores.Max();
            return double.IsNegativeInfinity(max)
                ? 0
                : Math.Exp(scores[index[^1]] - max) / scores.Sum(s => Math.Exp(s - max));
        });
    }

    [Reference("Attention")]
    public static NdArray Attention(OpExample example, NdArray[] x)
    {
        var (q, k, v) = (x[0], x[1], x[2]);
        int[] batch = BatchOf(BatchOf([], q), k);
        batch = BatchOf(batch, v);
        int[] scoreShape = [.. batch, q.Shape[^2], k.Shape[^2]];
        var scores = NdArray.From(scoreShape, index => Enumerable.Range(0, q.Shape[^1]).Sum(
            e => q.Broadcast([.. index[..^1], e]) * k.Broadcast([.. index[..^2], index[^1], e])));
        var options = new Dictionary<string, object>(example.Options) { ["isAdded"] = false };
        var weights = AttentionWeights(example with { Options = options }, x.Length > 3 ? [scores, x[3]] : [scores]);
        return NdArray.From([.. batch, q.Shape[^2], v.Shape[^1]], index => Enumerable.Range(0, k.Shape[^2]).Sum(
            key => weights[[.. index[..^1], key]] * v.Broadcast([.. index[..^2], key, index[^1]])));
    }

    private static int[] BatchOf(int[] batch, NdArray x)
    {
        var zip = NdArray.Zip(NdArray.Zeros(batch), NdArray.Zeros(x.Shape[..^2]), (a, b) => 0);
        return zip.Shape;
    }
}
