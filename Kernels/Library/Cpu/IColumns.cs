namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// The factor of a product that runs along the lanes: a matrix in memory, or one that only exists panel by panel, such
/// as the windows of an image.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
internal unsafe interface IColumns<T>
    where T : unmanaged
{
    /// <summary>
    /// Where a tile can read this factor itself; a start of null where a packed panel is needed or is better.
    /// </summary>
    /// <param name="k">The first row.</param>
    /// <param name="column">The first column.</param>
    /// <param name="lanes">Lanes of the tile.</param>
    /// <param name="count">Lanes that have a column.</param>
    /// <param name="rows">Rows of the product: how often a packed panel would be used.</param>
    Lane<T> Find(int k, int column, int lanes, int count, int rows);

    /// <summary>Copies a part into a panel, k after k, with zeros in the lanes that have no column.</summary>
    /// <param name="k">The first row.</param>
    /// <param name="inner">How many rows.</param>
    /// <param name="column">The first column.</param>
    /// <param name="count">Columns that exist.</param>
    /// <param name="width">Columns of the panel.</param>
    /// <param name="panel">The memory to fill: inner · width elements.</param>
    void Pack(int k, int inner, int column, int count, int width, T* panel);
}
