using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>The few vector steps that hand-written CPU code shares, for float and double alike.</summary>
internal static unsafe class Lanes
{
    /// <summary>a · b + c with one rounding, in every lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> MultiplyAdd<T>(Vector512<T> a, Vector512<T> b, Vector512<T> c)
        where T : unmanaged =>
        typeof(T) == typeof(float)
            ? Vector512.FusedMultiplyAdd(a.AsSingle(), b.AsSingle(), c.AsSingle()).As<float, T>()
            : Vector512.FusedMultiplyAdd(a.AsDouble(), b.AsDouble(), c.AsDouble()).As<double, T>();

    /// <summary>a · b + c with one rounding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T MultiplyAdd<T>(T a, T b, T c)
        where T : unmanaged =>
        typeof(T) == typeof(float)
            ? (T)(object)MathF.FusedMultiplyAdd((float)(object)a, (float)(object)b, (float)(object)c)
            : (T)(object)Math.FusedMultiplyAdd((double)(object)a, (double)(object)b, (double)(object)c);

    /// <summary>a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Add<T>(T a, T b)
        where T : unmanaged =>
        typeof(T) == typeof(float)
            ? (T)(object)((float)(object)a + (float)(object)b)
            : (T)(object)((double)(object)a + (double)(object)b);

    /// <summary>
    /// The first <paramref name="count"/> lanes from memory, zeros in the others; reads no byte beyond.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load<T>(T* source, int count)
        where T : unmanaged
    {
        if (count >= Vector512<T>.Count)
            return Vector512.Load(source);
        if (Avx512F.IsSupported)
        {
            return typeof(T) == typeof(float)
                ? Avx512F.MaskLoad((float*)source, Below(count), default).As<float, T>()
                : Avx512F.MaskLoad((double*)source, BelowLong(count), default).As<double, T>();
        }

        var value = default(Vector512<T>);
        CopyBytes((byte*)source, (byte*)&value, count * sizeof(T));
        return value;
    }

    /// <summary>Writes the first <paramref name="count"/> lanes and no byte beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<T>(Vector512<T> value, T* target, int count)
        where T : unmanaged
    {
        if (count >= Vector512<T>.Count)
            value.Store(target);
        else if (!Avx512F.IsSupported)
            CopyBytes((byte*)&value, (byte*)target, count * sizeof(T));
        else if (typeof(T) == typeof(float))
            Avx512F.MaskStore((float*)target, Below(count), value.AsSingle());
        else
            Avx512F.MaskStore((double*)target, BelowLong(count), value.AsDouble());
    }

    private static Vector512<float> Below(int count) =>
        Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();

    private static Vector512<double> BelowLong(int count) =>
        Vector512.LessThan(Vector512<long>.Indices, Vector512.Create((long)count)).AsDouble();

    // Fewer than 64 bytes, a multiple of 4: at most four moves, cheaper than a call of memmove.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CopyBytes(byte* source, byte* target, int bytes)
    {
        if ((bytes & 32) != 0)
        {
            Vector256.Load(source).Store(target);
            source += 32;
            target += 32;
        }

        if ((bytes & 16) != 0)
        {
            Vector128.Load(source).Store(target);
            source += 16;
            target += 16;
        }

        if ((bytes & 8) != 0)
        {
            *(long*)target = *(long*)source;
            source += 8;
            target += 8;
        }

        if ((bytes & 4) != 0)
            *(int*)target = *(int*)source;
    }
}
