namespace MomentumCore.Kernels.Library;

/// <summary>The four random words that <see cref="Philox"/> makes from one value of its counter.</summary>
/// <param name="X">The first word.</param>
/// <param name="Y">The second word.</param>
/// <param name="Z">The third word.</param>
/// <param name="W">The fourth word.</param>
public readonly record struct PhiloxBlock(uint X, uint Y, uint Z, uint W)
{
    /// <summary>The word at a place from 0 to 3.</summary>
    public uint Word(int place) => place == 0 ? X : place == 1 ? Y : place == 2 ? Z : W;

    /// <summary>
    /// The two words at places 2 · <paramref name="half"/> and the next as one of 64 bits; half is 0 or 1.
    /// </summary>
    public ulong LongWord(int half) => half == 0 ? X | ((ulong)Y << 32) : Z | ((ulong)W << 32);
}
