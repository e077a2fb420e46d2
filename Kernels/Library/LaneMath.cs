using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary><see cref="XMath"/> over vectors, for hand-written CPU code: the same steps, so the same bits.</summary>
internal static class LaneMath
{
    /// <summary>e^x of each lane.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Exp<T>(Vector512<T> x)
        where T : unmanaged =>
        typeof(T) == typeof(float) ? Exp(x.AsSingle()).As<float, T>() : Exp(x.AsDouble()).As<double, T>();

    /// <summary>e^x.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Exp<T>(T x)
        where T : unmanaged, INumber<T> =>
        typeof(T) == typeof(float)
            ? T.CreateTruncating(XMath.Exp(float.CreateTruncating(x)))
            : T.CreateTruncating(XMath.Exp(double.CreateTruncating(x)));

    /// <summary>The natural logarithm.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Log<T>(T x)
        where T : unmanaged, INumber<T> =>
        typeof(T) == typeof(float)
            ? T.CreateTruncating(XMath.Log(float.CreateTruncating(x)))
            : T.CreateTruncating(XMath.Log(double.CreateTruncating(x)));

    // Line by line XMath.Exp(float).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exp(Vector512<float> x)
    {
        var t = Between(x, Vector512.Create(-104f), Vector512.Create(89f));
        var k = Vector512.Round(t * 1.44269504f);
        var r = t - (k * 0.693359375f) - (k * -2.12194440e-4f);
        var p = Vector512.Create(1.9875691500e-4f);
        p = (p * r) + Vector512.Create(1.3981999507e-3f);
        p = (p * r) + Vector512.Create(8.3334519073e-3f);
        p = (p * r) + Vector512.Create(4.1665795894e-2f);
        p = (p * r) + Vector512.Create(1.6666665459e-1f);
        p = (p * r) + Vector512.Create(5.0000001201e-1f);
        var y = (p * r * r) + r + Vector512.Create(1f);
        var power = Vector512.ConvertToInt32(k);
        var half = power >> 1;
        return y * PowerOfTwo(half) * PowerOfTwo(power - half);
    }

    // Line by line XMath.Exp(double).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Exp(Vector512<double> x)
    {
        var t = Between(x, Vector512.Create(-746.0), Vector512.Create(710.0));
        var k = Vector512.Round(t * 1.44269504088896338700);
        var high = t - (k * 6.93147180369123816490e-01);
        var low = k * 1.90821492927058770002e-10;
        var r = high - low;
        var z = r * r;
        var p = Vector512.Create(4.13813679705723846039e-08);
        p = (p * z) - Vector512.Create(1.65339022054652515390e-06);
        p = (p * z) + Vector512.Create(6.61375632143793436117e-05);
        p = (p * z) - Vector512.Create(2.77777777770155933842e-03);
        p = (p * z) + Vector512.Create(1.66666666666666019037e-01);
        var c = r - (z * p);
        var y = Vector512.Create(1.0) - (low - (r * c / (Vector512.Create(2.0) - c)) - high);
        var power = Vector512.ConvertToInt64(k);
        var half = power >> 1;
        return y * PowerOfTwo(half) * PowerOfTwo(power - half);
    }

    /// <summary>x, or the bound that it exceeds; a NaN stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> Between<T>(Vector512<T> x, Vector512<T> low, Vector512<T> high) =>
        Vector512.ConditionalSelect(
            Vector512.GreaterThan(x, high), high, Vector512.ConditionalSelect(Vector512.LessThan(x, low), low, x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> PowerOfTwo(Vector512<int> k) => ((k + Vector512.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> PowerOfTwo(Vector512<long> k) => ((k + Vector512.Create(1023L)) << 52).AsDouble();
}
