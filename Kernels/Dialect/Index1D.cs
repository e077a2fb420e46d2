namespace MomentumCore.Kernels.Dialect;

/// <summary>The index of one work item on a line.</summary>
/// <param name="x">The index, from 0.</param>
public readonly struct Index1D(int x) : IEquatable<Index1D>
{
    /// <summary>The index, from 0.</summary>
    public readonly int X = x;

    /// <summary>An index is its integer.</summary>
    public static implicit operator int(Index1D index) => index.X;

    /// <summary>An integer is an index.</summary>
    public static implicit operator Index1D(int x) => new(x);

    /// <inheritdoc/>
    public bool Equals(Index1D other) => X == other.X;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index1D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => X;

    /// <inheritdoc/>
    public override string ToString() => X.ToString();

    /// <summary>Same index.</summary>
    public static bool operator ==(Index1D left, Index1D right) => left.X == right.X;

    /// <summary>Different index.</summary>
    public static bool operator !=(Index1D left, Index1D right) => left.X != right.X;
}
