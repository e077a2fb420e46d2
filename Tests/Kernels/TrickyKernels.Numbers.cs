using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Kernels;

/// <summary>Awkward C# whose result on every device is that of C#: numbers of all widths.</summary>
/// <remarks>Each is there as a map, where whole vectors are computed, and with an array of its own, which makes it run from the tree on the CPU.</remarks>
internal static partial class TrickyKernels
{
    [Kernel]
    public static void Bytes(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = BytesOf(x[i], n);

    [Kernel]
    public static void BytesLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = BytesOf(x[i], n);
        y[i] = own[0];
    }

    private static int BytesOf(int v, int n)
    {
        byte b = (byte)v;
        b += 1;
        b++;
        b *= 3;
        b -= 200;
        b <<= 1;
        b >>= 1;
        b |= 0x81;
        b ^= 0xff;
        sbyte s = (sbyte)v;
        s -= 100;
        s++;
        s >>= 2;
        s >>>= 1;
        short h = (short)v;
        h *= 77;
        h--;
        ushort u = (ushort)v;
        u += 60000;
        u <<= 3;
        u %= 1000;
        return b + (s * 256) + (h * 3) + u;
    }

    [Kernel]
    public static void SmallEnums(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = SmallEnumsOf(x[i], n);

    [Kernel]
    public static void SmallEnumsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = SmallEnumsOf(x[i], n);
        y[i] = own[0];
    }

    private static int SmallEnumsOf(int v, int n)
    {
        var e = (Small)v;
        e |= Small.C;
        e ^= Small.B;
        e++;
        e += 3;
        var f = ~e & (Small)0x7f;
        var g = (e & Small.A) | f;
        int d = e - Small.A;
        bool less = f < e;
        return (int)e + ((int)f * 7) + ((int)g * 31) + d + (less ? 1000 : 0) + (~e == (Small)5 ? 5 : 0) + (g switch { Small.A => 1, Small.B | Small.A => 2, _ => 3 });
    }

    [Kernel]
    public static void SignedEnums(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = SignedEnumsOf(x[i], n);

    [Kernel]
    public static void SignedEnumsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = SignedEnumsOf(x[i], n);
        y[i] = own[0];
    }

    private static int SignedEnumsOf(int v, int n)
    {
        var e = (Signed)v;
        e--;
        e ^= Signed.Low;
        e = ~e;
        var f = e | (Signed)n;
        return ((int)e * 3) + (int)f + (f > e ? 10000 : 0) + (int)(e - (int)Signed.Low);
    }

    [Kernel]
    public static void Shifts(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = ShiftsOf(x[i], n);

    [Kernel]
    public static void ShiftsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = ShiftsOf(x[i], n);
        y[i] = own[0];
    }

    private static int ShiftsOf(int v, int n)
    {
        int s = v - n;
        uint u = (uint)v;
        long l = v;
        return (1 << s) + (v >> s) + (v >>> s) + (int)(u >> s) + (int)(u << s) + (int)(l << s) + (int)(l >> (s + 30))
            + (int)((ulong)l >>> s) + (v << 33) + (int)(u >> 40) + (-1 >>> 35);
    }

    [Kernel]
    public static void Divisions(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = DivisionsOf(x[i], n);

    [Kernel]
    public static void DivisionsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = DivisionsOf(x[i], n);
        y[i] = own[0];
    }

    private static int DivisionsOf(int v, int n)
    {
        int d = (v & 7) + 2, r = 0;
        r += (v / d) + (v % d) + (v / -d) + (v % -3) + (v / 7) + (v % 16) + (v / 16) + (v / -16);
        uint u = (uint)v;
        r += (int)(u / (uint)d) + (int)(u % 10) + (int)(u / 3);
        long l = v;
        r += (int)(l / d) + (int)(l % -d) + (int)(((ulong)l) % 1000);
        return d > 4 ? r : -r;
    }

    [Kernel]
    public static void Wide(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = WideOf(x[i], n);

    [Kernel]
    public static void WideLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = WideOf(x[i], n);
        y[i] = own[0];
    }

    private static int WideOf(int v, int n)
    {
        long l = (long)v * n;
        uint u = (uint)v;
        ulong w = u;
        l += u;
        l -= v;
        l ^= (long)w << 7;
        u += (uint)n;
        u -= 5;
        w *= 0x9E3779B97F4A7C15UL;
        int c = u > v ? 1 : 2;
        c += -u < v ? 10 : 20;
        c += (v < u) ? 100 : 200;
        c += w > (ulong)l ? 1000 : 2000;
        return c + (int)l + (int)(w >> 40) + (int)(l >> 33) + (int)(byte)l + (short)w;
    }

