using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Awkward C# whose result on every device is that of C#: literals, conversions, compound assignments.</summary>
/// <remarks>Each is there as a map, where whole vectors are computed, and with an array of its own, which makes it run from the tree on the CPU.</remarks>
internal static partial class TrickyKernels
{
    [Kernel]
    public static void Literals(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = LiteralsOf(x[i], n);

    [Kernel]
    public static void LiteralsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = LiteralsOf(x[i], n);
        y[i] = own[0];
    }

    private static int LiteralsOf(int v, int n)
    {
        const ulong Big = 0xFFFF_FFFF_0000_0001UL;
        const long Low = long.MinValue;
        int r = 0b1010_1010 + 0xFF + (v & unchecked((int)0xFFFFFFFFu)) + '\n' + (int)(Big >> 33) + (int)(Low >> 60)
            + (v ^ int.MinValue) + unchecked((int)uint.MaxValue);
        ulong w = (ulong)(long)v;
        r += w > 0x8000000000000000UL ? 1 : 2;
        r += w >= Big ? 10 : 20;
        r += v == int.MinValue ? 100 : 200;
        r += (long)v - long.MaxValue < 0 ? 1000 : 2000;
        return r + (sbyte)0x7f + (short)-0x8000;
    }

    [Kernel]
    public static void Conversions(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = ConversionsOf(x[i], n);

    [Kernel]
    public static void ConversionsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = ConversionsOf(x[i], n);
        y[i] = own[0];
    }

    private static int ConversionsOf(int v, int n)
    {
        short s = (short)v;
        byte b = (byte)s;
        ushort u = (ushort)(b * s);
        long l = s;
        uint w = (uint)s;
        ulong x = (ulong)s;
        float f = (short)v;
        double d = (sbyte)v;
        int r = b + s + u;
        r += (int)(w >> 4) + (int)(x >> 50) + (int)(l >> 3);
        r += (int)(f * 2) + (int)(d * 3) + (byte)(v + 300) + (sbyte)(v * 3) + (ushort)-v + (byte)(uint)v + (short)(long)v;
        s = (short)(s + b);
        b = (byte)~b;
        b = (byte)-b;
        b >>= 1;
        u = (ushort)(u << 3);
        return r + s + b + u;
    }

    [Kernel]
    public static void ByteIndex(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = ByteIndexOf(x[i], n);

    [Kernel]
    public static void ByteIndexLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = ByteIndexOf(x[i], n);
        y[i] = own[0];
    }

    private static int ByteIndexOf(int v, int n)
    {
        byte b = (byte)n;
        int r = 0;
        for (byte k = 250; k != 3; k++)
        {
            r += k;
            if (r > 5000)
                break;
        }

        for (sbyte k = 125; k > 0; k++)
            r += k;
        for (ushort k = 3; k < 4; k--)
            r += k;
        for (short k = -2; k < 2; k++)
            r += k * v;
        return r + b;
    }

    [Kernel]
    public static void Compound(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = CompoundOf(x[i], n);

    [Kernel]
    public static void CompoundLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = CompoundOf(x[i], n);
        y[i] = own[0];
    }

    private static int CompoundOf(int v, int n)
    {
        long l = v;
        l *= 3;
        l += n;
        l -= (byte)v;
        l /= 7;
        l %= 1000;
        l <<= 3;
        l >>= 1;
        l >>>= 2;
        l ^= v;
        l |= 1;
        l &= 0xFFFFFF;
        uint u = (uint)v;
        u += 5;
        u *= 3;
        u /= 7;
        u %= 1000;
        u <<= 33;
        u >>= 34;
        u -= (uint)n;
        ulong w = u;
        w += (ulong)(uint)v;
        w >>>= 1;
        float f = v;
        f += n;
        f *= 2;
        f -= 1L;
        f /= 3;
        double d = f;
        d += v;
        d *= f;
        bool t = v > 3;
        t &= n > 2;
        t |= v < 0;
        t ^= true;
        return (int)l + (int)u + (int)w + (int)f + (int)d + (t ? 1 : 0);
    }

    [Kernel]
    public static void Ternaries(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = TernariesOf(x[i], n);

    [Kernel]
    public static void TernariesLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = TernariesOf(x[i], n);
        y[i] = own[0];
    }

    private static int TernariesOf(int v, int n)
    {
        int a = v > 0 ? v > 10 ? v > 100 ? 1 : 2 : 3 : v < -10 ? v < -100 ? 4 : 5 : 6;
        var (b, c) = v > 3 ? (v, 1) : v < -3 ? (1, v) : (n, n);
        long l = v > 5 ? v : 5L;
        float f = v > 7 ? v : 0.5f;
        byte y = v > 9 ? (byte)200 : (byte)v;
        return a + b + (c * 3) + (int)l + (int)(f * 4) + y + (v is > 2 and < 9 ? n : ~n);
    }
}
