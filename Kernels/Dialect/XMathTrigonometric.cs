namespace MomentumCore.Kernels.Dialect;

/// <summary>Sine and cosine, right for every argument: the quarter turns are taken off exactly, in integers where an angle is large.</summary>
/// <remarks>M. Payne, R. Hanek: Radian Reduction for Trigonometric Functions. SIGNUM 18 (1983); small floats after Cody and Waite.</remarks>
public static partial class XMath
{
    /// <summary>The sine of an angle in radians.</summary>
    public static float Sin(float x)
    {
        float r = QuarterTurns(MathF.Abs(x), out int quarter);
        float y = (quarter & 1) != 0 ? CosNearZero(r) : SinNearZero(r);
        float turned = (quarter & 2) != 0 ? -y : y;
        return Interop.IntAsFloat(Interop.FloatAsInt(turned) ^ (Interop.FloatAsInt(x) & 0x80000000u));
    }

    /// <summary>The cosine of an angle in radians.</summary>
    public static float Cos(float x)
    {
        float r = QuarterTurns(MathF.Abs(x), out int quarter);
        float y = (quarter & 1) != 0 ? SinNearZero(r) : CosNearZero(r);
        return ((quarter + 1) & 2) != 0 ? -y : y;
    }

    /// <summary>The sine of an angle in radians.</summary>
    public static double Sin(double x)
    {
        double r = QuarterTurns(Math.Abs(x), out double tail, out int quarter);
        double y = (quarter & 1) != 0 ? CosNearZero(r, tail) : SinNearZero(r, tail);
        double turned = (quarter & 2) != 0 ? -y : y;
        return Interop.IntAsFloat(Interop.FloatAsInt(turned) ^ (Interop.FloatAsInt(x) & 0x8000000000000000UL));
    }

    /// <summary>The cosine of an angle in radians.</summary>
    public static double Cos(double x)
    {
        double r = QuarterTurns(Math.Abs(x), out double tail, out int quarter);
        double y = (quarter & 1) != 0 ? SinNearZero(r, tail) : CosNearZero(r, tail);
        return ((quarter + 1) & 2) != 0 ? -y : y;
    }

    private static float SinNearZero(float r)
    {
        float z = r * r;
        float p = (((-1.9515295891e-4f * z) + 8.3321608736e-3f) * z) - 1.6666654611e-1f;
        return (p * z * r) + r;
    }

    private static float CosNearZero(float r)
    {
        float z = r * r;
        float p = (((2.443315711809948e-5f * z) - 1.388731625493765e-3f) * z) + 4.166664568298827e-2f;
        return (p * z * z) - (0.5f * z) + 1f;
    }

    private static double SinNearZero(double r, double tail)
    {
        double z = r * r;
        double p = 1.58969099521155010221e-10;
        p = (p * z) - 2.50507602534068634195e-08;
        p = (p * z) + 2.75573137070700676789e-06;
        p = (p * z) - 1.98412698298579493134e-04;
        p = (p * z) + 8.33333333332248946124e-03;
        double cube = z * r;
        return r - ((z * ((0.5 * tail) - (cube * p))) - tail - (cube * -1.66666666666666324348e-01));
    }

    private static double CosNearZero(double r, double tail)
    {
        double z = r * r;
        double p = -1.13596475577881948265e-11;
        p = (p * z) + 2.08757232129817482790e-09;
        p = (p * z) - 2.75573143513906633035e-07;
        p = (p * z) + 2.48015872894767294178e-05;
        p = (p * z) - 1.38888888888741095749e-03;
        p = (p * z) + 4.16666666666666019037e-02;
        double half = 0.5 * z;
        double w = 1.0 - half;
        return w + (1.0 - w - half + ((z * z * p) - (r * tail)));
    }

    /// <summary>What is left of a ≥ 0 after whole quarter turns: within π/4 of zero.</summary>
    private static float QuarterTurns(float a, out int quarter)
    {
        // π/2 in four parts, of which k times the first three is exact (Cody and Waite).
        float k = MathF.Round(a * 0.636619747f);
        float r = a - (k * 1.5703125f) - (k * 4.837512969970703125e-4f) - (k * 7.5495336204767227e-8f) - (k * 2.563344068257089603e-12f);
        int turns = (int)k;
        if (!(a <= 128f))
            r = FarQuarterTurns(a, out turns);
        quarter = turns & 3;
        return r;
    }

    /// <summary>The same for an a of any size, in integers.</summary>
    private static float FarQuarterTurns(float a, out int turns)
    {
        uint bits = Interop.FloatAsInt(a);
        uint mantissa = (bits << 8) | 0x80000000u;
        int exponent = (int)(bits >> 23) - 126;
        int word = exponent >> 5;
        int shift = exponent & 31;
        // 96 bits of 2/π, those that matter at this size; what is above is whole turns.
        uint first = TwoOverPi(word);
        uint second = TwoOverPi(word + 1);
        uint third = TwoOverPi(word + 2);
        uint high = Shifted(first, second, shift);
        uint middle = Shifted(second, third, shift);
        uint low = Shifted(third, TwoOverPi(word + 3), shift);
        uint carried = MultiplyHigh(mantissa, low);
        uint lower = (mantissa * middle) + carried;
        uint upper = (mantissa * high) + MultiplyHigh(mantissa, middle) + (lower < carried ? 1u : 0u);
        int rest = (int)(upper << 2) >> 2;
        turns = (int)(upper >> 30) + (rest < 0 ? 1 : 0);
        float r = (rest * 1.462918119976564e-9f) + (lower * 3.4061215800865545e-19f);
        return a <= 3.40282347e+38f ? r : float.NaN;
    }

