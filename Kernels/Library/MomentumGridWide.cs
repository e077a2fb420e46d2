using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// The momentum step in whole numbers, which runs backwards bit for bit, with its inverse and the adjoint: Float64.
/// </summary>
/// <remarks>
/// <para>x holds multiples of unit = 2^−p; the velocity is w · scale · unit with w whole. A step adds whole numbers
/// that its inverse computes again from the same values, so it takes away the same ones:
/// w' = w + rint(gain d), x' = x + unit · rint(w' scale), gain = (1 − γ) / (scale · unit), where the drive d is f, or
/// f − x if towards is not 0.</para>
/// <para>An element that leaves the range in which this is exact (|w| &lt; 2^63, |x| &lt; limit) or is not a number
/// becomes NaN in x and a code in w that says where and how large; both stay so to the end.</para>
/// <para>Views named in and out may be the same memory. What a step is launched with besides (hashes, bits that come
/// back or are set aside) says <see cref="GridEdges{TReal, TWhole}"/>. <see cref="MomentumGrid"/> is the same for
/// Float32.</para>
/// </remarks>
public static partial class MomentumGridWide
{
    // The largest that is surely below 2^63 after the sum has rounded.
    private const double Most = 9223372036854773760d;

    /// <summary>x onto the grid, the velocity to zero.</summary>
    [Kernel(FloatOnly = true)]
    public static void Begin(
        Index1D i, ArrayView<double> x, ArrayView<double> nextX, ArrayView<long> w, double unit, double perUnit, double limit)
    {
        // A zero without a sign: the way back from elsewhere arrives at that one.
        double position = (unit * Math.Round(x[i] * perUnit)) + 0.0;
        bool holds = Math.Abs(position) < limit;
        nextX[i] = holds ? position : double.NaN;
        w[i] = holds ? 0L : Code(Math.Abs(x[i]), 0, 0);
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
            : Code(Math.Abs(x[i]), 0, 0);
        w[i] = holds ? (long)velocity : code;
    }

