using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>The small data sets on which momentum networks show what plain residual networks cannot do.</summary>
public static class ToyData
{
    /// <summary>
    /// Points on nested rings, labels alternating from ring to ring: ring k = 1 … has radius 3 (k / 2 + noise u), u
    /// uniform in [0, 1), at a uniform angle. Sander et al. 2021, section 4; <c>make_data</c> of momentumnet.
    /// </summary>
    /// <param name="pointsPerRing">Points on each ring.</param>
    /// <param name="rings">The number of rings.</param>
    /// <param name="noise">How far points may lie outside their radius.</param>
    /// <param name="random">Where the numbers come from; the current source if none.</param>
    /// <returns>
    /// Points [rings · pointsPerRing, 2] and labels [rings · pointsPerRing] (Int64, 0 for the innermost), ring by ring.
    /// </returns>
    public static (Tensor Points, Tensor Labels) Rings(
        int pointsPerRing = 100, int rings = 2, double noise = 0.2, RandomSource? random = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pointsPerRing, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(rings, 1);
        random ??= RandomSource.Current;
        int count = checked(pointsPerRing * rings);
        var points = new float[checked(2 * count)];
        var labels = new long[count];
        for (int i = 0; i < count; i++)
        {
            int ring = i / pointsPerRing;
            double angle = 2 * Math.PI * random.NextDouble();
            double radius = 3 * ((0.5 * (ring + 1)) + (noise * random.NextDouble()));
            points[2 * i] = (float)(radius * Math.Cos(angle));
            points[(2 * i) + 1] = (float)(radius * Math.Sin(angle));
            labels[i] = ring % 2;
        }

        return (Tensor.From(points, [count, 2]), Tensor.From(labels, [count]));
    }

    /// <summary>
    /// Points uniform in [−1, 1), [count, 1]: starts of a flow on the line. <c>make_data_1D</c> of momentumnet.
    /// </summary>
    /// <param name="count">The number of points.</param>
    /// <param name="random">Where the numbers come from; the current source if none.</param>
    public static Tensor Line(int count, RandomSource? random = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        random ??= RandomSource.Current;
        var points = new float[count];
        for (int i = 0; i < count; i++)
            points[i] = (float)((2 * random.NextDouble()) - 1);
        return Tensor.From(points, [count, 1]);
    }
}
