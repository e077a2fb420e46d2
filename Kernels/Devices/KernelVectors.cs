using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MomentumCore.Kernels.Devices;

/// <summary>What the vector loops of generated kernels need beyond <see cref="Vector512"/>.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class KernelVectors
{
    /// <summary>Whether kernels run their vector loops. Only tests turn them off, to compare with the plain loops.</summary>
    public static bool AreOn { get; internal set; } = Vector128.IsHardwareAccelerated;

    /// <summary>Elements below which a run is not worth a partial vector.</summary>
    public static int ShortRun => 4;

    /// <summary>Bytes of all views of a launch from which on results are written past the caches. Tests lower it.</summary>
    public static long LargeBytes { get; internal set; } = 32L << 20;

    /// <summary>Whether a vector written here, and every whole vector after it, lies in one cache line.</summary>
    public static unsafe bool IsAligned<T>(ref T place)
        where T : unmanaged =>
        ((nuint)Unsafe.AsPointer(ref place) & 63) == 0;

    /// <summary>Whether two views start at different places: a result in place of an operand is in the cache already.</summary>
    public static bool AreApart<TA, TB>(ref TA a, ref TB b)
        where TA : unmanaged
        where TB : unmanaged =>
        !Unsafe.AreSame(ref Unsafe.As<TA, byte>(ref a), ref Unsafe.As<TB, byte>(ref b));

    /// <summary>Copies elements.</summary>
    public static void Copy<T>(ref T from, ref T to, int count)
        where T : unmanaged =>
        MemoryMarshal.CreateReadOnlySpan(ref from, count).CopyTo(MemoryMarshal.CreateSpan(ref to, count));

    /// <summary>A copy of a few elements, padded with zeros to a full vector.</summary>
    public static ref T Part<T>(ref T from, int count, ref Vector512<T> storage)
        where T : unmanaged
    {
        ref T start = ref Unsafe.As<Vector512<T>, T>(ref storage);
        Copy(ref from, ref start, count);
        return ref start;
    }

    /// <summary>A full vector of one element, for a view that repeats it.</summary>
    public static ref T Repeat<T>(ref T value, ref Vector512<T> storage)
        where T : unmanaged
    {
        storage = Vector512.Create(value);
        return ref Unsafe.As<Vector512<T>, T>(ref storage);
    }

    /// <summary>Loads elements half as wide as a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<int> LoadWide(ref short from)
    {
        var narrow = Vector256.LoadUnsafe(ref from);
        return Vector512.Create(Vector256.WidenLower(narrow), Vector256.WidenUpper(narrow));
    }

    /// <summary>Loads elements half as wide as a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> LoadWide(ref ushort from)
    {
        var narrow = Vector256.LoadUnsafe(ref from);
        return Vector512.Create(Vector256.WidenLower(narrow), Vector256.WidenUpper(narrow));
    }

    /// <summary>Loads elements half as wide as a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> LoadWide(ref int from)
    {
        var narrow = Vector256.LoadUnsafe(ref from);
        return Vector512.Create(Vector256.WidenLower(narrow), Vector256.WidenUpper(narrow));
    }

    /// <summary>Loads elements half as wide as a lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> LoadWide(ref uint from)
    {
        var narrow = Vector256.LoadUnsafe(ref from);
        return Vector512.Create(Vector256.WidenLower(narrow), Vector256.WidenUpper(narrow));
    }

    /// <summary>Stores the lower halves of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrow(Vector512<int> value, ref short to) =>
        Vector256.Narrow(value.GetLower(), value.GetUpper()).StoreUnsafe(ref to);

    /// <summary>Stores the lower halves of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrow(Vector512<uint> value, ref ushort to) =>
        Vector256.Narrow(value.GetLower(), value.GetUpper()).StoreUnsafe(ref to);

    /// <summary>Stores the lower halves of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrow(Vector512<long> value, ref int to) =>
        Vector256.Narrow(value.GetLower(), value.GetUpper()).StoreUnsafe(ref to);

    /// <summary>Stores the lower halves of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreNarrow(Vector512<ulong> value, ref uint to) =>
        Vector256.Narrow(value.GetLower(), value.GetUpper()).StoreUnsafe(ref to);

    /// <summary>(double)x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Widen(Vector256<float> x) =>
        Vector512.Create(Vector256.WidenLower(x), Vector256.WidenUpper(x));

    /// <summary>(long)x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> Widen(Vector256<int> x) =>
        Vector512.Create(Vector256.WidenLower(x), Vector256.WidenUpper(x));

    /// <summary>(ulong)x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> Widen(Vector256<uint> x) =>
        Vector512.Create(Vector256.WidenLower(x), Vector256.WidenUpper(x));

    /// <summary>(float)x, rounded to the nearest, ties to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Narrow(Vector512<double> x) => Vector256.Narrow(x.GetLower(), x.GetUpper());

    /// <summary>The lower halves of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Narrow(Vector512<long> x) => Vector256.Narrow(x.GetLower(), x.GetUpper());

    /// <summary>The lower halves of the lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Narrow(Vector512<ulong> x) => Vector256.Narrow(x.GetLower(), x.GetUpper());

    /// <summary>(float)x, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingle(Vector512<long> x)
    {
        // By way of double: the 11 bits that double lacks are gathered in one, far below what float keeps.
        var lost = Vector512.Create(0x7FFL);
        var isSmall = Vector512.LessThan(Vector512.Abs(x).AsUInt64(), Vector512.Create(1UL << 53)).AsInt64();
        var gathered = Vector512.AndNot(x, lost) | (((x & lost) + lost) & ~lost);
        return Narrow(Vector512.ConvertToDouble(Vector512.ConditionalSelect(isSmall, x, gathered)));
    }

    /// <summary>(float)x, rounded once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ToSingle(Vector512<ulong> x)
    {
        var lost = Vector512.Create(0x7FFUL);
        var isSmall = Vector512.LessThan(x, Vector512.Create(1UL << 53));
        var gathered = Vector512.AndNot(x, lost) | (((x & lost) + lost) & ~lost);
        return Narrow(Vector512.ConvertToDouble(Vector512.ConditionalSelect(isSmall, x, gathered)));
    }

    /// <summary>(int)x: towards zero, saturating, NaN gives 0; extended to the lane by its sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<long> ToInt32(Vector512<double> x) => Whole(x, int.MinValue, int.MaxValue);

    /// <summary>(uint)x: towards zero, saturating, NaN gives 0; extended to the lane by zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<ulong> ToUInt32(Vector512<double> x) => Whole(x, 0, uint.MaxValue).AsUInt64();

    // 1.5 · 2^52: adding it leaves a whole number in the low bits of the double. Conversions to 64 bits are slow before AVX-512.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<long> Whole(Vector512<double> x, double least, double most)
    {
        var magic = Vector512.Create(6755399441055744.0);
        var number = Vector512.Equals(x, x) & x;
        var held = Vector512.Min(Vector512.Max(number, Vector512.Create(least)), Vector512.Create(most));
        return (Vector512.Truncate(held) + magic).AsInt64() - magic.AsInt64();
    }

    /// <summary>x &lt;&lt; counts, lane by lane; counts are less than the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> ShiftLeft<T, TCount>(Vector512<T> x, Vector512<TCount> counts)
    {
        if (Unsafe.SizeOf<T>() == 4)
        {
            return Avx512F.IsSupported
                ? Avx512F.ShiftLeftLogicalVariable(x.AsUInt32(), counts.AsUInt32()).As<uint, T>()
                : Avx2.IsSupported
                ? Vector512.Create(
                    Avx2.ShiftLeftLogicalVariable(x.AsUInt32().GetLower(), counts.AsUInt32().GetLower()),
                    Avx2.ShiftLeftLogicalVariable(x.AsUInt32().GetUpper(), counts.AsUInt32().GetUpper())).As<uint, T>()
                : EachLane(x.AsUInt32(), counts.AsInt32(), static (a, n) => a << n).As<uint, T>();
        }

        return Avx512F.IsSupported
            ? Avx512F.ShiftLeftLogicalVariable(x.AsUInt64(), counts.AsUInt64()).As<ulong, T>()
            : Avx2.IsSupported
                ? Vector512.Create(
                    Avx2.ShiftLeftLogicalVariable(x.AsUInt64().GetLower(), counts.AsUInt64().GetLower()),
                    Avx2.ShiftLeftLogicalVariable(x.AsUInt64().GetUpper(), counts.AsUInt64().GetUpper())).As<ulong, T>()
                : EachLane(x.AsUInt64(), counts.AsInt64(), static (a, n) => a << (int)n).As<ulong, T>();
    }

    /// <summary>x &gt;&gt;&gt; counts, lane by lane; counts are less than the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> ShiftRightLogical<T, TCount>(Vector512<T> x, Vector512<TCount> counts)
    {
        if (Unsafe.SizeOf<T>() == 4)
        {
            return Avx512F.IsSupported
                ? Avx512F.ShiftRightLogicalVariable(x.AsUInt32(), counts.AsUInt32()).As<uint, T>()
                : Avx2.IsSupported
                ? Vector512.Create(
                    Avx2.ShiftRightLogicalVariable(x.AsUInt32().GetLower(), counts.AsUInt32().GetLower()),
                    Avx2.ShiftRightLogicalVariable(x.AsUInt32().GetUpper(), counts.AsUInt32().GetUpper())).As<uint, T>()
                : EachLane(x.AsUInt32(), counts.AsInt32(), static (a, n) => a >> n).As<uint, T>();
        }

        return Avx512F.IsSupported
            ? Avx512F.ShiftRightLogicalVariable(x.AsUInt64(), counts.AsUInt64()).As<ulong, T>()
            : Avx2.IsSupported
                ? Vector512.Create(
                    Avx2.ShiftRightLogicalVariable(x.AsUInt64().GetLower(), counts.AsUInt64().GetLower()),
                    Avx2.ShiftRightLogicalVariable(x.AsUInt64().GetUpper(), counts.AsUInt64().GetUpper())).As<ulong, T>()
                : EachLane(x.AsUInt64(), counts.AsInt64(), static (a, n) => a >> (int)n).As<ulong, T>();
    }

    /// <summary>x &gt;&gt; counts, lane by lane, by sign; counts are less than the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<T> ShiftRightArithmetic<T, TCount>(Vector512<T> x, Vector512<TCount> counts)
    {
        if (Unsafe.SizeOf<T>() == 4)
        {
            return Avx512F.IsSupported
                ? Avx512F.ShiftRightArithmeticVariable(x.AsInt32(), counts.AsUInt32()).As<int, T>()
                : EachLane(x.AsInt32(), counts.AsInt32(), static (a, n) => a >> n).As<int, T>();
        }

        return Avx512F.IsSupported
            ? Avx512F.ShiftRightArithmeticVariable(x.AsInt64(), counts.AsUInt64()).As<long, T>()
            : EachLane(x.AsInt64(), counts.AsInt64(), static (a, n) => a >> (int)n).As<long, T>();
    }

    private static Vector512<T> EachLane<T, TCount>(Vector512<T> x, Vector512<TCount> counts, Func<T, TCount, T> shift)
    {
        for (int lane = 0; lane < Vector512<T>.Count; lane++)
            x = x.WithElement(lane, shift(x.GetElement(lane), counts.GetElement(lane)));
        return x;
    }
}