    /// <summary>w' = w + rint(gain d);  x' = x + unit · rint(w' scale), with the drive d = f, or f − x if towards.</summary>
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
        int number,
        int towards)
    {
        double position = x[i];
        double drive = towards != 0 ? f[i] - position : f[i];
        var next = Advanced(position, w[i], drive, gain, scale, unit, limit, number);
        nextX[i] = next.X;
        w[i] = next.W;
    }

    /// <summary>
    /// The step over the elements i, i + items, …: sums[i] is the <see cref="BitHash"/> of their x'.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void StepWatched(
        Index1D i,
        ArrayView<double> x,
        ArrayView<long> w,
        ArrayView<double> f,
        ArrayView<double> nextX,
        ArrayView<long> sums,
        int items,
        int count,
        double gain,
        double scale,
        double unit,
        double limit,
        int number,
        int towards)
    {
        ulong sum = 0UL;
        for (int k = i.X; k < count; k = count - k > items ? k + items : count)
        {
            double position = x[k];
            double drive = towards != 0 ? f[k] - position : f[k];
            var next = Advanced(position, w[k], drive, gain, scale, unit, limit, number);
            nextX[k] = next.X;
            w[k] = next.W;
            sum = sum + BitHash.Scrambled(Interop.FloatAsInt(next.X), k);
        }

        sums[i] = (long)sum;
    }

    /// <summary>v = w · scale: the velocity as a double tensor; NaN where x is.</summary>
    [Kernel(FloatOnly = true)]
    public static void Velocity(Index1D i, ArrayView<double> x, ArrayView<long> w, ArrayView<double> v, double scale) =>
        v[i] = double.IsNaN(x[i]) ? double.NaN : w[i] * scale;

    /// <summary>x = x' − unit · rint(w' scale): the first half of the inverse.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoPosition(
        Index1D i, ArrayView<double> nextX, ArrayView<long> w, ArrayView<double> x, double scale, double unit) =>
        x[i] = nextX[i] - (unit * Math.Round(w[i] * scale));

    /// <summary>w = w' − rint(gain d): the second half of the inverse.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoVelocity(
        Index1D i, ArrayView<double> x, ArrayView<long> w, ArrayView<double> f, double gain, int towards) =>
        w[i] = w[i] - (long)Math.Round(gain * (towards != 0 ? f[i] - x[i] : f[i]));

    /// <summary>
    /// The inverse between two evaluations of f, in place: w of this layer, then x of the layer before. The low bits
    /// that the layer before pushed are back in w already, so this layer's change is shifted past them.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void Undo(
        Index1D i, ArrayView<double> x, ArrayView<long> w, ArrayView<double> f, double gain, int shift, double scale,
        double unit, int towards)
    {
        double position = x[i];
        long whole = w[i] - ((long)Math.Round(gain * (towards != 0 ? f[i] - position : f[i])) << shift);
        w[i] = whole;
        x[i] = position - (unit * Math.Round(whole * scale));
    }

    /// <summary>
    /// The inverse as above with the adjoints, as in <c>Momentum.UndoWithAdjoint</c>: gamma and rate of this layer,
    /// previousRate of the layer before. With towards, gx loses (1 − γ) g besides.
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
        double rate,
        double previousRate,
        int towards)
    {
        double position = x[i];
        long whole = w[i] - ((long)Math.Round(gain * (towards != 0 ? f[i] - position : f[i])) << shift);
        w[i] = whole;
        x[i] = position - (unit * Math.Round(whole * scale));
        double gradientX = (towards != 0 ? gx[i] - (rate * g[i]) : gx[i]) + j[i];
        double sum = gradientX + (gamma * g[i]);
        gx[i] = gradientX;
        g[i] = sum;
        j[i] = previousRate * sum;
    }

    /// <summary>
    /// The inverse with the adjoints over the elements i, i + items, …: sums[i] is the <see cref="BitHash"/> of their x.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void UndoWithAdjointWatched(
        Index1D i,
        ArrayView<double> x,
        ArrayView<long> w,
        ArrayView<double> f,
        ArrayView<double> gx,
        ArrayView<double> g,
        ArrayView<double> j,
        ArrayView<long> sums,
        int items,
        int count,
        double gain,
        int shift,
        double scale,
        double unit,
        double gamma,
        double rate,
        double previousRate,
        int towards)
    {
        ulong hash = 0UL;
        for (int k = i.X; k < count; k = count - k > items ? k + items : count)
        {
            double position = x[k];
            long whole = w[k] - ((long)Math.Round(gain * (towards != 0 ? f[k] - position : f[k])) << shift);
            w[k] = whole;
            position = position - (unit * Math.Round(whole * scale));
            x[k] = position;
            hash = hash + BitHash.Scrambled(Interop.FloatAsInt(position), k);
            double gradientX = (towards != 0 ? gx[k] - (rate * g[k]) : gx[k]) + j[k];
            double sum = gradientX + (gamma * g[k]);
            gx[k] = gradientX;
            g[k] = sum;
            j[k] = previousRate * sum;
        }

        sums[i] = (long)hash;
    }

    /// <summary>
    /// Packs the low bits of w, 32 elements to a word, plane after plane: bit i mod 32 of word i / 32; then
    /// w ← w &gt;&gt; bits. A code stays where x is NaN.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void Pack(
        Index1D i, ArrayView<double> x, ArrayView<long> w, ArrayView<int> planes, int words, int bits, int count)
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

        for (int k = start; k < start + here; k++)
            w[k] = double.IsNaN(x[k]) ? w[k] : w[k] >> bits;
    }

    /// <summary>w ← w &gt;&gt; bits where nobody will want the bits; a code stays where x is NaN.</summary>
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
    /// worst[i] = 0 if none of the elements i, i + items, … left the range; else, of those that left it in the first
    /// layer, the largest: (2^31 − 1 − layer) 2^32, and the code's size and what, in an order in which more is worse.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void Worst(
        Index1D i, ArrayView<double> x, ArrayView<long> w, ArrayView<long> worst, int items, int count)
    {
        long most = 0L;
        for (int k = i.X; k < count; k = count - k > items ? k + items : count)
        {
            long found = double.IsNaN(x[k]) ? Badness(w[k]) : 0L;
            most = found > most ? found : most;
        }

        worst[i] = most;
    }

    /// <summary>How bad a code is: the earlier the layer and the larger the value, the more. Above 0.</summary>
    internal static long Badness(long code) =>
        ((2147483647L - (code >> 32)) << 32) | ((code & 2147483647L) << 1) | ((code >> 31) & 1L);

    /// <summary>Where an element goes, or the code of where it left the range, beside NaN.</summary>
    private static (double X, long W) Advanced(
        double position, long whole, double drive, double gain, double scale, double unit, double limit, int number)
    {
        double change = Math.Round(gain * drive);
        long next = whole + (long)change;
        double moved = position + (unit * Math.Round(next * scale));
        double size = Math.Max(Math.Abs(whole + change), Math.Abs(change));
        bool holds = size < Most && Math.Abs(moved) < limit;
        long code = size < Most ? Code(Math.Abs(moved), number, 0) : Code(size * scale * unit, number, 1);
        return (holds ? moved : double.NaN, holds ? next : (double.IsNaN(position) ? whole : code));
    }

    /// <summary>
    /// Where an element left the range: the layer, counted from 1, or 0 for the input, in the upper half, then what (0
    /// the position, 1 the velocity), then the upper bits of its size as a double.
    /// </summary>
    private static long Code(double size, int number, int what) =>
        ((long)number << 32) | ((long)what << 31) | (long)(Interop.FloatAsInt(size) >> 32);
}