    /// <summary>What is left of a ≥ 0 after whole quarter turns, as a sum of two doubles.</summary>
    private static double QuarterTurns(double a, out double tail, out int quarter)
    {
        ulong bits = Interop.FloatAsInt(a);
        ulong mantissa = (bits << 11) | 0x8000000000000000UL;
        int exponent = (int)(bits >> 52) - 1022;
        int word = exponent >> 6;
        int shift = exponent & 63;
        ulong high = Shifted(TwoOverPiDouble(word), TwoOverPiDouble(word + 1), shift);
        ulong middle = Shifted(TwoOverPiDouble(word + 1), TwoOverPiDouble(word + 2), shift);
        ulong low = Shifted(TwoOverPiDouble(word + 2), TwoOverPiDouble(word + 3), shift);
        ulong carry = MultiplyHigh(mantissa, low);
        ulong lower = (mantissa * middle) + carry;
        ulong upper = MultiplyHigh(mantissa, middle) + (lower < carry ? 1UL : 0UL) + (mantissa * high);
        int turns = (int)(upper >> 62);
        long rest = (long)(upper << 2) >> 2;
        bool isSmall = a < 0.78539816339744828;
        quarter = isSmall ? 0 : (turns + (rest < 0L ? 1 : 0)) & 3;
        // rest + lower · 2^−64, in units of 2^−62 quarter turns, as two doubles; then times π/2 as two doubles.
        double h = rest;
        double below = lower * 5.421010862427522e-20;
        // Converting may have rounded up to 2^61, which still fits.
        double l = (rest - (long)h) + below;
        double sum = h + l;
        l = l - (sum - h);
        h = sum;
        double split = h * 134217729.0;
        double h1 = split - (split - h);
        double h2 = h - h1;
        double p = h * 3.4061215800865545e-19;
        double error = (h1 * 3.406121610247037e-19) - p + (h1 * -3.016048278183199e-27) + (h2 * 3.406121610247037e-19)
            + (h2 * -3.016048278183199e-27);
        double rLow = error + (h * 1.3277647201629795e-35) + (l * 3.4061215800865545e-19);
        double r = p + rLow;
        tail = isSmall ? 0.0 : rLow - (r - p);
        return isSmall ? a : a <= 1.7976931348623157e+308 ? r : double.NaN;
    }

    private static uint Shifted(uint word, uint next, int shift) => (word << shift) | ((next >> 1) >> (31 - shift));

    private static ulong Shifted(ulong word, ulong next, int shift) =>
        shift == 0 ? word : (word << shift) | (next >> (64 - shift));

    /// <summary>The upper 32 bits of a product of two 32-bit words.</summary>
    private static uint MultiplyHigh(uint a, uint b)
    {
        uint highLow = (a >> 16) * (b & 0xFFFFu);
        uint lowHigh = (a & 0xFFFFu) * (b >> 16);
        uint middle = (((a & 0xFFFFu) * (b & 0xFFFFu)) >> 16) + (highLow & 0xFFFFu) + (lowHigh & 0xFFFFu);
        return ((a >> 16) * (b >> 16)) + (highLow >> 16) + (lowHigh >> 16) + (middle >> 16);
    }

    /// <summary>The upper 64 bits of a product of two 64-bit words.</summary>
    private static ulong MultiplyHigh(ulong a, ulong b)
    {
        ulong lowLow = (ulong)(uint)a * (uint)b;
        ulong highLow = (a >> 32) * (uint)b;
        ulong lowHigh = (uint)a * (b >> 32);
        ulong middle = (lowLow >> 32) + (uint)highLow + (uint)lowHigh;
        return ((a >> 32) * (b >> 32)) + (highLow >> 32) + (lowHigh >> 32) + (middle >> 32);
    }

    /// <summary>The bits of 2/π, 32 at a time, after two zero bits and a zero word.</summary>
    private static uint TwoOverPi(int word) => word switch
    {
        1 => 0x28BE60DBu,
        2 => 0x9391054Au,
        3 => 0x7F09D5F4u,
        4 => 0x7D4D3770u,
        5 => 0x36D8A566u,
        6 => 0x4F10E410u,
        7 => 0x7F9458EAu,
        _ => 0u,
    };

    /// <summary>The bits of 2/π, 64 at a time, after two zero bits and a zero word.</summary>
    private static ulong TwoOverPiDouble(int word) => word switch
    {
        0 => 0x0000000000000000UL,
        1 => 0x28BE60DB9391054AUL,
        2 => 0x7F09D5F47D4D3770UL,
        3 => 0x36D8A5664F10E410UL,
        4 => 0x7F9458EAF7AEF158UL,
        5 => 0x6DC91B8E909374B8UL,
        6 => 0x01924BBA82746487UL,
        7 => 0x3F877AC72C4A69CFUL,
        8 => 0xBA208D7D4BAED121UL,
        9 => 0x3A671C09AD17DF90UL,
        10 => 0x4E64758E60D4CE7DUL,
        11 => 0x272117E2EF7E4A0EUL,
        12 => 0xC7FE25FFF7816603UL,
        13 => 0xFBCBC462D6829B47UL,
        14 => 0xDB4D9FB3C9F2C26DUL,
        15 => 0xD3D18FD9A797FA8BUL,
        16 => 0x5D49EEB1FAF97C5EUL,
        17 => 0xCF41CE7DE294A4BAUL,
        18 => 0x9AFED7EC47E35742UL,
        19 => 0x1580CC11BF1EDAEAUL,
        20 => 0xFC33EF0826BD0D87UL,
        _ => 0UL,
    };
}
