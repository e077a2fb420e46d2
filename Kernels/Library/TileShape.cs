namespace MomentumCore.Kernels.Library;

/// <summary>How large the tiles of a product are, as plain numbers that a kernel can take.</summary>
/// <remarks>
/// A group of <see cref="TiledProducts"/> makes a tile of the result with 64 work items, 4 × 16 results each, so that
/// rows times columns are 4096: wide tiles for factors of few rows, such as convolutions of few channels.
/// </remarks>
public struct TileShape
{
    /// <summary>Rows of a tile; a multiple of 16.</summary>
    public int Rows;

    /// <summary>Columns of a tile; a multiple of 16, at most 256.</summary>
    public int Columns;

    /// <summary>Steps of the sum that are in shared memory at a time; a multiple of 4, at most 16.</summary>
    public int Steps;

    /// <summary>All shapes, from the widest to the tallest, each with as many steps as shared memory holds.</summary>
    internal static ReadOnlySpan<TileShape> All => s_all;

    private static readonly TileShape[] s_all =
        [Of(16, 256, 8), Of(32, 128, 16), Of(64, 64, 16), Of(128, 32, 16), Of(256, 16, 8)];

    /// <inheritdoc/>
    public override readonly string ToString() => $"{Rows} × {Columns}";

    private static TileShape Of(int rows, int columns, int steps) =>
        new() { Rows = rows, Columns = columns, Steps = steps };
}
