using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Dialect;

/// <summary>Changes of an element that no other work item can come between; each gives the old value.</summary>
/// <remarks>The order in which work items come is open: sums of floats made this way differ from run to run.</remarks>
public static unsafe class Atomic
{
    /// <summary>target += value, wrapping.</summary>
    public static int Add(ref int target, int value)
    {
        Note(ref target);
        return unchecked(Interlocked.Add(ref target, value) - value);
    }

    /// <summary>target becomes the smaller of itself and value.</summary>
    public static int Min(ref int target, int value)
    {
        Note(ref target);
        while (true)
        {
            int old = Volatile.Read(ref target);
            if (old < value || Interlocked.CompareExchange(ref target, value, old) == old)
                return old;
        }
    }

    /// <summary>target becomes the larger of itself and value.</summary>
    public static int Max(ref int target, int value)
    {
        Note(ref target);
        while (true)
        {
            int old = Volatile.Read(ref target);
            if (old > value || Interlocked.CompareExchange(ref target, value, old) == old)
                return old;
        }
    }

    /// <summary>target becomes value.</summary>
    public static int Exchange(ref int target, int value)
    {
        Note(ref target);
        return Interlocked.Exchange(ref target, value);
    }

    /// <summary>target becomes value where it equals compare.</summary>
    public static int CompareExchange(ref int target, int compare, int value)
    {
        Note(ref target);
        return Interlocked.CompareExchange(ref target, value, compare);
    }

    /// <summary>target += value, wrapping.</summary>
    public static uint Add(ref uint target, uint value)
    {
        Note(ref target);
        return unchecked(Interlocked.Add(ref target, value) - value);
    }

    /// <summary>target becomes the smaller of itself and value.</summary>
    public static uint Min(ref uint target, uint value)
    {
        Note(ref target);
        while (true)
        {
            uint old = Volatile.Read(ref target);
            if (old < value || Interlocked.CompareExchange(ref target, value, old) == old)
                return old;
        }
    }

    /// <summary>target becomes the larger of itself and value.</summary>
    public static uint Max(ref uint target, uint value)
    {
        Note(ref target);
        while (true)
        {
            uint old = Volatile.Read(ref target);
            if (old > value || Interlocked.CompareExchange(ref target, value, old) == old)
                return old;
        }
    }

    /// <summary>target becomes value.</summary>
    public static uint Exchange(ref uint target, uint value)
    {
        Note(ref target);
        return Interlocked.Exchange(ref target, value);
    }

    /// <summary>target becomes value where it equals compare.</summary>
    public static uint CompareExchange(ref uint target, uint compare, uint value)
    {
        Note(ref target);
        return Interlocked.CompareExchange(ref target, value, compare);
    }

    /// <summary>target += value, wrapping.</summary>
    public static long Add(ref long target, long value)
    {
        Note(ref target);
        return unchecked(Interlocked.Add(ref target, value) - value);
    }

    /// <summary>target becomes the smaller of itself and value.</summary>
    public static long Min(ref long target, long value)
    {
        Note(ref target);
        while (true)
        {
            long old = Volatile.Read(ref target);
            if (old < value || Interlocked.CompareExchange(ref target, value, old) == old)
                return old;
        }
    }

    /// <summary>target becomes the larger of itself and value.</summary>
    public static long Max(ref long target, long value)
    {
        Note(ref target);
        while (true)
        {
            long old = Volatile.Read(ref target);
            if (old > value || Interlocked.CompareExchange(ref target, value, old) == old)
                return old;
        }
    }

    /// <summary>target becomes value.</summary>
    public static long Exchange(ref long target, long value)
    {
        Note(ref target);
        return Interlocked.Exchange(ref target, value);
    }

    /// <summary>target becomes value where it equals compare.</summary>
    public static long CompareExchange(ref long target, long compare, long value)
    {
        Note(ref target);
        return Interlocked.CompareExchange(ref target, value, compare);
    }

