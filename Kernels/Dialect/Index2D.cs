namespace MomentumCore.Kernels.Dialect;

/// <summary>The index of one work item in a plane, or the size of a plane; X runs fastest.</summary>
/// <param name="x">Along the first axis.</param>
/// <param name="y">Along the second axis.</param>
public readonly struct Index2D(int x, int y) : IEquatable<Index2D>
{
    /// <summary>Along the first axis, whose neighbours follow each other.</summary>
    public readonly int X = x;

    /// <summary>Along the second axis.</summary>
    public readonly int Y = y;

    /// <summary>X · Y, for an index that is a size.</summary>
    public int Size => checked(X * Y);

    /// <summary>A pair is an index.</summary>
    public static implicit operator Index2D((int X, int Y) pair) => new(pair.X, pair.Y);

    /// <inheritdoc/>
    public bool Equals(Index2D other) => X == other.X && Y == other.Y;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index2D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X, Y);

    /// <inheritdoc/>
    public override string ToString() => $"({X}, {Y})";

    /// <summary>Same index.</summary>
    public static bool operator ==(Index2D left, Index2D right) => left.Equals(right);

    /// <summary>Different index.</summary>
    public static bool operator !=(Index2D left, Index2D right) => !left.Equals(right);
}
