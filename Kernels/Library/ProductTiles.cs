using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Emulator;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>When a device multiplies in tiles, and how <see cref="TiledProducts"/> is launched for it.</summary>
/// <remarks>Tiles and plain kernels give the same bits, so the choice changes nothing but the time.</remarks>
internal static class ProductTiles
{
    /// <summary>At least one in so many elements of the tiles has to be wanted.</summary>
    private const int MostWaste = 4;

    /// <summary>From so many products on, one launch for all of them is worth nearly empty tiles.</summary>
    private const int ManyProducts = 8;

    /// <summary>Whether tiles are the faster way. The emulator takes the plain kernels: groups are slow there.</summary>
    public static bool Fit(Device device, int rows, int columns, int products = 1) =>
        device is not EmulatorDevice
        && (products >= ManyProducts
            || (long)Tiles(rows) * Tiles(columns) * TiledProducts.Tile * TiledProducts.Tile <= (long)MostWaste * rows * columns);

    /// <summary>The launch: one group for each tile of the result, and for each product.</summary>
    public static KernelConfig Config(int rows, int columns, int products) => new(
        new Index3D(Tiles(columns), Tiles(rows), products), new Index3D(TiledProducts.GroupX, TiledProducts.GroupY, 1));

    /// <summary>Sizes and steps of the products along the last axis of a stack.</summary>
    public static ProductShape Shape(MatrixLayout left, MatrixLayout right, in StridedLayout batch, bool hasBias) => new()
    {
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

    private static int Tiles(int size) => (size / TiledProducts.Tile) + (size % TiledProducts.Tile == 0 ? 0 : 1);
}
