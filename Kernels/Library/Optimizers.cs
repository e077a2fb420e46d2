using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>Kernels that update a parameter and the optimizer's memory of it in one pass over the elements.</summary>
/// <remarks>
/// p parameter, g gradient. Factors such as 1 − β arrive computed in double, as PyTorch does: 1 − 0.999 taken in float
/// would be wrong in its fourth digit.
/// </remarks>
public static partial class Optimizers
{
    /// <summary>p ← p − η (g + λ p).</summary>
    [Kernel]
    public static void Sgd(Index1D i, ArrayView<float> p, ArrayView<float> g, float rate, float weightDecay) =>
        p[i] = p[i] - rate * (g[i] + weightDecay * p[i]);

    /// <summary>d = g + λ p;  b ← keep b + add d;  p ← p − η b.</summary>
    [Kernel]
    public static void SgdMomentum(
        Index1D i, ArrayView<float> p, ArrayView<float> g, ArrayView<float> b,
        float rate, float weightDecay, float keep, float add)
    {
        float velocity = keep * b[i] + add * (g[i] + weightDecay * p[i]);
        b[i] = velocity;
        p[i] = p[i] - rate * velocity;
    }

    /// <summary>d = g + λ p;  b ← keep b + add d;  p ← p − η (d + μ b).</summary>
    [Kernel]
    public static void SgdNesterov(
        Index1D i, ArrayView<float> p, ArrayView<float> g, ArrayView<float> b,
        float rate, float weightDecay, float keep, float add, float momentum)
    {
        float d = g[i] + weightDecay * p[i];
        float velocity = keep * b[i] + add * d;
        b[i] = velocity;
        p[i] = p[i] - rate * (d + momentum * velocity);
    }

    /// <summary>
    /// p ← shrink p;  d = g + λ p;  m ← β₁ m + (1 − β₁) d;  s ← β₂ s + (1 − β₂) d²;  p ← p − step m / (√s / root + ε).
    /// </summary>
    [Kernel]
    public static void Adam(
        Index1D i, ArrayView<float> p, ArrayView<float> g, ArrayView<float> m, ArrayView<float> s,
        float shrink, float weightDecay, float beta1, float rest1, float beta2, float rest2,
        float step, float root, float eps)
    {
        float value = shrink * p[i];
        float d = g[i] + weightDecay * value;
        float mean = beta1 * m[i] + rest1 * d;
        float square = beta2 * s[i] + rest2 * d * d;
        m[i] = mean;
        s[i] = square;
        p[i] = value - step * mean / (MathF.Sqrt(square) / root + eps);
    }

    /// <summary>As Adam, with the largest s so far in the denominator (AMSGrad: Reddi et al. 2018).</summary>
    [Kernel]
    public static void AmsGrad(
        Index1D i, ArrayView<float> p, ArrayView<float> g, ArrayView<float> m, ArrayView<float> s, ArrayView<float> top,
        float shrink, float weightDecay, float beta1, float rest1, float beta2, float rest2,
        float step, float root, float eps)
    {
        float value = shrink * p[i];
        float d = g[i] + weightDecay * value;
        float mean = beta1 * m[i] + rest1 * d;
        float square = beta2 * s[i] + rest2 * d * d;
        float largest = MathF.Max(top[i], square);
        m[i] = mean;
        s[i] = square;
        top[i] = largest;
        p[i] = value - step * mean / (MathF.Sqrt(largest) / root + eps);
    }

    /// <summary>d = g + λ p;  s ← α s + (1 − α) d²;  p ← p − η d / (√s + ε).</summary>
    [Kernel]
    public static void RmsProp(
        Index1D i, ArrayView<float> p, ArrayView<float> g, ArrayView<float> s,
        float rate, float weightDecay, float alpha, float rest, float eps)
    {
        float d = g[i] + weightDecay * p[i];
        float square = alpha * s[i] + rest * d * d;
        s[i] = square;
        p[i] = p[i] - rate * d / (MathF.Sqrt(square) + eps);
    }

