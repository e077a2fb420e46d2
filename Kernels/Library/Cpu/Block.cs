using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// A part of a product that is done at a time: a run of k, and the columns whose packed panels fit the working memory.
/// </summary>
internal readonly unsafe struct Block<T>
    where T : unmanaged
{
    /// <summary>The most products in one chain: a panel of 32 floats stays in the second cache while rows pass by.</summary>
    private const int MaxInner = 512;

    /// <summary>Elements of packed panels at a time: 4 MiB of floats.</summary>
    private const int PanelElements = 1 << 20;

    /// <summary>Up to so many rows it does not pay to copy a right factor whose rows are gapless.</summary>
    private const int FewRows = 36;

    private readonly Product<T> _product;
    private readonly T* _panels;
    private readonly int _firstK;
    private readonly int _inner;
    private readonly int _firstColumn;
    private readonly int _columns;
    private readonly bool _isFirst;
    private readonly bool _isLast;

    /// <summary>Block number <paramref name="index"/> of a product; the blocks of k follow each other for each group of columns.</summary>
    /// <param name="product">The whole.</param>
    /// <param name="index">Below <see cref="CountOf"/>.</param>
    /// <param name="panels">Working memory of <see cref="PanelBytes"/> bytes.</param>
    public Block(in Product<T> product, int index, T* panels)
    {
        _product = product;
        _panels = panels;
        int blocks = InnerBlocks(product.Inner);
        int length = (product.Inner + blocks - 1) / blocks;
        int number = index % blocks;
        _firstK = number * length;
        _inner = Math.Min(length, product.Inner - _firstK);
        int group = ColumnsAtATime(product);
        _firstColumn = index / blocks * group;
        _columns = Math.Min(group, product.Columns - _firstColumn);
        _isFirst = number == 0;
        _isLast = number == blocks - 1;
    }

    /// <summary>Panels of this block.</summary>
    public int Panels => (_columns + RegisterTile.Width<T>() - 1) / RegisterTile.Width<T>();

    /// <summary>Rows of the product.</summary>
    public int Rows => _product.Rows;

    /// <summary>How many blocks a product is done in.</summary>
    public static int CountOf(in Product<T> product)
    {
        int group = ColumnsAtATime(product);
        return (product.Columns + group - 1) / group * InnerBlocks(product.Inner);
    }

    /// <summary>Working memory for the panels of any block of a product.</summary>
    public static long PanelBytes(in Product<T> product)
    {
        long inner = Math.Min(product.Inner, MaxInner);
        return ColumnPanels.PaddedColumns<T>(Math.Min(ColumnsAtATime(product), product.Columns)) * inner * sizeof(T);
    }

    /// <summary>Fills a panel's working memory, where the tiles cannot read the matrix itself.</summary>
    public void PackPanel(int panel)
    {
        int width = RegisterTile.Width<T>();
        int column = panel * width;
        if (!IsDirect(column))
        {
            ColumnPanels.Pack(
                _product.B + (_firstK * _product.BStep) + ((_firstColumn + column) * _product.BColumn),
                _product.BStep,
                _product.BColumn,
                _inner,
                Math.Min(width, _columns - column),
                ColumnPanels.VectorsAt<T>(column, _columns) * Vector512<T>.Count,
                _panels + ((long)column * _inner));
        }
    }

    /// <summary>Computes and stores the tiles of some rows and panels.</summary>
    public void RunTiles<TEpilogue>(int firstRow, int endRow, int firstPanel, int endPanel, TEpilogue epilogue)
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        byte* memory = stackalloc byte[RegisterTile.SumBytes + 64];
        T* sums = (T*)(((nint)memory + 63) & ~63);
        for (int panel = firstPanel; panel < endPanel; panel++)
        {
            int column = panel * RegisterTile.Width<T>();
            int vectors = ColumnPanels.VectorsAt<T>(column, _columns);
            bool direct = IsDirect(column);
            T* b = direct
                ? _product.B + (_firstK * _product.BStep) + _firstColumn + column
                : _panels + ((long)column * _inner);
            nint bStep = direct ? _product.BStep : vectors * Vector512<T>.Count;
            int lanes = Math.Min(vectors * Vector512<T>.Count, _columns - column);
            for (int row = firstRow; row < endRow;)
            {
                // The last tile reaches back over rows that are done rather than beyond the matrix.
                int rows = TileRows(endRow - row);
                int start = Math.Min(row, _product.Rows - rows);
                T* a = _product.A + (start * _product.ARow) + (_firstK * _product.AStep);
                RegisterTile.Run(rows, vectors, a, _product.ARow, _product.AStep, b, bStep, _inner, sums);
                int end = Math.Min(start + rows, endRow);
                TileStore.Store(
                    _product, sums, start, _firstColumn + column, row - start, end - start, lanes, _isFirst, _isLast, epilogue);
                row = end;
            }
        }
    }

    private static int InnerBlocks(int inner) => Math.Max(1, (inner + MaxInner - 1) / MaxInner);

    private static int ColumnsAtATime(in Product<T> product)
    {
        int width = RegisterTile.Width<T>();
        return Math.Max(1, PanelElements / Math.Clamp(product.Inner, 1, MaxInner) / width) * width;
    }

    private int TileRows(int left) =>
        left > 2 * RegisterTile.FewRows && _product.Rows >= RegisterTile.Rows ? RegisterTile.Rows
        : left > 1 && _product.Rows >= RegisterTile.FewRows ? RegisterTile.FewRows
        : 1;

    private bool IsDirect(int column) =>
        _product.BColumn == 1 && _product.Rows <= FewRows && _columns - column >= RegisterTile.Width<T>();
}
