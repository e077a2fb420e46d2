using System.Numerics;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>A kernel for each part of the language, for <see cref="LanguageTests"/>.</summary>
internal static partial class LanguageKernels
{
    internal enum Shape
    {
        Flat = 1,
        Steep = 5,
    }

    /// <summary>Structs as parameters: nested, with a method, beside a tuple.</summary>
    [Kernel]
    public static void Structs(
        Index1D i, Segment segment, (float Scale, int Power) how, ArrayView<float> x, ArrayView<float> y)
    {
        float value = i < segment.From ? 0f : segment.Line.At(x[i]);
        for (int k = 0; k < how.Power; k++)
            value *= how.Scale;
        y[i] = value;
    }

    /// <summary>Tuples: returned, taken apart, nested, swapped.</summary>
    [Kernel]
    public static void Tuples(Index1D i, ArrayView<float> x, ArrayView<float> y)
    {
        var (low, high) = Ordered(x[i], 2f);
        (low, high) = (high, low);
        ((float a, float b), int n) pair = (Ordered(high, low + 1f), i);
        // Other names for the same places.
        (float High, float Low) named = Ordered(x[i], 2f);
        y[i] = 1000f * named.High + low - 3f * high + pair.Item1.a * pair.Item1.b + pair.n;
    }

    /// <summary>switch: with several labels, on an enum, as an expression.</summary>
    [Kernel]
    public static void Switches(Index1D i, ArrayView<int> x, ArrayView<float> y, Shape shape)
    {
        float value;
        switch (x[i])
        {
            case 0:
            case 3:
                value = 1f;
                break;
            case -2:
                value = 2f;
                if (shape == Shape.Steep)
                    value += 5f;
                break;
            default:
                value = x[i];
                break;
        }

        switch (shape)
        {
            case Shape.Flat:
                value *= 10f;
                break;
            case Shape.Steep:
                value *= 100f;
                break;
        }

        y[i] = value + x[i] switch { 1 => 0.25f, 2 => 0.5f, _ => 0f };
    }

    /// <summary>Parts of views, their lengths, the bytes of a view as another type, views handed to helpers.</summary>
    [Kernel(FloatOnly = true)]
    public static void Views(Index1D i, ArrayView<float> x, ArrayView<uint> bits, ArrayView<long> lengths)
    {
        var pair = x.SubView(i * 2, 2);
        var words = pair.Cast<uint>();
        bits[i] = words[0] ^ words[1];
        words[1] = 0x3F800000;
        Double(pair);
        var bytes = x.Cast<byte>();
        lengths[i * 3] = bytes.Length;
        lengths[i * 3 + 1] = x.SubView(1, x.Length - 1).Cast<ulong>().Length;
        lengths[i * 3 + 2] = bytes[i * 8 + 7];
    }

    /// <summary>Products of twice the width, signed and not.</summary>
    [Kernel]
    public static void Products(
        Index1D i, ArrayView<ulong> a, ArrayView<ulong> b, ArrayView<ulong> high, ArrayView<ulong> low, ArrayView<uint> words)
    {
        high[i] = Math.BigMul(a[i], b[i], out ulong rest);
        low[i] = rest;
        uint left = (uint)a[i], right = (uint)b[i];
        words[i] = (uint)(((ulong)left * right) >> 32);
    }

    /// <summary>Bits: counts, shifts by more than the width, complements, the three right shifts.</summary>
    [Kernel]
    public static void Bits(Index1D i, ArrayView<uint> x, ArrayView<ulong> w, ArrayView<int> y, ArrayView<long> z)
    {
        int signed = (int)x[i];
        y[i] = BitOperations.PopCount(x[i]) + 100 * BitOperations.LeadingZeroCount(x[i])
            + (signed >> 35) + (signed >>> 3) + (signed << 33) + (~signed & 0xFF) - -signed;
        z[i] = BitOperations.PopCount(w[i]) + 100 * BitOperations.LeadingZeroCount(w[i])
            + ((long)w[i] >> 67) + ((long)w[i] >>> 5) + (long)(w[i] << 65);
    }

