using System.Numerics;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library;

/// <summary>The steps of softmax over a gapless row, with vectors.</summary>
internal static unsafe class RowMath
{
    /// <summary>The largest of scale · x, −∞ of nothing, NaN when there is one.</summary>
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

    /// <summary>y = exp(scale · x − shift).</summary>
    public static void Exp<T>(T* x, T* y, int count, T scale, T shift)
        where T : unmanaged, INumber<T>
    {
        int k = 0;
        for (; k <= count - Vector512<T>.Count; k += Vector512<T>.Count)
        {
            var scaled = Vector512.Load(x + k) * Vector512.Create(scale);
            LaneMath.Exp(scaled - Vector512.Create(shift)).Store(y + k);
        }

        for (; k < count; k++)
            y[k] = LaneMath.Exp((x[k] * scale) - shift);
    }

    /// <summary>y = y / divisor.</summary>
    public static void Divide<T>(T* y, int count, T divisor)
        where T : unmanaged, INumber<T>
    {
        int k = 0;
        for (; k <= count - Vector512<T>.Count; k += Vector512<T>.Count)
            (Vector512.Load(y + k) / Vector512.Create(divisor)).Store(y + k);
        for (; k < count; k++)
            y[k] /= divisor;
    }
}
