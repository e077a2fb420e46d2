namespace MomentumCore.Benchmarks;

/// <summary>The sizes of a matrix product.</summary>
/// <param name="Name">Where it occurs.</param>
/// <param name="Rows">Rows of the left factor.</param>
/// <param name="Columns">Columns of the right factor.</param>
/// <param name="Inner">Products in each sum.</param>
/// <param name="TurnLeft">Whether the left factor is stored transposed, as in a weight gradient.</param>
/// <param name="TurnRight">Whether the right factor is stored transposed, as in a dense layer.</param>
public sealed record MatMulSize(
    string Name, int Rows, int Columns, int Inner, bool TurnLeft = false, bool TurnRight = false) : IWork
{
    /// <inheritdoc/>
    public double Operations => 2.0 * Rows * Columns * Inner;

    /// <inheritdoc/>
    public override string ToString() => $"{Name} {Rows}x{Columns}x{Inner}";
}