    /// <summary>target += value.</summary>
    public static float Add(ref float target, float value)
    {
        Note(ref target);
        while (true)
        {
            float old = Volatile.Read(ref target);
            if (Swap(ref target, old, old + value))
                return old;
        }
    }

    /// <summary>target becomes the smaller of itself and value. A NaN stays.</summary>
    public static float Min(ref float target, float value)
    {
        Note(ref target);
        while (true)
        {
            float old = Volatile.Read(ref target);
            if (float.IsNaN(old) || old < value || Swap(ref target, old, value))
                return old;
        }
    }

    /// <summary>target becomes the larger of itself and value. A NaN stays.</summary>
    public static float Max(ref float target, float value)
    {
        Note(ref target);
        while (true)
        {
            float old = Volatile.Read(ref target);
            if (float.IsNaN(old) || old > value || Swap(ref target, old, value))
                return old;
        }
    }

    /// <summary>target becomes value.</summary>
    public static float Exchange(ref float target, float value)
    {
        Note(ref target);
        return Interlocked.Exchange(ref target, value);
    }

    /// <summary>target becomes value where it equals compare. Floats are compared by their bits.</summary>
    public static float CompareExchange(ref float target, float compare, float value)
    {
        Note(ref target);
        int old = Interlocked.CompareExchange(
            ref Bits(ref target), BitConverter.SingleToInt32Bits(value), BitConverter.SingleToInt32Bits(compare));
        return BitConverter.Int32BitsToSingle(old);
    }

    /// <summary>target += value.</summary>
    public static double Add(ref double target, double value)
    {
        Note(ref target);
        while (true)
        {
            double old = Volatile.Read(ref target);
            if (Swap(ref target, old, old + value))
                return old;
        }
    }

    /// <summary>target becomes the smaller of itself and value. A NaN stays.</summary>
    public static double Min(ref double target, double value)
    {
        Note(ref target);
        while (true)
        {
            double old = Volatile.Read(ref target);
            if (double.IsNaN(old) || old < value || Swap(ref target, old, value))
                return old;
        }
    }

    /// <summary>target becomes the larger of itself and value. A NaN stays.</summary>
    public static double Max(ref double target, double value)
    {
        Note(ref target);
        while (true)
        {
            double old = Volatile.Read(ref target);
            if (double.IsNaN(old) || old > value || Swap(ref target, old, value))
                return old;
        }
    }

    /// <summary>target becomes value.</summary>
    public static double Exchange(ref double target, double value)
    {
        Note(ref target);
        return Interlocked.Exchange(ref target, value);
    }

    /// <summary>target becomes value where it equals compare. Floats are compared by their bits.</summary>
    public static double CompareExchange(ref double target, double compare, double value)
    {
        Note(ref target);
        long old = Interlocked.CompareExchange(
            ref Bits(ref target), BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(compare));
        return BitConverter.Int64BitsToDouble(old);
    }

    // By bits: a NaN has to be found again.
    private static bool Swap(ref float target, float old, float value) =>
        Interlocked.CompareExchange(ref Bits(ref target), BitConverter.SingleToInt32Bits(value), BitConverter.SingleToInt32Bits(old))
        == BitConverter.SingleToInt32Bits(old);

    // By bits: a NaN has to be found again.
    private static bool Swap(ref double target, double old, double value) =>
        Interlocked.CompareExchange(ref Bits(ref target), BitConverter.DoubleToInt64Bits(value), BitConverter.DoubleToInt64Bits(old))
        == BitConverter.DoubleToInt64Bits(old);

    private static ref int Bits(ref float target) => ref Unsafe.As<float, int>(ref target);

    private static ref long Bits(ref double target) => ref Unsafe.As<double, long>(ref target);

    private static void Note<T>(ref T target)
        where T : unmanaged =>
        WorkItem.Running?.TouchAtomically(Unsafe.AsPointer(ref target));
}