    /// <summary>As RmsProp, but the step goes through a buffer: b ← μ b + d / (√s + ε);  p ← p − η b.</summary>
    [Kernel]
    public static void RmsPropMomentum(
        Index1D i, ArrayView<float> p, ArrayView<float> g, ArrayView<float> s, ArrayView<float> b,
        float rate, float weightDecay, float alpha, float rest, float eps, float momentum)
    {
        float d = g[i] + weightDecay * p[i];
        float square = alpha * s[i] + rest * d * d;
        float velocity = momentum * b[i] + d / (MathF.Sqrt(square) + eps);
        s[i] = square;
        b[i] = velocity;
        p[i] = p[i] - rate * velocity;
    }

    /// <summary>As RmsProp with the variance below the root: a ← α a + (1 − α) d;  p ← p − η d / (√(s − a²) + ε).
    /// </summary>
    [Kernel]
    public static void RmsPropCentered(
        Index1D i, ArrayView<float> p, ArrayView<float> g, ArrayView<float> s, ArrayView<float> a,
        float rate, float weightDecay, float alpha, float rest, float eps)
    {
        float d = g[i] + weightDecay * p[i];
        float square = alpha * s[i] + rest * d * d;
        float average = alpha * a[i] + rest * d;
        s[i] = square;
        a[i] = average;
        p[i] = p[i] - rate * d / (MathF.Sqrt(square - average * average) + eps);
    }

    /// <summary>RmsPropCentered and RmsPropMomentum together.</summary>
    [Kernel]
    public static void RmsPropCenteredMomentum(
        Index1D i, ArrayView<float> p, ArrayView<float> g, ArrayView<float> s, ArrayView<float> a, ArrayView<float> b,
        float rate, float weightDecay, float alpha, float rest, float eps, float momentum)
    {
        float d = g[i] + weightDecay * p[i];
        float square = alpha * s[i] + rest * d * d;
        float average = alpha * a[i] + rest * d;
        float velocity = momentum * b[i] + d / (MathF.Sqrt(square - average * average) + eps);
        s[i] = square;
        a[i] = average;
        b[i] = velocity;
        p[i] = p[i] - rate * velocity;
    }

    /// <summary>g ← factor g.</summary>
    [Kernel]
    public static void Scale(Index1D i, ArrayView<float> g, float factor) => g[i] = factor * g[i];

    /// <summary>g ← g held between −limit and limit.</summary>
    [Kernel]
    public static void Limit(Index1D i, ArrayView<float> g, float limit) =>
        g[i] = MathF.Min(MathF.Max(g[i], -limit), limit);

    /// <summary>part[i] = Σ g² over the i-th run of <paramref name="run"/> elements, in double.</summary>
    [Kernel]
    public static void SquareSums(Index1D i, ArrayView<float> g, ArrayView<double> part, int count, int run)
    {
        int first = i.X * run;
        int last = count - first > run ? first + run : count;
        double sum = 0.0;
        for (int k = first; k < last; k++)
        {
            double value = g[k];
            sum += value * value;
        }

        part[i] = sum;
    }

    /// <summary>part[i] = Σ |g|^order over the i-th run of <paramref name="run"/> elements, in double.</summary>
    [Kernel]
    public static void PowerSums(
        Index1D i, ArrayView<float> g, ArrayView<double> part, int count, int run, double order)
    {
        int first = i.X * run;
        int last = count - first > run ? first + run : count;
        double sum = 0.0;
        for (int k = first; k < last; k++)
        {
            double value = g[k];
            sum += XMath.Pow(Math.Abs(value), order);
        }

        part[i] = sum;
    }

    /// <summary>part[i] = max |g| over the i-th run of <paramref name="run"/> elements; NaN wins.</summary>
    [Kernel]
    public static void Largest(Index1D i, ArrayView<float> g, ArrayView<double> part, int count, int run)
    {
        int first = i.X * run;
        int last = count - first > run ? first + run : count;
        double largest = 0.0;
        for (int k = first; k < last; k++)
        {
            double value = g[k];
            largest = Math.Max(largest, Math.Abs(value));
        }

        part[i] = largest;
    }
}
