using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// The momentum step in whole numbers, which runs backwards bit for bit, with its inverse and the adjoint: Float32.
/// </summary>
/// <remarks>
/// <para>x holds multiples of unit = 2^−p; the velocity is w · scale · unit with w whole. A step adds whole numbers
/// that its inverse computes again from the same values, so it takes away the same ones:
/// w' = w + rint(gain d), x' = x + unit · rint(w' scale), gain = (1 − γ) / (scale · unit), where the drive d is f, or
/// f − x if towards is not 0.</para>
/// <para>An element that leaves the range in which this is exact (|w| &lt; 2^31, |x| &lt; limit) or is not a number
/// becomes NaN in x and a code in w that says where and how large; both stay so to the end.</para>
/// <para>Views named in and out may be the same memory. What a step is launched with besides (hashes, bits that come
/// back or are set aside) says <see cref="GridEdges{TReal, TWhole}"/>. <see cref="MomentumGridWide"/> is the same for
/// Float64.</para>
/// </remarks>
public static partial class MomentumGrid
{
    // The largest that is surely below 2^31 after the float sum has rounded.
    private const float Most = 2147483136f;

    /// <summary>x onto the grid, the velocity to zero.</summary>
    [Kernel(FloatOnly = true)]
    public static void Begin(
        Index1D i, ArrayView<float> x, ArrayView<float> nextX, ArrayView<int> w, float unit, float perUnit, float limit)
    {
        // A zero without a sign: the way back from elsewhere arrives at that one.
        float position = (unit * MathF.Round(x[i] * perUnit)) + 0f;
        bool holds = MathF.Abs(position) < limit;
        nextX[i] = holds ? position : float.NaN;
        w[i] = holds ? 0 : Code(MathF.Abs(x[i]), 0, 0);
    }

    /// <summary>x onto the grid, and w = rint(v · perVelocity).</summary>
    [Kernel(FloatOnly = true)]
    public static void BeginMoving(
        Index1D i,
        ArrayView<float> x,
        ArrayView<float> v,
        ArrayView<float> nextX,
        ArrayView<int> w,
        float unit,
        float perUnit,
        float perVelocity,
        float limit)
    {
        // A zero without a sign: the way back from elsewhere arrives at that one.
        float position = (unit * MathF.Round(x[i] * perUnit)) + 0f;
        float velocity = MathF.Round(v[i] * perVelocity);
        bool holds = MathF.Abs(position) < limit && MathF.Abs(velocity) < Most;
        nextX[i] = holds ? position : float.NaN;
        int code = MathF.Abs(position) < limit
            ? Code(MathF.Abs(v[i]), 0, 1)
            : Code(MathF.Abs(x[i]), 0, 0);
        w[i] = holds ? (int)velocity : code;
    }

    /// <summary>w' = w + rint(gain d);  x' = x + unit · rint(w' scale), with the drive d = f, or f − x if towards.</summary>
    [Kernel(FloatOnly = true)]
    public static void Step(
        Index1D i,
        ArrayView<float> x,
        ArrayView<int> w,
        ArrayView<float> f,
        ArrayView<float> nextX,
        float gain,
        float scale,
        float unit,
        float limit,
        int number,
        int towards)
    {
        float position = x[i];
        float drive = towards != 0 ? f[i] - position : f[i];
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
        ArrayView<float> x,
        ArrayView<int> w,
        ArrayView<float> f,
        ArrayView<float> nextX,
        ArrayView<long> sums,
        int items,
        int count,
        float gain,
        float scale,
        float unit,
        float limit,
        int number,
        int towards)
    {
        ulong sum = 0UL;
        for (int k = i.X; k < count; k = count - k > items ? k + items : count)
        {
            float position = x[k];
            float drive = towards != 0 ? f[k] - position : f[k];
            var next = Advanced(position, w[k], drive, gain, scale, unit, limit, number);
            nextX[k] = next.X;
            w[k] = next.W;
            sum = sum + BitHash.Scrambled((ulong)Interop.FloatAsInt(next.X), k);
        }

        sums[i] = (long)sum;
    }

    /// <summary>v = w · scale: the velocity as a float tensor; NaN where x is.</summary>
    [Kernel(FloatOnly = true)]
    public static void Velocity(Index1D i, ArrayView<float> x, ArrayView<int> w, ArrayView<float> v, float scale) =>
        v[i] = float.IsNaN(x[i]) ? float.NaN : w[i] * scale;

