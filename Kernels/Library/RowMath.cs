using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library;

/// <summary>The steps of softmax over a gapless row, with vectors.</summary>
internal static unsafe class RowMath
{
    /// <summary>The largest of scale · x, −∞ of nothing, NaN when there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Largest<T>(T* x, int count, T scale)
        where T : unmanaged, INumber<T>
    {
        T max = T.CreateTruncating(double.NegativeInfinity);
        int k = 0;
        if (count >= Vector512<T>.Count)
        {
            var lanes = Vector512.Create(max);
            for (; k <= count - Vector512<T>.Count; k += Vector512<T>.Count)
                lanes = Vector512.Max(lanes, Vector512.Load(x + k) * Vector512.Create(scale));
            for (int lane = 0; lane < Vector512<T>.Count; lane++)
                max = T.Max(max, lanes[lane]);
        }

        for (; k < count; k++)
            max = T.Max(max, x[k] * scale);
        return max;
    }

    /// <summary>
    /// The first <paramref name="count"/> elements as a vector, whatever in its other lanes; reads no further than
    /// <paramref name="readable"/> elements.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load<T>(T* x, int count, long readable)
        where T : unmanaged =>
        readable >= Vector512<T>.Count ? Vector512.Load(x) : LoadFew(x, count);

    /// <summary>Writes the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(Vector512<T> lanes, T* y, int count)
        where T : unmanaged
    {
        T* from = (T*)&lanes;
        for (int k = 0; k < count; k++)
            y[k] = from[k];
    }

    /// <summary>y = exp(scale · x − shift).</summary>
    /// <param name="x">The first <paramref name="count"/> elements are taken.</param>
    /// <param name="y">As many are written.</param>
    /// <param name="count">How many.</param>
    /// <param name="scale">What x is multiplied by.</param>
    /// <param name="shift">What is subtracted.</param>
    /// <param name="readable">How many elements of x there is memory for.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Exp<T>(T* x, T* y, int count, T scale, T shift, long readable)
        where T : unmanaged, INumber<T>
    {
        int k = 0;
        for (; k <= count - Vector512<T>.Count; k += Vector512<T>.Count)
        {
            var scaled = Vector512.Load(x + k) * Vector512.Create(scale);
            LaneMath.Exp(scaled - Vector512.Create(shift)).Store(y + k);
        }

        if (k < count)
        {
            var scaled = Load(x + k, count - k, readable - k) * Vector512.Create(scale);
            Store(LaneMath.Exp(scaled - Vector512.Create(shift)), y + k, count - k);
        }
    }

    /// <summary>y = y / divisor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Divide<T>(T* y, int count, T divisor)
        where T : unmanaged, INumber<T>
    {
        int k = 0;
        for (; k <= count - Vector512<T>.Count; k += Vector512<T>.Count)
            (Vector512.Load(y + k) / Vector512.Create(divisor)).Store(y + k);
        for (; k < count; k++)
            y[k] /= divisor;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Vector512<T> LoadFew<T>(T* x, int count)
        where T : unmanaged
    {
        var lanes = Vector512<T>.Zero;
        new Span<T>(x, count).CopyTo(new Span<T>(&lanes, Vector512<T>.Count));
        return lanes;
    }
}
