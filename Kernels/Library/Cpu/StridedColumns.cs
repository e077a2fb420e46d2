namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>A matrix in memory as the factor that runs along the lanes.</summary>
/// <param name="start">Element (0, 0).</param>
/// <param name="step">Elements from one k to the next.</param>
/// <param name="column">Elements from one column to the next.</param>
internal readonly unsafe struct StridedColumns<T>(T* start, nint step, nint column) : IColumns<T>
    where T : unmanaged
{
    /// <summary>Up to so many rows it does not pay to copy a matrix whose rows are gapless.</summary>
    public const int FewRows = 36;

    private readonly T* _start = start;

    /// <summary>The first row where its elements lie side by side, else null.</summary>
    public T* GaplessRows => column == 1 ? _start : null;

    /// <summary>Elements from one row to the next.</summary>
    public nint RowStep => step;

    /// <summary>The same matrix in another place.</summary>
    public StridedColumns<T> At(long offset) => new(_start + offset, step, column);

    public Lane<T> Find(int k, int first, int lanes, int count, int rows) =>
        column == 1 && rows <= FewRows && count >= lanes ? new Lane<T>(_start + (k * step) + first, step) : default;

    public void Pack(int k, int inner, int first, int count, int width, T* panel) =>
        ColumnPanels.Pack(_start + (k * step) + (first * column), step, column, inner, count, width, panel);
}
