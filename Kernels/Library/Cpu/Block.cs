using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// A part of a product that is done at a time: a run of k, and the rows and columns whose packed panels fit the
/// working memory.
/// </summary>
internal readonly unsafe struct Block<T, TColumns>
    where T : unmanaged
    where TColumns : unmanaged, IColumns<T>
{
    /// <summary>Elements of packed panels of a factor at a time: 4 MiB of floats.</summary>
    private const int PanelElements = 1 << 20;

    /// <summary>
    /// Up to so many columns it does not pay to copy a left factor. One whose k lie side by side is never copied.
    /// </summary>
    private const int FewColumns = 64;

    private readonly Product<T> _product;
    private readonly TColumns _source;
    private readonly T* _leftPanels;
    private readonly T* _rightPanels;
    private readonly int _firstK;
    private readonly int _inner;
    private readonly int _firstRow;
    private readonly int _firstColumn;
    private readonly int _columns;
    private readonly bool _isFirst;
    private readonly bool _isLast;

    /// <summary>Block number <paramref name="index"/> of a product; blocks of k follow each other.</summary>
    /// <param name="product">The whole.</param>
    /// <param name="source">Its right factor.</param>
    /// <param name="index">Below <see cref="CountOf"/>.</param>
    /// <param name="memory">Working memory of <see cref="PanelBytes"/> bytes.</param>
    public Block(in Product<T> product, in TColumns source, int index, void* memory)
    {
        _product = product;
        _source = source;
        int blocks = InnerBlocks.Count(product.Inner);
        int length = InnerBlocks.Length(product.Inner);
        int number = index % blocks;
        _firstK = number * length;
        _inner = Math.Min(length, product.Inner - _firstK);
        _isFirst = number == 0 && !product.Accumulates;
        _isLast = number == blocks - 1;
        int columns = ColumnsAtATime(product), columnGroups = (product.Columns + columns - 1) / columns;
        index /= blocks;
        _firstColumn = index % columnGroups * columns;
        _columns = Math.Min(columns, product.Columns - _firstColumn);
        int rows = RowsAtATime(product);
        _firstRow = index / columnGroups * rows;
        Rows = Math.Min(rows, product.Rows - _firstRow);
        _leftPanels = (T*)memory;
        _rightPanels = _leftPanels + LeftElements(product);
    }

    /// <summary>Rows of this block.</summary>
    public int Rows { get; }

    /// <summary>Panels of this block, of both factors, that can be packed.</summary>
    public int Panels => RightPanels + LeftPanels;

    /// <summary>Panels of columns of this block.</summary>
    public int RightPanels => (_columns + RegisterTile.Width<T>() - 1) / RegisterTile.Width<T>();

    private int LeftPanels => PacksLeft(_product) ? RowPanels.PaddedRows(Rows) / RegisterTile.Rows : 0;

    /// <summary>How many blocks a product is done in.</summary>
    public static int CountOf(in Product<T> product)
    {
        int columns = ColumnsAtATime(product), rows = RowsAtATime(product);
        int groups = (product.Columns + columns - 1) / columns * ((product.Rows + rows - 1) / rows);
        return groups * InnerBlocks.Count(product.Inner);
    }

    /// <summary>Working memory for the panels of any block of a product.</summary>
    public static long PanelBytes(in Product<T> product)
    {
        int columns = Math.Min(ColumnsAtATime(product), product.Columns);
        long right = ColumnPanels.PaddedColumns<T>(columns) * (long)InnerBlocks.Length(product.Inner);
        return (LeftElements(product) + right) * sizeof(T);
    }

    /// <summary>Fills the working memory of a panel, where the tiles cannot read the matrix itself.</summary>
    /// <param name="panel">Those of the right factor come first.</param>
    public void PackPanel(int panel)
    {
        if (_inner == 0)
            return;
        if (panel >= RightPanels)
        {
            int row = (panel - RightPanels) * RegisterTile.Rows;
            int rows = Math.Min(RegisterTile.Rows, Rows - row);
            RowPanels.Pack(A(row), _product.ARow, _product.AStep, _inner, rows, LeftPanel(row));
            return;
        }

        int column = panel * RegisterTile.Width<T>();
        if (FindRight(column).Start == null)
        {
            _source.Pack(
                _firstK,
                _inner,
                _firstColumn + column,
                Math.Min(RegisterTile.Width<T>(), _columns - column),
                ColumnPanels.VectorsAt<T>(column, _columns) * Vector512<T>.Count,
                RightPanel(column));
        }
    }

    /// <summary>Computes and stores the tiles of some rows and panels of columns.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RunTiles<TEpilogue>(int firstRow, int endRow, int firstPanel, int endPanel, TEpilogue epilogue)
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        byte* memory = stackalloc byte[RegisterTile.SumBytes + 64];
        T* sums = (T*)(((nint)memory + 63) & ~63);
        bool packed = PacksLeft(_product);
        for (int panel = firstPanel; panel < endPanel; panel++)
        {
            int column = panel * RegisterTile.Width<T>();
            int vectors = ColumnPanels.VectorsAt<T>(column, _columns);
            var b = FindRight(column);
            if (b.Start == null)
                b = new Lane<T>(RightPanel(column), vectors * Vector512<T>.Count);
            int lanes = Math.Min(vectors * Vector512<T>.Count, _columns - column);
            for (int row = firstRow; row < endRow;)
            {
                int rows = TileRows(endRow - row);
                int start = row, end = Math.Min(row + rows, endRow);
                if (packed)
                {
                    T* a = LeftPanel(row);
                    RegisterTile.Run(rows, vectors, a, 1, RegisterTile.Rows, b, _inner, sums);
                }
                else
                {
                    // The last tile reaches back over rows that are done rather than beyond the matrix.
                    start = Math.Min(row, Rows - rows);
                    RegisterTile.Run(rows, vectors, A(start), _product.ARow, _product.AStep, b, _inner, sums);
                }

                TileStore.Store(
                    _product,
                    sums,
                    _firstRow + start,
                    _firstColumn + column,
                    row - start,
                    end - start,
                    lanes,
                    _isFirst,
                    _isLast,
                    epilogue);
                row = end;
            }
        }
    }

    private static int ColumnsAtATime(in Product<T> product)
    {
        int width = RegisterTile.Width<T>();
        return Math.Max(1, PanelElements / Math.Max(1, InnerBlocks.Length(product.Inner)) / width) * width;
    }

    private static int RowsAtATime(in Product<T> product)
    {
        if (!PacksLeft(product))
            return product.Rows;
        int rows = PanelElements / Math.Max(1, InnerBlocks.Length(product.Inner));
        return Math.Max(1, rows / RegisterTile.Rows) * RegisterTile.Rows;
    }

    private static bool PacksLeft(in Product<T> product) =>
        product.AStep != 1 && product.Columns > FewColumns && product.Rows >= RegisterTile.Rows;

    private static long LeftElements(in Product<T> product) => PacksLeft(product)
        ? (long)RowPanels.PaddedRows(Math.Min(RowsAtATime(product), product.Rows)) * InnerBlocks.Length(product.Inner)
        : 0;

    private T* A(int row) => _product.A + ((_firstRow + row) * _product.ARow) + (_firstK * _product.AStep);

    // Rows of a tile lie side by side: row r of a panel begins r elements in.
    private T* LeftPanel(int row) =>
        _leftPanels + ((long)(row / RegisterTile.Rows) * RegisterTile.Rows * _inner) + (row % RegisterTile.Rows);

    private T* RightPanel(int column) => _rightPanels + ((long)column * _inner);

    private Lane<T> FindRight(int column)
    {
        int lanes = ColumnPanels.VectorsAt<T>(column, _columns) * Vector512<T>.Count;
        return _source.Find(_firstK, _firstColumn + column, lanes, _columns - column, _product.Rows);
    }

    private int TileRows(int left) =>
        left > 2 * RegisterTile.FewRows && Rows >= RegisterTile.Rows ? RegisterTile.Rows
        : left > 1 && Rows >= RegisterTile.FewRows ? RegisterTile.FewRows
        : 1;
}