    /// <summary>Floats that no integer holds, and the narrow integers.</summary>
    [Kernel(FloatOnly = true)]
    public static void Conversions(
        Index1D i, ArrayView<float> x, ArrayView<int> y, ArrayView<uint> u, ArrayView<long> z, ArrayView<ulong> w)
    {
        y[i] = (int)x[i];
        u[i] = (uint)x[i];
        z[i] = (long)x[i];
        w[i] = (ulong)x[i];
        byte narrow = (byte)y[i];
        short half = (short)(y[i] * 3);
        z[i] += narrow + half + (sbyte)u[i] + (ushort)y[i];
    }

    /// <summary>Every atomic, in device memory. Of the olds and the end each value is there once.</summary>
    [Kernel(Integers = true)]
    public static void Atomics(Index1D i, ArrayView<float> x, ArrayView<float> places, ArrayView<float> olds)
    {
        Atomic.Add(ref places[0], x[i]);
        Atomic.Min(ref places[1], x[i]);
        Atomic.Max(ref places[2], x[i]);
        olds[i] = Atomic.Exchange(ref places[3], x[i]);
        Atomic.CompareExchange(ref places[4], 7f, x[i]);
    }

    /// <summary>The same without a sign.</summary>
    [Kernel]
    public static void AtomicsUnsigned(Index1D i, ArrayView<uint> x, ArrayView<uint> places, ArrayView<uint> olds)
    {
        Atomic.Add(ref places[0], x[i]);
        Atomic.Min(ref places[1], x[i]);
        Atomic.Max(ref places[2], x[i]);
        olds[i] = Atomic.Exchange(ref places[3], x[i]);
        Atomic.CompareExchange(ref places[4], 7u, x[i]);
    }

    /// <summary>Every atomic, in shared memory.</summary>
    [Kernel(Integers = true)]
    public static void SharedAtomics(ArrayView<float> x, ArrayView<float> places, ArrayView<float> olds)
    {
        var own = SharedMemory.Allocate<float>(5);
        if (Group.IdxX < 5)
            own[Group.IdxX] = places[Group.IdxX];
        Group.Barrier();
        Atomic.Add(ref own[0], x[Group.IdxX]);
        Atomic.Min(ref own[1], x[Group.IdxX]);
        Atomic.Max(ref own[2], x[Group.IdxX]);
        olds[Group.IdxX] = Atomic.Exchange(ref own[3], x[Group.IdxX]);
        Atomic.CompareExchange(ref own[4], 7f, x[Group.IdxX]);
        Group.Barrier();
        if (Group.IdxX < 5)
            places[Group.IdxX] = own[Group.IdxX];
    }

    /// <summary>The same without a sign.</summary>
    [Kernel]
    public static void SharedAtomicsUnsigned(ArrayView<uint> x, ArrayView<uint> places, ArrayView<uint> olds)
    {
        var own = SharedMemory.Allocate<uint>(5);
        if (Group.IdxX < 5)
            own[Group.IdxX] = places[Group.IdxX];
        Group.Barrier();
        Atomic.Add(ref own[0], x[Group.IdxX]);
        Atomic.Min(ref own[1], x[Group.IdxX]);
        Atomic.Max(ref own[2], x[Group.IdxX]);
        olds[Group.IdxX] = Atomic.Exchange(ref own[3], x[Group.IdxX]);
        Atomic.CompareExchange(ref own[4], 7u, x[Group.IdxX]);
        Group.Barrier();
        if (Group.IdxX < 5)
            places[Group.IdxX] = own[Group.IdxX];
    }

    private static (float Low, float High) Ordered(float a, float b) => a < b ? (a, b) : (b, a);

    private static void Double(ArrayView<float> view)
    {
        for (int k = 0; k < view.Length; k++)
            view[k] = 2f * view[k];
    }

    /// <summary>A straight line.</summary>
    internal readonly record struct Line(float Slope, float Offset)
    {
        public float At(float x) => Slope * x + Offset;
    }

    /// <summary>A line from a work item on.</summary>
    internal readonly record struct Segment(int From, Line Line);
}
