using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Four numbers about a tensor, in which each row counts as much as any other: whatever its size, a row that changes by a
/// share of its norm moves them by about that share.
/// </summary>
/// <remarks>
/// <para>s_r = Σ over rows of ± (Σ_k a_rk x_k) / ‖x‖, for r = 1, 2: the projections of every row onto the first two of
/// <see cref="Projection"/>'s directions, as shares of its norm, with a sign of its own for each piece of a row; s_3 = Σ over
/// rows of b ln ‖x‖, with |b| uniform in [½, 3/2), by a hash of row and turn; and s_4 = Σ ln ‖x‖. So with e a small change of a
/// row across itself, and l one along it, both as shares of its norm, the means over all coefficients and signs of Δs_1², Δs_2²
/// and Δs_3² are Σ e² / 3, the same, and 13/12 Σ l²; and Δs_4² is not above Σ l² times the number of rows, and equal to it
/// where all rows grow alike.</para>
/// <para>A row is cut into pieces of 512 elements, and of each a window is looked at, which begins at a place by a hash of the
/// piece's number and of the turn. ‖x‖ is the norm of what is looked at. If not all rows are taken, those that are taken are
/// spread evenly, each at a place by a hash of the turn.</para>
/// <para>A row of zeros adds nothing. A row whose squares add up to no finite number makes all four not a number.</para>
/// </remarks>
public static partial class RowSketch
{
    /// <summary>How many numbers there are: two projections, then the norms twice.</summary>
    public const int Sums = 4;

    /// <summary>How many there are of a piece: two projections, then the squares.</summary>
    public const int PieceSums = 3;

    /// <summary>Elements of a row of which one work item looks at a window.</summary>
    public const int Piece = 512;

    /// <summary>
    /// parts[3 i …] = ± Σ a_1k x_k, ± Σ a_2k x_k and Σ x_k² of a window of piece i of the rows that are taken; the last row may be
    /// shorter.
    /// </summary>
    [Kernel]
    public static void OfPieces(
        Index1D i, ArrayView<float> x, ArrayView<double> parts, int row, int piece, int window, int count, int taken, int turn)
    {
        int pieces = ((row - 1) / piece) + 1;
        int rows = ((count - 1) / row) + 1;
        int at = RowAt(i.X / pieces, rows, taken, turn);
        int inRow = i.X % pieces * piece;
        int number = (at * pieces) + (i.X % pieces);
        int start = (at * row) + inRow;
        int length = row - inRow > piece ? piece : row - inRow;
        if (count - start < length)
            length = count - start;
        if (length > window)
        {
            start = start + Place(number, length, window, turn);
            length = window;
        }

        double first = 0.0, second = 0.0, squares = 0.0;
        for (int k = 0; k < length; k++)
        {
            double value = x[start + k];
            first = first + (Projection.Coefficient(k, 0) * value);
            second = second + (Projection.Coefficient(k, 1) * value);
            squares = squares + (value * value);
        }

        double sign = Sign(number);
        parts[i.X * 3] = sign * first;
        parts[(i.X * 3) + 1] = sign * second;
        parts[(i.X * 3) + 2] = squares;
    }

    /// <summary>totals[4 i …] = the four sums over rows i, i + items, ….</summary>
    [Kernel(FloatOnly = true)]
    public static void OfRows(
        Index1D i, ArrayView<double> parts, ArrayView<double> totals, int pieces, int rows, int items, int turn)
    {
        double first = 0.0, second = 0.0, norms = 0.0, all = 0.0;
        for (int row = i.X; row < rows; row = rows - row > items ? row + items : rows)
        {
            double one = 0.0, other = 0.0, squares = 0.0;
            for (int k = row * pieces; k < (row + 1) * pieces; k++)
            {
                one = one + parts[k * 3];
                other = other + parts[(k * 3) + 1];
                squares = squares + parts[(k * 3) + 2];
            }

            if (squares != 0.0)
            {
                double norm = Math.Sqrt(squares);
                // Nothing, or not a number where the squares are not finite.
                double lost = squares - squares;
                first = first + ((one / norm) + lost);
                second = second + ((other / norm) + lost);
                double size = (0.5 * XMath.Log(squares)) + lost;
                norms = norms + (Weight(row, turn) * size);
                all = all + size;
            }
        }

        totals[i.X * 4] = first;
        totals[(i.X * 4) + 1] = second;
        totals[(i.X * 4) + 2] = norms;
        totals[(i.X * 4) + 3] = all;
    }

    // Where the window of a piece begins: at one of as many places as cover the piece.
    internal static int Place(int piece, int length, int window, int turn)
    {
        ulong z = Scramble(piece, turn);
        int places = (length + window - 1) / window;
        int place = (int)(((z >> 33) * (ulong)places) >> 31) * window;
        return place > length - window ? length - window : place;
    }

    // Which row is taken as this one of all that are taken.
    internal static int RowAt(int number, int rows, int taken, int turn)
    {
        long from = (long)number * rows / taken, to = ((long)number + 1L) * rows / taken;
        return (int)from + (int)(((Scramble(number, turn) >> 33) * (ulong)(to - from)) >> 31);
    }

    // Of a row's norm: never so small that a change of one row is lost, and not so even that changes of all cancel.
    internal static double Weight(int number, int turn)
    {
        double share = (int)(Scramble(number, turn) >> 32) * 4.656612873077392578125e-10;
        return share < 0.0 ? share - 0.5 : share + 0.5;
    }

    private static ulong Scramble(int number, int turn)
    {
        ulong z = (((ulong)turn << 32) + (ulong)number + 1UL) * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        return (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
    }

    // Of a piece: what two pieces have alike must not cancel.
    internal static double Sign(int piece)
    {
        ulong z = ((ulong)piece + 1UL) * 0xD1342543DE82EF95UL;
        z = (z ^ (z >> 32)) * 0xBF58476D1CE4E5B9UL;
        return (z >> 40) % 2UL == 0UL ? 1.0 : -1.0;
    }
}
