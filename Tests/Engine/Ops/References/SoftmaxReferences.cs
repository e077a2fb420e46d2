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
}
