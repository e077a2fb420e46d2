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
}
