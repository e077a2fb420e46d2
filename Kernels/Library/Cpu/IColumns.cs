namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// The factor of a product that runs along the lanes: a matrix in memory, or one that only exists panel by panel, such
/// as the windows of an image.
/// </summary>
/// <typeparam name="T">float or double.</typeparam>
internal unsafe interface IColumns<T>
    where T : unmanaged
{
    /// <summary>The address of element (k, column), if its neighbours in the row lie beside it; else null.</summary>
    /// <param name="k">The row.</param>
    /// <param name="column">The column.</param>
    /// <param name="count">How many neighbours are wanted.</param>
    /// <param name="step">Elements from one row to the next.</param>
    T* Find(int k, int column, int count, out nint step);

    /// <summary>Copies a part into a panel, k after k, with zeros in the lanes that have no column.</summary>
    /// <param name="k">The first row.</param>
    /// <param name="inner">How many rows.</param>
    /// <param name="column">The first column.</param>
    /// <param name="count">Columns that exist.</param>
    /// <param name="width">Columns of the panel.</param>
    /// <param name="panel">The memory to fill: inner · width elements.</param>
    void Pack(int k, int inner, int column, int count, int width, T* panel);
}
