using System.Numerics;
using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Dialect;

/// <summary>Changes of an element that no other work item can come between; each gives the old value.</summary>
/// <remarks>The order in which work items come is open: sums of floats made this way differ from run to run.</remarks>
public static unsafe class Atomic
{
    /// <summary>target += value, wrapping.</summary>
    public static int Add(ref int target, int value) => Change<int, Sum>(ref target, value);

    /// <summary>target becomes the smaller of itself and value.</summary>
    public static int Min(ref int target, int value) => Change<int, Smaller>(ref target, value);

    /// <summary>target becomes the larger of itself and value.</summary>
    public static int Max(ref int target, int value) => Change<int, Larger>(ref target, value);

    /// <summary>target becomes value.</summary>
    public static int Exchange(ref int target, int value) => Change<int, Second>(ref target, value);

    /// <summary>target becomes value where it equals compare.</summary>
    public static int CompareExchange(ref int target, int compare, int value)
    {
        Note(ref target);
        return Swap(ref target, compare, value);
    }

    /// <summary>target += value, wrapping.</summary>
    public static uint Add(ref uint target, uint value) => Change<uint, Sum>(ref target, value);

    /// <summary>target becomes the smaller of itself and value.</summary>
    public static uint Min(ref uint target, uint value) => Change<uint, Smaller>(ref target, value);

    /// <summary>target becomes the larger of itself and value.</summary>
    public static uint Max(ref uint target, uint value) => Change<uint, Larger>(ref target, value);

    /// <summary>target becomes value.</summary>
    public static uint Exchange(ref uint target, uint value) => Change<uint, Second>(ref target, value);

    /// <summary>target becomes value where it equals compare.</summary>
    public static uint CompareExchange(ref uint target, uint compare, uint value)
    {
        Note(ref target);
        return Swap(ref target, compare, value);
    }

    /// <summary>target += value, wrapping.</summary>
    public static long Add(ref long target, long value) => Change<long, Sum>(ref target, value);

    /// <summary>target becomes the smaller of itself and value.</summary>
    public static long Min(ref long target, long value) => Change<long, Smaller>(ref target, value);

    /// <summary>target becomes the larger of itself and value.</summary>
    public static long Max(ref long target, long value) => Change<long, Larger>(ref target, value);

    /// <summary>target becomes value.</summary>
    public static long Exchange(ref long target, long value) => Change<long, Second>(ref target, value);

    /// <summary>target becomes value where it equals compare.</summary>
    public static long CompareExchange(ref long target, long compare, long value)
    {
        Note(ref target);
        return Swap(ref target, compare, value);
    }

    /// <summary>target += value.</summary>
    public static float Add(ref float target, float value) => Change<float, Sum>(ref target, value);

    /// <summary>target becomes the smaller of itself and value. A NaN stays.</summary>
    public static float Min(ref float target, float value) => Change<float, Smaller>(ref target, value);

    /// <summary>target becomes the larger of itself and value. A NaN stays.</summary>
    public static float Max(ref float target, float value) => Change<float, Larger>(ref target, value);

    /// <summary>target becomes value.</summary>
    public static float Exchange(ref float target, float value) => Change<float, Second>(ref target, value);

    /// <summary>target becomes value where it equals compare. Floats are compared by their bits.</summary>
    public static float CompareExchange(ref float target, float compare, float value)
    {
        Note(ref target);
        return Swap(ref target, compare, value);
    }

    /// <summary>target += value.</summary>
    public static double Add(ref double target, double value) => Change<double, Sum>(ref target, value);

    /// <summary>target becomes the smaller of itself and value. A NaN stays.</summary>
    public static double Min(ref double target, double value) => Change<double, Smaller>(ref target, value);

    /// <summary>target becomes the larger of itself and value. A NaN stays.</summary>
    public static double Max(ref double target, double value) => Change<double, Larger>(ref target, value);

    /// <summary>target becomes value.</summary>
    public static double Exchange(ref double target, double value) => Change<double, Second>(ref target, value);

    /// <summary>target becomes value where it equals compare. Floats are compared by their bits.</summary>
    public static double CompareExchange(ref double target, double compare, double value)
    {
        Note(ref target);
        return Swap(ref target, compare, value);
    }

    private static T Change<T, TRule>(ref T target, T value)
        where T : unmanaged, INumber<T>
        where TRule : struct, IRule
    {
        Note(ref target);
        var seen = target;
        while (true)
        {
            // What is seen first may be torn or old: then the swap fails and gives what is there.
            var before = seen;
            seen = Swap(ref target, before, TRule.Of(before, value));
            if (IsSame(seen, before))
                return seen;
        }
    }

    // By bits: a NaN has to be found again, and −0 is not 0.
    private static T Swap<T>(ref T target, T compare, T value)
        where T : unmanaged => sizeof(T) == 4
            ? Unsafe.BitCast<int, T>(Interlocked.CompareExchange(
                ref Unsafe.As<T, int>(ref target), Unsafe.BitCast<T, int>(value), Unsafe.BitCast<T, int>(compare)))
            : Unsafe.BitCast<long, T>(Interlocked.CompareExchange(
                ref Unsafe.As<T, long>(ref target), Unsafe.BitCast<T, long>(value), Unsafe.BitCast<T, long>(compare)));

    private static bool IsSame<T>(T a, T b)
        where T : unmanaged => sizeof(T) == 4
            ? Unsafe.BitCast<T, int>(a) == Unsafe.BitCast<T, int>(b)
            : Unsafe.BitCast<T, long>(a) == Unsafe.BitCast<T, long>(b);

    private static void Note<T>(ref T target)
        where T : unmanaged =>
        WorkItem.Running?.TouchAtomically(Unsafe.AsPointer(ref target));

    /// <summary>What becomes of an element and a value.</summary>
    private interface IRule
    {
        static abstract T Of<T>(T old, T value)
            where T : INumber<T>;
    }

    private readonly struct Sum : IRule
    {
        public static T Of<T>(T old, T value)
            where T : INumber<T> => unchecked(old + value);
    }

    private readonly struct Smaller : IRule
    {
        public static T Of<T>(T old, T value)
            where T : INumber<T> => T.IsNaN(old) || old < value ? old : value;
    }

    private readonly struct Larger : IRule
    {
        public static T Of<T>(T old, T value)
            where T : INumber<T> => T.IsNaN(old) || old > value ? old : value;
    }

    private readonly struct Second : IRule
    {
        public static T Of<T>(T old, T value)
            where T : INumber<T> => value;
    }
}
