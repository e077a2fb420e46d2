using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Losses and their derivatives in one pass over the prediction.</summary>
public static partial class Losses
{
    /// <summary>
    /// Cross-entropy of each row of x [outer, classes, inner] with a class index: with the normalizer z = log Σ exp x,
    /// loss = (1 − s) w[t] (z − x[t]) + s / classes · Σ w[c] (z − x[c]); 0 where t is the index to ignore.
    /// </summary>
    [Kernel]
    public static void CrossEntropy(
        Index1D i,
        ArrayView<float> x,
        ArrayView<long> target,
        ArrayView<float> weight,
        ArrayView<float> loss,
        ArrayView<float> rowWeight,
        ArrayView<float> normalizer,
        int classes,
        int inner,
        long ignored,
        float smoothing)
    {
        long at = First(i.X, classes, inner);
        float z = normalizer[i];
        long t = target[i];
        if (t == ignored)
        {
            loss[i] = 0f;
            rowWeight[i] = 0f;
        }
        else
        {
            float own = weight[t] * (z - x[at + t * inner]);
            if (smoothing != 0f)
            {
                float all = 0f;
                for (int c = 0; c < classes; c++)
                    all += weight[c] * (z - x[at + (long)c * inner]);
                own = (1f - smoothing) * own + smoothing / classes * all;
            }

            loss[i] = own;
            rowWeight[i] = weight[t];
        }
    }

    /// <summary>
    /// dx = g (p Σ q − q), where p = softmax x and q[c] = (1 − s) w[t] [c = t] + s / classes · w[c]. g has an element
    /// for each row, or one for all (<paramref name="rowStep"/> 0).
    /// </summary>
    [Kernel]
    public static void CrossEntropyBackward(
        Index1D i,
        ArrayView<float> x,
        ArrayView<float> normalizer,
        ArrayView<long> target,
        ArrayView<float> weight,
        ArrayView<float> g,
        ArrayView<float> dx,
        int classes,
        int inner,
        long ignored,
        float smoothing,
        int rowStep)
    {
        long at = First(i.X, classes, inner);
        long t = target[i];
        if (t == ignored)
        {
            for (int c = 0; c < classes; c++)
                dx[at + (long)c * inner] = 0f;
        }
        else
        {
            float upstream = g[i.X * rowStep];
            float own = (1f - smoothing) * weight[t];
            float share = smoothing / classes;
            float total = own;
            if (smoothing != 0f)
            {
                for (int c = 0; c < classes; c++)
                    total += share * weight[c];
            }

            for (int c = 0; c < classes; c++)
            {
                long k = at + (long)c * inner;
                float q = share * weight[c] + (c == t ? own : 0f);
                dx[k] = upstream * (XMath.Exp(x[k] - normalizer[i]) * total - q);
            }
        }
    }

    /// <summary>
    /// loss = −w[t] x[t] for each row of x [outer, classes, inner]; 0 where t is the index to ignore.
    /// </summary>
    [Kernel]
    public static void NegativeLogLikelihood(
        Index1D i,
        ArrayView<float> x,
        ArrayView<long> target,
        ArrayView<float> weight,
        ArrayView<float> loss,
        ArrayView<float> rowWeight,
        int classes,
        int inner,
        long ignored)
    {
        long t = target[i];
        if (t == ignored)
        {
            loss[i] = 0f;
            rowWeight[i] = 0f;
        }
        else
        {
            loss[i] = -weight[t] * x[First(i.X, classes, inner) + t * inner];
            rowWeight[i] = weight[t];
        }
    }

    /// <summary>
    /// dx = −g w[t] at the class of the target, else 0. g has an element for each row, or one for all
    /// (<paramref name="rowStep"/> 0).
    /// </summary>
    [Kernel]
    public static void NegativeLogLikelihoodBackward(
        Index1D i,
        ArrayView<long> target,
        ArrayView<float> weight,
        ArrayView<float> g,
        ArrayView<float> dx,
        int classes,
        int inner,
        long ignored,
        int rowStep)
    {
        long at = First(i.X, classes, inner);
        long t = target[i];
        for (int c = 0; c < classes; c++)
            dx[at + (long)c * inner] = c == t && t != ignored ? -weight[c] * g[i.X * rowStep] : 0f;
    }

