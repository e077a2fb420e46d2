using System.Globalization;
using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>
/// The host's side of exact arithmetic: by how much w counts at each layer, and how many of its bits are set aside
/// there.
/// </summary>
/// <remarks>
/// v = 2^−p c w. A layer makes c' = γ c, so that γ v needs no arithmetic on w; when c' has fallen to half of c₀ or
/// less, the
/// least k with 2^k c' &gt; c₀ / 2 bits of w are set aside and c' becomes 2^k c'. c₀ is a power of two.
/// </remarks>
internal sealed class ExactSchedule
{
    private readonly double[] _scales;
    private readonly double[] _gains;
    private readonly int[] _bits;

    public ExactSchedule(IReadOnlyList<double> gammas, ExactGrid grid, DType dtype)
    {
        FractionBits = grid.BitsFor(dtype);
        Unit = Math.ScaleB(1, -FractionBits);
        Limit = Math.ScaleB(1, (dtype == DType.Float32 ? 24 : 53) - FractionBits);
        InitialScale = Math.ScaleB(1, gammas.All(g => g >= 0.9) ? -8 : -4);
        _scales = new double[gammas.Count];
        _gains = new double[gammas.Count];
        _bits = new int[gammas.Count];
        double scale = InitialScale;
        int most = dtype == DType.Float32 ? 30 : 62;
        for (int layer = 0; layer < gammas.Count; layer++)
        {
            double gamma = gammas[layer];
            scale *= gamma;
            _scales[layer] = scale;
            _gains[layer] = (1 - gamma) / (scale * Unit);
            if (_gains[layer] is > 0 and < 1)
                throw TooNearOne(layer, gamma, dtype);
            int bits = 0;
            while (scale <= InitialScale / 2 && bits <= most)
            {
                scale *= 2;
                bits++;
            }

            if (bits > most)
                throw TooSmall(layer, gamma, most);
            _bits[layer] = bits;
        }

        FinalScale = scale;
    }

    /// <summary>p.</summary>
    public int FractionBits { get; }

    /// <summary>2^−p, the distance of neighbouring positions.</summary>
    public double Unit { get; }

    /// <summary>Positions are smaller than this.</summary>
    public double Limit { get; }

    /// <summary>c₀.</summary>
    public double InitialScale { get; }

    /// <summary>c after the last layer.</summary>
    public double FinalScale { get; }

    /// <summary>The bits that all layers set aside, for each element.</summary>
    public int TotalBits => _bits.Sum();

    /// <summary>c' of a layer, before bits are set aside.</summary>
    public double Scale(int layer) => _scales[layer];

    /// <summary>(1 − γ) 2^p / c' of a layer.</summary>
    public double Gain(int layer) => _gains[layer];

    /// <summary>k of a layer: the bits that it sets aside for each element.</summary>
    public int Bits(int layer) => _bits[layer];

    private ArgumentException TooNearOne(int layer, double gamma, DType dtype) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"MomentumNet: layer {layer} has gamma = {gamma:R}, so near to 1 that (1 - gamma) f = {1 - gamma:G2} for f = 1 is less " +
        $"than the unit of v in {dtype} with {FractionBits} bits behind the point ({_scales[layer] * Unit:G2}) and would be lost; " +
        $"use {(dtype == DType.Float32 ? "Float64, " : "")}a finer Grid, a smaller gamma, or MemoryMode.Store."));

    private static ArgumentException TooSmall(int layer, double gamma, int most) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"MomentumNet: layer {layer} keeps gamma = {gamma} of the velocity, so exact reversal would have to set aside more " +
        $"than {most} bits of every element at once; use a gamma of at least 2^-{most - 2}, or MemoryMode.Store."));
}
