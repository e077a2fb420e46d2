using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Adds terms along a run of memory with vectors, in the order of the kernels' 16 lanes: lane k takes every 16th term
/// from k, then the lanes fold in halves. The same bits for any vector width.
/// </summary>
internal static unsafe class LaneSum
{
    private const int Lanes = 16;

    /// <summary>What is added up, as a vector and as a single number at a place.</summary>
    public interface ITerm<T>
        where T : unmanaged, INumber<T>
    {
        /// <summary>The terms from <paramref name="k"/> on.</summary>
        Vector512<T> Vector(int k);

        /// <summary>The term at <paramref name="k"/>.</summary>
        T Scalar(int k);
    }

    /// <summary>The sum of the terms 0 … <paramref name="count"/> − 1.</summary>
    /// <param name="term">What is added up.</param>
    /// <param name="count">How many terms.</param>
    /// <param name="readable">
    /// How many terms there is memory for, if that is more: the last ones are then taken with vectors too.
    /// </param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Of<T, TTerm>(TTerm term, int count, long readable = 0)
        where T : unmanaged, INumber<T>
        where TTerm : struct, ITerm<T>
    {
        var low = Vector512<T>.Zero;
        var high = Vector512<T>.Zero;
        int k = 0;
        for (; k <= count - Lanes; k += Lanes)
        {
            low += term.Vector(k);
            if (Vector512<T>.Count < Lanes)
                high += term.Vector(k + Vector512<T>.Count);
        }

        if (k < count && k + Lanes <= readable)
        {
            // Adding 0 to a lane changes nothing: no lane is −0.
            low += FirstOf(term.Vector(k), count - k);
            if (Vector512<T>.Count < Lanes)
                high += FirstOf(term.Vector(k + Vector512<T>.Count), count - k - Vector512<T>.Count);
        }
        else if (k < count)
        {
            AddRest(term, k, count, ref low, ref high);
        }

        return Fold(low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<T> FirstOf<T>(Vector512<T> terms, int count)
    {
        if (typeof(T) == typeof(float))
        {
            var isIn = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count));
            return (terms.AsInt32() & isIn).As<int, T>();
        }

        var among = Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)count));
        return (terms.AsInt64() & among).As<long, T>();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void AddRest<T, TTerm>(TTerm term, int k, int count, ref Vector512<T> low, ref Vector512<T> high)
        where T : unmanaged, INumber<T>
        where TTerm : struct, ITerm<T>
    {
        T* lanes = stackalloc T[2 * Lanes];
        low.Store(lanes);
        high.Store(lanes + Vector512<T>.Count);
        for (T* lane = lanes; k < count; k++, lane++)
            *lane += term.Scalar(k);
        low = Vector512.Load(lanes);
        high = Vector512.Load(lanes + Vector512<T>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T Fold<T>(Vector512<T> low, Vector512<T> high)
        where T : unmanaged, INumber<T>
    {
        var sum = Vector512<T>.Count < Lanes ? low + high : low;
        var four = sum.GetLower() + sum.GetUpper();
        var two = four.GetLower() + four.GetUpper();
        return Vector128<T>.Count == 2 ? two[0] + two[1] : two[0] + two[2] + (two[1] + two[3]);
    }

    /// <summary>x.</summary>
    public struct Values<T> : ITerm<T>
        where T : unmanaged, INumber<T>
    {
        public T* X;

        public readonly Vector512<T> Vector(int k) => Vector512.Load(X + k);

        public readonly T Scalar(int k) => X[k];
    }

    /// <summary>e^(x − shift).</summary>
    public struct Exponentials<T> : ITerm<T>
        where T : unmanaged, INumber<T>
    {
        public T* X;
        public T Shift;

        public readonly Vector512<T> Vector(int k) => LaneMath.Exp(Vector512.Load(X + k) - Vector512.Create(Shift));

        public readonly T Scalar(int k) => LaneMath.Exp(X[k] - Shift);
    }

    /// <summary>(x − center)².</summary>
    public struct Squares<T> : ITerm<T>
        where T : unmanaged, INumber<T>
    {
        public T* X;
        public T Center;

        public readonly Vector512<T> Vector(int k)
        {
            var away = Vector512.Load(X + k) - Vector512.Create(Center);
            return away * away;
        }

        public readonly T Scalar(int k) => (X[k] - Center) * (X[k] - Center);
    }

    /// <summary>g (x − center).</summary>
    public struct Products<T> : ITerm<T>
        where T : unmanaged, INumber<T>
    {
        public T* G;
        public T* X;
        public T Center;

        public readonly Vector512<T> Vector(int k) =>
            Vector512.Load(G + k) * (Vector512.Load(X + k) - Vector512.Create(Center));

        public readonly T Scalar(int k) => G[k] * (X[k] - Center);
    }

    /// <summary>g w.</summary>
    public struct Weighted<T> : ITerm<T>
        where T : unmanaged, INumber<T>
    {
        public T* G;
        public T* W;

        public readonly Vector512<T> Vector(int k) => Vector512.Load(G + k) * Vector512.Load(W + k);

        public readonly T Scalar(int k) => G[k] * W[k];
    }

    /// <summary>g w (x − center).</summary>
    public struct WeightedProducts<T> : ITerm<T>
        where T : unmanaged, INumber<T>
    {
        public T* G;
        public T* W;
        public T* X;
        public T Center;

        public readonly Vector512<T> Vector(int k) =>
            Vector512.Load(G + k) * Vector512.Load(W + k) * (Vector512.Load(X + k) - Vector512.Create(Center));

        public readonly T Scalar(int k) => G[k] * W[k] * (X[k] - Center);
    }
}