    /// <summary>
    /// The distribution q over classes with which cross-entropy compares each row; zeros where the index is ignored.
    /// </summary>
    [Kernel]
    public static void TargetDistribution(
        Index1D i,
        ArrayView<long> target,
        ArrayView<float> weight,
        ArrayView<float> q,
        int classes,
        int inner,
        long ignored,
        float smoothing)
    {
        long at = First(i.X, classes, inner);
        long t = target[i];
        for (int c = 0; c < classes; c++)
        {
            float share = smoothing / classes * weight[c] + (c == t ? (1f - smoothing) * weight[c] : 0f);
            q[at + (long)c * inner] = t == ignored ? 0f : share;
        }
    }

    /// <summary>y = (x − t)².</summary>
    [Kernel]
    public static void SquaredError(Index1D i, ArrayView<float> x, ArrayView<float> t, ArrayView<float> y) =>
        y[i] = (x[i] - t[i]) * (x[i] - t[i]);

    /// <summary>dx = 2 g (x − t).</summary>
    [Kernel]
    public static void SquaredErrorBackward(
        Index1D i, ArrayView<float> x, ArrayView<float> t, ArrayView<float> g, ArrayView<float> dx) =>
        dx[i] = 2f * g[i] * (x[i] - t[i]);

    /// <summary>y = |x − t|.</summary>
    [Kernel]
    public static void AbsoluteError(Index1D i, ArrayView<float> x, ArrayView<float> t, ArrayView<float> y) =>
        y[i] = MathF.Abs(x[i] - t[i]);

    /// <summary>dx = g sign(x − t).</summary>
    [Kernel]
    public static void AbsoluteErrorBackward(
        Index1D i, ArrayView<float> x, ArrayView<float> t, ArrayView<float> g, ArrayView<float> dx)
    {
        float difference = x[i] - t[i];
        // 0 · g where they are equal; a NaN stays one.
        dx[i] = g[i] * (difference > 0f ? 1f : difference < 0f ? -1f : difference);
    }

    /// <summary>y = (x − t)² / (2 β) where |x − t| &lt; β, else |x − t| − β / 2.</summary>
    [Kernel]
    public static void SmoothAbsoluteError(
        Index1D i, ArrayView<float> x, ArrayView<float> t, ArrayView<float> y, float beta)
    {
        float size = MathF.Abs(x[i] - t[i]);
        y[i] = size < beta ? 0.5f * size * size / beta : size - 0.5f * beta;
    }

    /// <summary>dx = g (x − t) / β where |x − t| &lt; β, else g sign(x − t).</summary>
    [Kernel]
    public static void SmoothAbsoluteErrorBackward(
        Index1D i, ArrayView<float> x, ArrayView<float> t, ArrayView<float> g, ArrayView<float> dx, float beta)
    {
        float difference = x[i] - t[i];
        float sign = difference > 0f ? 1f : difference < 0f ? -1f : difference;
        dx[i] = g[i] * (MathF.Abs(difference) < beta ? difference / beta : sign);
    }

    /// <summary>
    /// y = (1 − t) x + (1 + (w − 1) t) log(1 + exp(−x)), stable at both ends. w weighs the positive class.
    /// </summary>
    [Kernel]
    public static void BinaryCrossEntropy(
        Index1D i, ArrayView<float> x, ArrayView<float> t, ArrayView<float> w, ArrayView<float> y)
    {
        float softplus = XMath.Softplus(-x[i]);
        y[i] = (1f - t[i]) * x[i] + (1f + (w[i] - 1f) * t[i]) * softplus;
    }

    /// <summary>dx = g (1 − t − (1 + (w − 1) t) / (1 + exp x)).</summary>
    [Kernel]
    public static void BinaryCrossEntropyBackward(
        Index1D i, ArrayView<float> x, ArrayView<float> t, ArrayView<float> w, ArrayView<float> g, ArrayView<float> dx)
    {
        // exp of a negative number only: it cannot overflow.
        float e = XMath.Exp(-MathF.Abs(x[i]));
        float missing = x[i] >= 0f ? e / (1f + e) : 1f / (1f + e);
        dx[i] = g[i] * (1f - t[i] - (1f + (w[i] - 1f) * t[i]) * missing);
    }

    private static long First(int row, int classes, int inner) => (long)(row / inner) * classes * inner + row % inner;
}
