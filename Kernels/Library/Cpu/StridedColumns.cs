namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>A matrix in memory as the factor that runs along the lanes.</summary>
/// <param name="start">Element (0, 0).</param>
/// <param name="step">Elements from one k to the next.</param>
/// <param name="column">Elements from one column to the next.</param>
internal readonly unsafe struct StridedColumns<T>(T* start, nint step, nint column) : IColumns<T>
    where T : unmanaged
{
    private readonly T* _start = start;

    /// <summary>The same matrix in another place.</summary>
    public StridedColumns<T> At(long offset) => new(_start + offset, step, column);

    public T* Find(int k, int first, int count, out nint rowStep)
    {
        rowStep = step;
        return column == 1 ? _start + (k * step) + first : null;
    }

    public void Pack(int k, int inner, int first, int count, int width, T* panel) =>
        ColumnPanels.Pack(_start + (k * step) + (first * column), step, column, inner, count, width, panel);
}