    [Kernel]
    public static void Narrow(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = NarrowOf(x[i], n);

    [Kernel]
    public static void NarrowLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = NarrowOf(x[i], n);
        y[i] = own[0];
    }

    private static int NarrowOf(int v, int n)
    {
        byte a = (byte)v, b = (byte)n;
        sbyte c = (sbyte)v;
        short d = (short)v;
        ushort e = (ushort)v;
        int r = Math.Min(a, (byte)5) + Math.Max(a, b) + Math.Max(c, (sbyte)-3) + Math.Min(d, (short)7) + Math.Max(e, (ushort)9);
        if (c > -128)
            r += Math.Abs(c);
        if (d > -9)
            r += Math.Abs(d);
        return r + Math.Min(3u, (uint)v > 9u ? 1 : 2) is > 1000 ? r : -r;
    }

    [Kernel]
    public static void Chars(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = CharsOf(x[i], n);

    [Kernel]
    public static void CharsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = CharsOf(x[i], n);
        y[i] = own[0];
    }

    private static int CharsOf(int v, int n)
    {
        int c = 'a' + v;
        switch (v)
        {
            case 'b':
                c += 1;
                break;
            case 'a':
                c += 2;
                break;
        }

        return c - 'z' + (v == 'q' ? 'w' : 'x');
    }

    [Kernel]
    public static void Consts(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = ConstsOf(x[i], n);

    [Kernel]
    public static void ConstsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = ConstsOf(x[i], n);
        y[i] = own[0];
    }

    private static int ConstsOf(int v, int n)
    {
        const int K = 7 * 3 - (1 << 4);
        const long L = int.MaxValue + 5L;
        const uint U = 0xFFFFFFFF;
        const byte B = 250;
        const bool T = K > 4;
        int r = K + (int)(L >> 3) + (int)(U >> 28) + B;
        unchecked
        {
            r += (int)U + (int)0x80000000;
        }

        return T ? r + v : v;
    }

    [Kernel]
    public static void Unsigned(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = UnsignedOf(x[i], n);

    [Kernel]
    public static void UnsignedLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = UnsignedOf(x[i], n);
        y[i] = own[0];
    }

    private static int UnsignedOf(int v, int n)
    {
        uint u = (uint)v;
        ulong w = (ulong)v;
        int r = u > 5 ? 1 : 0;
        r += (int)(u - 7 > 100 ? 10 : 20);
        r += w > 1UL << 40 ? 100 : 200;
        r += (int)(u * u >> 3);
        r += (int)(~u & 0xff);
        r += (int)((u ^ 0x80000000) % 1000);
        r += (int)(w / 3 >> 5);
        return r + (int)(u >> 31);
    }

    [Kernel]
    public static void Casts(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = CastsOf(x[i], n);

    [Kernel]
    public static void CastsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = CastsOf(x[i], n);
        y[i] = own[0];
    }

    private static int CastsOf(int v, int n)
    {
        float f = v * 1.7f;
        double d = v * 1e7;
        int r = (int)f + (int)(uint)f + (int)(long)d + (int)d + (byte)(int)f + (sbyte)f + (short)f + (ushort)f;
        r += (int)(uint)d;
        r += (int)((ulong)d >> 3);
        r += (int)(1f / v) + (int)(0f / (v & 1)) + (int)(-1f / (v & 2));
        return r;
    }

    [Kernel]
    public static void NegAbs(Index1D i, ArrayView<int> x, ArrayView<int> y, int n) => y[i] = NegAbsOf(x[i], n);

    [Kernel]
    public static void NegAbsLocal(Index1D i, ArrayView<int> x, ArrayView<int> y, int n)
    {
        var own = LocalMemory.Allocate<int>(1);
        own[0] = NegAbsOf(x[i], n);
        y[i] = own[0];
    }

    private static int NegAbsOf(int v, int n)
    {
        int r = -v;
        r = v == int.MinValue ? -v : Math.Abs(v);
        r += -(-v) - +v;
        r += ~v;
        long l = -(long)v;
        r += (int)(-l >> 3);
        return r;
    }
}
