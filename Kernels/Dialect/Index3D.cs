namespace MomentumCore.Kernels.Dialect;

/// <summary>The index of one work item in a box, or the size of a box; X runs fastest.</summary>
/// <param name="x">Along the first axis.</param>
/// <param name="y">Along the second axis.</param>
/// <param name="z">Along the third axis.</param>
public readonly struct Index3D(int x, int y, int z) : IEquatable<Index3D>
{
    /// <summary>Along the first axis, whose neighbours follow each other.</summary>
    public readonly int X = x;

    /// <summary>Along the second axis.</summary>
    public readonly int Y = y;

    /// <summary>Along the third axis.</summary>
    public readonly int Z = z;

    /// <summary>X · Y · Z, for an index that is a size.</summary>
    public int Size => checked(X * Y * Z);

    /// <summary><see cref="Size"/>, or null when an int does not hold it; for a size without negative parts.</summary>
    internal int? TrySize() => (UInt128)X * (uint)Y * (uint)Z is var size && size <= int.MaxValue ? (int)size : null;

    /// <summary>A size along the first axis alone.</summary>
    public static implicit operator Index3D(int x) => new(x, 1, 1);

    /// <summary>A size along two axes.</summary>
    public static implicit operator Index3D(Index2D plane) => new(plane.X, plane.Y, 1);

    /// <summary>A size along two axes.</summary>
    public static implicit operator Index3D((int X, int Y) pair) => new(pair.X, pair.Y, 1);

    /// <summary>Three numbers are an index.</summary>
    public static implicit operator Index3D((int X, int Y, int Z) triple) => new(triple.X, triple.Y, triple.Z);

    /// <inheritdoc/>
    public bool Equals(Index3D other) => X == other.X && Y == other.Y && Z == other.Z;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index3D other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X, Y, Z);

    /// <inheritdoc/>
    public override string ToString() => $"({X}, {Y}, {Z})";

    /// <summary>Same index.</summary>
    public static bool operator ==(Index3D left, Index3D right) => left.Equals(right);

    /// <summary>Different index.</summary>
    public static bool operator !=(Index3D left, Index3D right) => !left.Equals(right);
}
