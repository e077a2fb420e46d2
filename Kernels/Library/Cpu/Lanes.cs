using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

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

    /// <summary>The first <paramref name="count"/> lanes from memory, zeros in the others; reads no byte beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> Load<T>(T* source, int count)
        where T : unmanaged
    {
        if (count >= Vector512<T>.Count)
            return Vector512.Load(source);
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
        else
            CopyBytes((byte*)&value, (byte*)target, count * sizeof(T));
    }

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