    /// <summary>x = x' − unit · rint(w' scale): the first half of the inverse.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoPosition(
        Index1D i, ArrayView<float> nextX, ArrayView<int> w, ArrayView<float> x, float scale, float unit) =>
        x[i] = nextX[i] - (unit * MathF.Round(w[i] * scale));

    /// <summary>w = w' − rint(gain d): the second half of the inverse.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoVelocity(
        Index1D i, ArrayView<float> x, ArrayView<int> w, ArrayView<float> f, float gain, int towards) =>
        w[i] = w[i] - (int)MathF.Round(gain * (towards != 0 ? f[i] - x[i] : f[i]));

    /// <summary>
    /// The inverse between two evaluations of f, in place: w of this layer, then x of the layer before. The low bits
    /// that the layer before pushed are back in w already, so this layer's change is shifted past them.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void Undo(
        Index1D i, ArrayView<float> x, ArrayView<int> w, ArrayView<float> f, float gain, int shift, float scale,
        float unit, int towards)
    {
        float position = x[i];
        int whole = w[i] - ((int)MathF.Round(gain * (towards != 0 ? f[i] - position : f[i])) << shift);
        w[i] = whole;
        x[i] = position - (unit * MathF.Round(whole * scale));
    }

    /// <summary>
    /// The inverse as above with the adjoints, as in <c>Momentum.UndoWithAdjoint</c>: gamma and rate of this layer,
    /// previousRate of the layer before. With towards, gx loses (1 − γ) g besides.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void UndoWithAdjoint(
        Index1D i,
        ArrayView<float> x,
        ArrayView<int> w,
        ArrayView<float> f,
        ArrayView<float> gx,
        ArrayView<float> g,
        ArrayView<float> j,
        float gain,
        int shift,
        float scale,
        float unit,
        float gamma,
        float rate,
        float previousRate,
        int towards)
    {
        float position = x[i];
        int whole = w[i] - ((int)MathF.Round(gain * (towards != 0 ? f[i] - position : f[i])) << shift);
        w[i] = whole;
        x[i] = position - (unit * MathF.Round(whole * scale));
        float gradientX = (towards != 0 ? gx[i] - (rate * g[i]) : gx[i]) + j[i];
        float sum = gradientX + (gamma * g[i]);
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
        ArrayView<float> x,
        ArrayView<int> w,
        ArrayView<float> f,
        ArrayView<float> gx,
        ArrayView<float> g,
        ArrayView<float> j,
        ArrayView<long> sums,
        int items,
        int count,
        float gain,
        int shift,
        float scale,
        float unit,
        float gamma,
        float rate,
        float previousRate,
        int towards)
    {
        ulong hash = 0UL;
        for (int k = i.X; k < count; k = count - k > items ? k + items : count)
        {
            float position = x[k];
            int whole = w[k] - ((int)MathF.Round(gain * (towards != 0 ? f[k] - position : f[k])) << shift);
            w[k] = whole;
            position = position - (unit * MathF.Round(whole * scale));
            x[k] = position;
            hash = hash + BitHash.Scrambled((ulong)Interop.FloatAsInt(position), k);
            float gradientX = (towards != 0 ? gx[k] - (rate * g[k]) : gx[k]) + j[k];
            float sum = gradientX + (gamma * g[k]);
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
        Index1D i, ArrayView<float> x, ArrayView<int> w, ArrayView<int> planes, int words, int bits, int count)
    {
        int start = i.X * 32;
        int here = count - start > 32 ? 32 : count - start;
        for (int b = 0; b < bits; b++)
        {
            int word = 0;
            for (int k = 0; k < here; k++)
                word = word | (((w[start + k] >> b) & 1) << k);
            planes[(b * words) + i.X] = word;
        }

        for (int k = start; k < start + here; k++)
            w[k] = float.IsNaN(x[k]) ? w[k] : w[k] >> bits;
    }

    /// <summary>w ← w &gt;&gt; bits where nobody will want the bits; a code stays where x is NaN.</summary>
    [Kernel(FloatOnly = true)]
    public static void Shift(Index1D i, ArrayView<float> x, ArrayView<int> w, int bits) =>
        w[i] = float.IsNaN(x[i]) ? w[i] : w[i] >> bits;

    /// <summary>w ← (w &lt;&lt; bits) | what <c>Pack</c> put into the planes.</summary>
    [Kernel(FloatOnly = true)]
    public static void Unpack(Index1D i, ArrayView<int> w, ArrayView<int> planes, int words, int bits)
    {
        int word = i.X >> 5;
        int place = i.X & 31;
        int low = 0;
        for (int b = 0; b < bits; b++)
            low = low | (((planes[(b * words) + word] >> place) & 1) << b);
        w[i] = (w[i] << bits) | low;
    }

    /// <summary>
    /// worst[i] = 0 if none of the elements i, i + items, … left the range; else, of those that left it in the first
    /// layer, the largest: (2^16 − layer) 2^16, and the code's size and what, in an order in which more is worse.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void Worst(
        Index1D i, ArrayView<float> x, ArrayView<int> w, ArrayView<long> worst, int items, int count)
    {
        long most = 0L;
        for (int k = i.X; k < count; k = count - k > items ? k + items : count)
        {
            long found = float.IsNaN(x[k]) ? Badness(w[k]) : 0L;
            most = found > most ? found : most;
        }

        worst[i] = most;
    }

    /// <summary>How bad a code is: the earlier the layer and the larger the value, the more. Above 0.</summary>
    internal static long Badness(int code) =>
        ((long)(65536 - ((code >> 16) & 65535)) << 16) | (long)((code & 32767) << 1) | (long)((code >> 15) & 1);

    /// <summary>Where an element goes, or the code of where it left the range, beside NaN.</summary>
    private static (float X, int W) Advanced(
        float position, int whole, float drive, float gain, float scale, float unit, float limit, int number)
    {
        float change = MathF.Round(gain * drive);
        int next = whole + (int)change;
        float moved = position + (unit * MathF.Round(next * scale));
        float size = MathF.Max(MathF.Abs(whole + change), MathF.Abs(change));
        bool holds = size < Most && MathF.Abs(moved) < limit;
        int code = size < Most ? Code(MathF.Abs(moved), number, 0) : Code(size * scale * unit, number, 1);
        return (holds ? moved : float.NaN, holds ? next : (float.IsNaN(position) ? whole : code));
    }

    /// <summary>
    /// Where an element left the range: the layer, counted from 1, or 0 for the input, in the upper half, then what (0
    /// the position, 1 the velocity), then the upper bits of its size as a float.
    /// </summary>
    private static int Code(float size, int number, int what) =>
        (number << 16) | (what << 15) | (int)(Interop.FloatAsInt(size) >> 16);
}
