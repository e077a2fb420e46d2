using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Losses from their definitions, then reduced.</summary>
internal static class LossReferences
{
    [Reference("MseLoss")]
    public static NdArray MseLoss(OpExample example, NdArray[] x) =>
        Reduce(example, NdArray.Zip(x[0], x[1], (p, t) => (p - t) * (p - t)));

    [Reference("L1Loss")]
    public static NdArray L1Loss(OpExample example, NdArray[] x) =>
        Reduce(example, NdArray.Zip(x[0], x[1], (p, t) => Math.Abs(p - t)));

    [Reference("SmoothL1Loss")]
    public static NdArray SmoothL1Loss(OpExample example, NdArray[] x)
    {
        double beta = (double)example.Options["beta"];
        double Loss(double difference) =>
            difference < beta ? difference * difference / (2 * beta) : difference - (beta / 2);
        return Reduce(example, NdArray.Zip(x[0], x[1], (p, t) => Loss(Math.Abs(p - t))));
    }

    [Reference("BceWithLogits")]
    public static NdArray BceWithLogits(OpExample example, NdArray[] x)
    {
        var weight = x.Length > 2 ? x[2] : new NdArray([], [1]);
        return Reduce(example, NdArray.From(x[0].Shape, index =>
        {
            double p = x[0][index], t = x[1][index];
            double logYes = -Softplus(-p), logNo = -Softplus(p);
            return -((weight.Broadcast(index) * t * logYes) + ((1 - t) * logNo));
        }));
    }

    [Reference("CrossEntropy")]
    public static NdArray CrossEntropy(OpExample example, NdArray[] x)
    {
        double smoothing = (double)example.Options["smoothing"];
        double[] weights = (double[])example.Options["weights"];
        var log = SoftmaxReferences.LogSoftmax(x[0], x[0].Shape.Length == 1 ? 0 : 1);
        return ClassLoss(example, log, x[1], (logs, t) =>
            -((1 - smoothing) * weights[t] * logs[t])
            - (smoothing / logs.Length * logs.Zip(weights, (l, w) => l * w).Sum()));
    }

    [Reference("NllLoss")]
    public static NdArray NllLoss(OpExample example, NdArray[] x) =>
        ClassLoss(example, x[0], x[1], (logs, t) => -((double[])example.Options["weights"])[t] * logs[t]);

    private static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));

    private static NdArray ClassLoss(OpExample example, NdArray logs, NdArray target, Func<double[], int, double> loss)
    {
        double[] weights = (double[])example.Options["weights"];
        long ignored = (long)example.Options["ignored"];
        int axis = logs.Shape.Length == 1 ? 0 : 1;
        double total = 0;
        var values = NdArray.From(target.Shape, index =>
        {
            int t = (int)target[index];
            if (t == ignored)
                return 0;
            total += weights[t];
            return loss(
                [.. Enumerable.Range(0, weights.Length).Select(c => logs[[.. index[..axis], c, .. index[axis..]]])], t);
        });
        return (LossReduction)example.Options["reduction"] switch
        {
            LossReduction.Mean => new NdArray([], [values.Data.Sum() / total]),
            LossReduction.Sum => new NdArray([], [values.Data.Sum()]),
            _ => values,
        };
    }

    private static NdArray Reduce(OpExample example, NdArray values) =>
        (LossReduction)example.Options["reduction"] switch
    {
        LossReduction.Mean => new NdArray([], [values.Data.Average()]),
        LossReduction.Sum => new NdArray([], [values.Data.Sum()]),
        _ => values,
    };
}
