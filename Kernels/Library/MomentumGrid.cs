using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// The momentum step in whole numbers, which runs backwards bit for bit, with its inverse and the adjoint: Float32.
/// </summary>
/// <remarks>
/// <para>x holds multiples of unit = 2^−p; the velocity is w · scale · unit with w whole. A step adds whole numbers
/// that
/// its inverse computes again from the same values, so it takes away the same ones:
/// w' = w + rint(gain f), x' = x + unit · rint(w' scale), gain = (1 − γ) / (scale · unit).</para>
/// <para>An element that leaves the range in which this is exact (|w| &lt; 2^31, |x| &lt; limit) or is not a number
/// becomes NaN in x and a code in w that says where and how large; both stay so to the end.</para>
/// <para>Forms with "Towards" have f − x in place of f. Views named in and out may be the same memory.
/// <see cref="MomentumGridWide"/> is the same for Float64.</para>
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
        w[i] = holds ? 0 : Code(MathF.Abs(position), 0, 0);
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
            : Code(MathF.Abs(position), 0, 0);
        w[i] = holds ? (int)velocity : code;
    }

    /// <summary>w' = w + rint(gain f);  x' = x + unit · rint(w' scale).</summary>
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
        int number)
    {
        float position = x[i];
        int whole = w[i];
        float change = MathF.Round(gain * f[i]);
        int next = whole + (int)change;
        float moved = position + (unit * MathF.Round(next * scale));
        float size = MathF.Max(MathF.Abs(whole + change), MathF.Abs(change));
        bool holds = size < Most && MathF.Abs(moved) < limit;
        int code = size < Most ? Code(MathF.Abs(moved), number, 0) : Code(size * scale * unit, number, 1);
        nextX[i] = holds ? moved : float.NaN;
        w[i] = holds ? next : (float.IsNaN(position) ? whole : code);
    }

    /// <summary>The step with f − x in place of f.</summary>
    [Kernel(FloatOnly = true)]
    public static void StepTowards(
        Index1D i,
        ArrayView<float> x,
        ArrayView<int> w,
        ArrayView<float> f,
        ArrayView<float> nextX,
        float gain,
        float scale,
        float unit,
        float limit,
        int number)
    {
        float position = x[i];
        int whole = w[i];
        float change = MathF.Round(gain * (f[i] - position));
        int next = whole + (int)change;
        float moved = position + (unit * MathF.Round(next * scale));
        float size = MathF.Max(MathF.Abs(whole + change), MathF.Abs(change));
        bool holds = size < Most && MathF.Abs(moved) < limit;
        int code = size < Most ? Code(MathF.Abs(moved), number, 0) : Code(size * scale * unit, number, 1);
        nextX[i] = holds ? moved : float.NaN;
        w[i] = holds ? next : (float.IsNaN(position) ? whole : code);
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

    /// <summary>w = w' − rint(gain f): the second half of the inverse.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoVelocity(Index1D i, ArrayView<int> w, ArrayView<float> f, float gain) =>
        w[i] = w[i] - (int)MathF.Round(gain * f[i]);

    /// <summary>w = w' − rint(gain (f − x)): the second half of the inverse.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoVelocityTowards(
        Index1D i, ArrayView<float> x, ArrayView<int> w, ArrayView<float> f, float gain) =>
        w[i] = w[i] - (int)MathF.Round(gain * (f[i] - x[i]));

    /// <summary>
    /// The inverse between two evaluations of f, in place: w of this layer, then x of the layer before. The low bits
    /// that
    /// the layer before pushed are back in w already, so this layer's change is shifted past them.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void Undo(
        Index1D i, ArrayView<float> x, ArrayView<int> w, ArrayView<float> f, float gain, int shift, float scale,
        float unit)
    {
        int whole = w[i] - ((int)MathF.Round(gain * f[i]) << shift);
        w[i] = whole;
        x[i] = x[i] - (unit * MathF.Round(whole * scale));
    }

    /// <summary>The inverse between two evaluations of f, with f − x.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoTowards(
        Index1D i, ArrayView<float> x, ArrayView<int> w, ArrayView<float> f, float gain, int shift, float scale,
        float unit)
    {
        float position = x[i];
        int whole = w[i] - ((int)MathF.Round(gain * (f[i] - position)) << shift);
        w[i] = whole;
        x[i] = position - (unit * MathF.Round(whole * scale));
    }

    /// <summary>
    /// The inverse as above with the adjoints, as in <c>Momentum.UndoWithAdjoint</c>: gamma of this layer, rate
    /// of the layer before.
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
        float previousRate)
    {
        int whole = w[i] - ((int)MathF.Round(gain * f[i]) << shift);
        w[i] = whole;
        x[i] = x[i] - (unit * MathF.Round(whole * scale));
        float gradientX = gx[i] + j[i];
        float sum = gradientX + (gamma * g[i]);
        gx[i] = gradientX;
        g[i] = sum;
        j[i] = previousRate * sum;
    }

    /// <summary>The inverse with the adjoints, with f − x: gx loses (1 − γ) g besides.</summary>
    [Kernel(FloatOnly = true)]
    public static void UndoWithAdjointTowards(
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
        float previousRate)
    {
        float position = x[i];
        int whole = w[i] - ((int)MathF.Round(gain * (f[i] - position)) << shift);
        w[i] = whole;
        x[i] = position - (unit * MathF.Round(whole * scale));
        float gradientX = (gx[i] - (rate * g[i])) + j[i];
        float sum = gradientX + (gamma * g[i]);
        gx[i] = gradientX;
        g[i] = sum;
        j[i] = previousRate * sum;
    }

    /// <summary>
    /// Packs the low bits of w, 32 elements to a word, plane after plane: bit i mod 32 of word i / 32.
    /// </summary>
    [Kernel(FloatOnly = true)]
    public static void Pack(Index1D i, ArrayView<int> w, ArrayView<int> planes, int words, int bits, int count)
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
    }

    /// <summary>w ← w &gt;&gt; bits, after <c>Pack</c>; a code stays where x is NaN.</summary>
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
    /// Where an element left the range: the layer, counted from 1, or 0 for the input, in the upper half, then what (0
    /// the position, 1 the velocity), then the
    /// upper bits of its size as a float.
    /// </summary>
    private static int Code(float size, int number, int what) =>
        (number << 16) | (what << 15) | (int)(Interop.FloatAsInt(size) >> 16);
}
