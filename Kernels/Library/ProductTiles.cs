using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Emulator;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// When a device multiplies in tiles, in which, and how <see cref="TiledProducts"/> is launched for it.
/// </summary>
/// <remarks>All tiles and the plain kernels give the same bits, so the choice changes nothing but the time.</remarks>
internal static class ProductTiles
{
    /// <summary>At least one in so many results of the work items has to be wanted.</summary>
    private const int MostWaste = 3;

    /// <summary>From so many products on, one launch for all of them is worth nearly empty tiles.</summary>
    private const int ManyProducts = 8;

    /// <summary>Tiles that a device is taken to work on at a time; fewer leave a part of it idle.</summary>
    private const int ManyTiles = 8;

    /// <summary>Bringing a number into shared memory takes as long as so many products.</summary>
    private const int BringCost = 12;

    /// <summary>Beyond so many rows or columns, padding included, places in a window could wrap around.</summary>
    private const int MostPlaces = 1 << 28;

    /// <summary>The tiles for products of this size, or null where the plain kernel is the faster way.</summary>
    /// <remarks>The emulator takes the plain kernels: groups are slow there.</remarks>
    public static TileShape? Choose(Device device, int rows, int columns, int products = 1)
    {
        long wanted = (long)rows * columns;
        long made = RoundUp(rows, TiledProducts.ItemRows) * RoundUp(columns, TiledProducts.ItemColumns);
        if (device is EmulatorDevice || (products < ManyProducts && made > MostWaste * wanted))
            return null;
        var best = TileShape.All[0];
        foreach (var shape in TileShape.All)
        {
            if (Cost(shape, rows, columns, products) < Cost(best, rows, columns, products))
                best = shape;
        }

        return best;
    }

    /// <summary>Whether the places of this convolution are numbers that kernels can count in.</summary>
    public static bool IsCountable(in ConvolutionShape s) =>
        s.InputHeight + (2L * s.PaddingY) < MostPlaces && s.InputWidth + (2L * s.PaddingX) < MostPlaces;

    /// <summary>The launch: one group for each tile of the result, and for each product.</summary>
    public static KernelConfig Config(TileShape tile, int rows, int columns, int products) => new(
        new Index3D(Parts(columns, tile.Columns), Parts(rows, tile.Rows), products),
        new Index3D(TiledProducts.GroupSize, 1, 1));

    /// <summary>Sizes and steps of the products along the last axis of a stack.</summary>
    public static ProductShape Shape(
        TileShape tile, MatrixLayout left, MatrixLayout right, in StridedLayout batch, bool hasBias) => new()
        {
            Tile = tile,
            Rows = left.Rows,
            Columns = right.Columns,
            Inner = left.Columns,
            HasBias = hasBias ? 1 : 0,
            LeftRow = left.RowStep,
            LeftColumn = left.ColumnStep,
            RightRow = right.RowStep,
            RightColumn = right.ColumnStep,
            LeftStep = batch.InnerStep(0),
            RightStep = batch.InnerStep(1),
            ResultStep = batch.InnerStep(2),
        };

    /// <summary>
    /// How long a step of all sums takes: products that are made, and numbers that are brought for them.
    /// </summary>
    private static long Cost(TileShape tile, int rows, int columns, int products)
    {
        long tiles = (long)Parts(rows, tile.Rows) * Parts(columns, tile.Columns) * products;
        long down = Math.Min(tile.Rows, RoundUp(rows, TiledProducts.ItemRows));
        long across = Math.Min(tile.Columns, RoundUp(columns, TiledProducts.ItemColumns));
        return Math.Max(tiles, ManyTiles) * ((down * across) + (BringCost * (down + across)));
    }

    private static long RoundUp(int size, int part) => (long)Parts(size, part) * part;

    private static int Parts(int size, int part) => (size / part) + (size % part == 0 ? 0 : 1);
}
