using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// The momentum step in whole numbers, which runs backwards bit for bit, with its inverse and the adjoint: Float64.
/// </summary>
/// <remarks>
/// <para>x holds multiples of unit = 2^−p; the velocity is w · scale · unit with w whole. A step adds whole numbers
/// that
/// its inverse computes again from the same values, so it takes away the same ones:
/// w' = w + rint(gain f), x' = x + unit · rint(w' scale), gain = (1 − γ) / (scale · unit).</para>
/// <para>An element that leaves the range in which this is exact (|w| &lt; 2^63, |x| &lt; limit) or is not a number
/// becomes NaN in x and a code in w that says where and how large; both stay so to the end.</para>
/// <para>Forms with "Towards" have f − x in place of f. Views named in and out may be the same memory.
/// <see cref="MomentumGrid"/> is the same for Float32, and says it in full.</para>
/// </remarks>
public static partial class MomentumGridWide
{
    // The largest that is surely below 2^63 after the sum has rounded.
    private const double Most = 9223372036854773760d;

    /// <summary>x onto the grid, the velocity to zero.</summary>
    [Kernel(FloatOnly = true)]
    public static void Begin(
        Index1D i, ArrayView<double> x, ArrayView<double> nextX, ArrayView<long> w, double unit, double perUnit,
        double limit)
    {
        // A zero without a sign: the way back from elsewhere arrives at that one.
        double position = (unit * Math.Round(x[i] * perUnit)) + 0.0;
        bool holds = Math.Abs(position) < limit;
        nextX[i] = holds ? position : double.NaN;
        w[i] = holds ? 0L : Code(Math.Abs(position), 0, 0);
    }

    /// <summary>x onto the grid, and w = rint(v · perVelocity).</summary>
    [Kernel(FloatOnly = true)]
    public static void BeginMoving(
        Index1D i,
        ArrayView<double> x,
        ArrayView<double> v,
        ArrayView<double> nextX,
        ArrayView<long> w,
        double unit,
        double perUnit,
        double perVelocity,
        double limit)
    {
        // A zero without a sign: the way back from elsewhere arrives at that one.
        double position = (unit * Math.Round(x[i] * perUnit)) + 0.0;
        double velocity = Math.Round(v[i] * perVelocity);
        bool holds = Math.Abs(position) < limit && Math.Abs(velocity) < Most;
        nextX[i] = holds ? position : double.NaN;
        long code = Math.Abs(position) < limit
            ? Code(Math.Abs(v[i]), 0, 1)
            : Code(Math.Abs(position), 0, 0);
        w[i] = holds ? (long)velocity : code;
    }

    /// <summary>w' = w + rint(gain f);  x' = x + unit · rint(w' scale).</summary>
    [Kernel(FloatOnly = true)]
    public static void Step(
        Index1D i,
        ArrayView<double> x,
        ArrayView<long> w,
        ArrayView<double> f,
        ArrayView<double> nextX,
        double gain,
        double scale,
        double unit,
        double limit,
        int number)
    {
        double position = x[i];
        long whole = w[i];
        double change = Math.Round(gain * f[i]);
        long next = whole + (long)change;
        double moved = position + (unit * Math.Round(next * scale));
        double size = Math.Max(Math.Abs(whole + change), Math.Abs(change));
        bool holds = size < Most && Math.Abs(moved) < limit;
        long code = size < Most ? Code(Math.Abs(moved), number, 0) : Code(size * scale * unit, number, 1);
        nextX[i] = holds ? moved : double.NaN;
        w[i] = holds ? next : (double.IsNaN(position) ? whole : code);
    }

    /// <summary>The step with f − x in place of f.</summary>
    [Kernel(FloatOnly = true)]
    public static void StepTowards(
        Index1D i,
        ArrayView<double> x,
        ArrayView<long> w,
        ArrayView<double> f,
        ArrayView<double> nextX,
        double gain,
        double scale,
        double unit,
        double limit,
        int number)
    {
        double position = x[i];
        long whole = w[i];
        double change = Math.Round(gain * (f[i] - position));
        long next = whole + (long)change;
        double moved = position + (unit * Math.Round(next * scale));
        double size = Math.Max(Math.Abs(whole + change), Math.Abs(change));
        bool holds = size < Most && Math.Abs(moved) < limit;
        long code = size < Most ? Code(Math.Abs(moved), number, 0) : Code(size * scale * unit, number, 1);
        nextX[i] = holds ? moved : double.NaN;
        w[i] = holds ? next : (double.IsNaN(position) ? whole : code);
    }

    /// <summary>v = w · scale: the velocity as a float tensor; NaN where x is.</summary>
    [Kernel(FloatOnly = true)]
    public static void Velocity(Index1D i, ArrayView<double> x, ArrayView<long> w, ArrayView<double> v, double scale) =>
        v[i] = double.IsNaN(x[i]) ? double.NaN : w[i] * scale;

