using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>The numbers that exact arithmetic computes with: positions are multiples of 2^−p.</summary>
/// <remarks>
/// Sums of such numbers are exact while they stay below 2^(24−p) in Float32 and 2^(53−p) in Float64. A layer that
/// leaves
/// that range makes forward throw a <see cref="GridRangeException"/>.
/// </remarks>
public sealed record ExactGrid
{
    private readonly int? _fractionBits;

    /// <summary>The grid that is used unless another is set: 16 fraction bits in Float32, 40 in Float64.</summary>
    public static ExactGrid Default { get; } = new();

    /// <summary>p, or null for 16 in Float32 and 40 in Float64. More bits are finer, fewer reach further.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside 1 … 50.</exception>
    public int? FractionBits
    {
        get => _fractionBits;
        init
        {
            if (value is < 1 or > 50)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value), $"ExactGrid: FractionBits must lie in 1 … 50; got {value}.");
            }

            _fractionBits = value;
        }
    }

    /// <summary>
    /// Whether the bits that each layer sets aside are held in host memory, when the tensors are not.
    /// </summary>
    public bool SideStoreOnHost { get; init; }

    internal int BitsFor(DType dtype)
    {
        int mantissa = dtype switch
        {
            DType.Float32 => 24,
            DType.Float64 => 53,
            _ => throw new DTypeException(
                $"MomentumNet: exact arithmetic computes in Float32 and Float64; got {dtype}; convert the input with " +
                "To(DType.Float32)."),
        };
        int bits = FractionBits ?? (dtype == DType.Float32 ? 16 : 40);
        if (bits >= mantissa)
        {
            throw new ArgumentException(
                $"ExactGrid: {bits} fraction bits leave no whole numbers in {dtype}, which has {mantissa} bits; use at " +
                $"most {mantissa - 1}, or Float64.");
        }

        return bits;
    }
}
