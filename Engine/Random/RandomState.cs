namespace MomentumCore.Engine;

/// <summary>Where a <see cref="RandomSource"/> stands: set it back to draw the same numbers again.</summary>
/// <param name="Seed">Chooses the sequence.</param>
/// <param name="Offset">How many blocks of four 32-bit words have been drawn.</param>
/// <param name="Stream">Tells independent sequences of one seed apart, as for layers or tiles.</param>
public readonly record struct RandomState(ulong Seed, ulong Offset, ulong Stream = 0)
{
    internal RandomState After(long blocks) => this with { Offset = unchecked(Offset + (ulong)blocks) };
}