    /// <summary>x = x' − unit · rint(w' scale): the first half of the inverse.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoPosition(
        Index1D i, ArrayView<double> nextX, ArrayView<long> w, ArrayView<double> x, double scale, double unit) =>
        x[i] = nextX[i] - (unit * Math.Round(w[i] * scale));

    /// <summary>w = w' − rint(gain f): the second half of the inverse.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoVelocity(Index1D i, ArrayView<long> w, ArrayView<double> f, double gain) =>
        w[i] = w[i] - (long)Math.Round(gain * f[i]);

    /// <summary>w = w' − rint(gain (f − x)): the second half of the inverse.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoVelocityTowards(
        Index1D i, ArrayView<double> x, ArrayView<long> w, ArrayView<double> f, double gain) =>
        w[i] = w[i] - (long)Math.Round(gain * (f[i] - x[i]));

    /// <summary>
    /// The inverse between two evaluations of f, in place: w of this layer, then x of the layer before. The low bits
    /// that
    /// the layer before pushed are back in w already, so this layer's change is shifted past them.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void Undo(
        Index1D i, ArrayView<double> x, ArrayView<long> w, ArrayView<double> f, double gain, int shift, double scale,
        double unit)
    {
        long whole = w[i] - ((long)Math.Round(gain * f[i]) << shift);
        w[i] = whole;
        x[i] = x[i] - (unit * Math.Round(whole * scale));
    }

    /// <summary>The inverse between two evaluations of f, with f − x.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoTowards(
        Index1D i, ArrayView<double> x, ArrayView<long> w, ArrayView<double> f, double gain, int shift, double scale,
        double unit)
    {
        double position = x[i];
        long whole = w[i] - ((long)Math.Round(gain * (f[i] - position)) << shift);
        w[i] = whole;
        x[i] = position - (unit * Math.Round(whole * scale));
    }

    /// <summary>
    /// The inverse as above with the adjoints, as in <c>Momentum.UndoWithAdjoint</c>: gamma of this layer, rate
    /// of the layer before.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void UndoWithAdjoint(
        Index1D i,
        ArrayView<double> x,
        ArrayView<long> w,
        ArrayView<double> f,
        ArrayView<double> gx,
        ArrayView<double> g,
        ArrayView<double> j,
        double gain,
        int shift,
        double scale,
        double unit,
        double gamma,
        double previousRate)
    {
        long whole = w[i] - ((long)Math.Round(gain * f[i]) << shift);
        w[i] = whole;
        x[i] = x[i] - (unit * Math.Round(whole * scale));
        double gradientX = gx[i] + j[i];
        double sum = gradientX + (gamma * g[i]);
        gx[i] = gradientX;
        g[i] = sum;
        j[i] = previousRate * sum;
    }

    /// <summary>The inverse with the adjoints, with f − x: gx loses (1 − γ) g besides.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoWithAdjointTowards(
        Index1D i,
        ArrayView<double> x,
        ArrayView<long> w,
        ArrayView<double> f,
        ArrayView<double> gx,
        ArrayView<double> g,
        ArrayView<double> j,
        double gain,
        int shift,
        double scale,
        double unit,
        double gamma,
        double rate,
        double previousRate)
    {
        double position = x[i];
        long whole = w[i] - ((long)Math.Round(gain * (f[i] - position)) << shift);
        w[i] = whole;
        x[i] = position - (unit * Math.Round(whole * scale));
        double gradientX = (gx[i] - (rate * g[i])) + j[i];
        double sum = gradientX + (gamma * g[i]);
        gx[i] = gradientX;
        g[i] = sum;
        j[i] = previousRate * sum;
    }

    /// <summary>
    /// Packs the low bits of w, 32 elements to a word, plane after plane: bit i mod 32 of word i / 32.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void Pack(Index1D i, ArrayView<long> w, ArrayView<int> planes, int words, int bits, int count)
    {
        int start = i.X * 32;
        int here = count - start > 32 ? 32 : count - start;
        for (int b = 0; b < bits; b++)
        {
            int word = 0;
            for (int k = 0; k < here; k++)
                word = word | ((int)((w[start + k] >> b) & 1) << k);
            planes[(b * words) + i.X] = word;
        }
    }

    /// <summary>w ← w &gt;&gt; bits, after <c>Pack</c>; a code stays where x is NaN.</summary>
    [Kernel(FloatOnly = true)]
    public static void Shift(Index1D i, ArrayView<double> x, ArrayView<long> w, int bits) =>
        w[i] = double.IsNaN(x[i]) ? w[i] : w[i] >> bits;

    /// <summary>w ← (w &lt;&lt; bits) | what <c>Pack</c> put into the planes.</summary>
    [Kernel(FloatOnly = true)]
    public static void Unpack(Index1D i, ArrayView<long> w, ArrayView<int> planes, int words, int bits)
    {
        int word = i.X >> 5;
        int place = i.X & 31;
        long low = 0;
        for (int b = 0; b < bits; b++)
            low = low | ((long)((planes[(b * words) + word] >> place) & 1) << b);
        w[i] = (w[i] << bits) | low;
    }

    /// <summary>
    /// Where an element left the range: the layer, counted from 1, or 0 for the input, in the upper half, then what (0
    /// the position, 1 the velocity), then the
    /// upper bits of its size as a double.
    /// </summary>
    private static long Code(double size, int number, int what) =>
        ((long)number << 32) | ((long)what << 31) | (long)(Interop.FloatAsInt(size) >> 32);
}
