using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Three numbers about a tensor, in which each row counts as much as any other: whatever its size, a row that changes by a
/// share of its norm moves them by about that share.
/// </summary>
/// <remarks>
/// <para>s_r = Σ over rows of ± (Σ_k a_rk x_k) / ‖x‖, for r = 1, 2: the projections of every row onto the first two of
/// <see cref="Projection"/>'s directions, as shares of its norm, with a sign of its own for each piece of a row; and s_3 = Σ
/// over rows of ± ln ‖x‖. So with e a small change of a row across itself, and l one along it, both as shares of its norm,
/// the means over all coefficients and signs of Δs_1², Δs_2² and Δs_3² are Σ e² / 3, the same, and Σ l².</para>
/// <para>A row is cut into pieces of 512 elements, and of each a window is looked at, which begins at a place by a hash of the
/// piece's number. ‖x‖ is the norm of what is looked at.</para>
/// <para>A row of zeros adds nothing. A row whose squares add up to no finite number makes all three not a number.</para>
/// </remarks>
public static partial class RowSketch
{
    /// <summary>How many numbers there are: two projections, then the norms.</summary>
    public const int Sums = 3;

    /// <summary>Elements of a row of which one work item looks at a window.</summary>
    public const int Piece = 512;

    /// <summary>
    /// parts[3 i …] = ± Σ a_1k x_k, ± Σ a_2k x_k and Σ x_k² of a window of piece i of the rows; the last row may be shorter.
    /// </summary>
    [Kernel]
    public static void OfPieces(
        Index1D i, ArrayView<float> x, ArrayView<double> parts, int row, int piece, int window, int count)
    {
        int pieces = ((row - 1) / piece) + 1;
        int inRow = i.X % pieces * piece;
        int start = (i.X / pieces * row) + inRow;
        int length = row - inRow > piece ? piece : row - inRow;
        if (count - start < length)
            length = count - start;
        if (length > window)
        {
            start = start + Place(i.X, length, window);
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

        double sign = Sign(i.X);
        parts[i.X * 3] = sign * first;
        parts[(i.X * 3) + 1] = sign * second;
        parts[(i.X * 3) + 2] = squares;
    }

    /// <summary>totals[3 i …] = the three sums over rows i, i + items, ….</summary>
    [Kernel(FloatOnly = true)]
    public static void OfRows(
        Index1D i, ArrayView<double> parts, ArrayView<double> totals, int pieces, int rows, int items)
    {
        double first = 0.0, second = 0.0, norms = 0.0;
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
                norms = norms + (Sign(row + 1) * ((0.5 * XMath.Log(squares)) + lost));
            }
        }

        totals[i.X * 3] = first;
        totals[(i.X * 3) + 1] = second;
        totals[(i.X * 3) + 2] = norms;
    }

    // Where the window of a piece begins: at one of as many places as cover the piece.
    internal static int Place(int piece, int length, int window)
    {
        ulong z = ((ulong)piece + 1UL) * 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        int places = (length + window - 1) / window;
        int place = (int)(((z >> 33) * (ulong)places) >> 31) * window;
        return place > length - window ? length - window : place;
    }

    // Of a piece: what two pieces have alike must not cancel.
    internal static double Sign(int piece)
    {
        ulong z = ((ulong)piece + 1UL) * 0xD1342543DE82EF95UL;
        z = (z ^ (z >> 32)) * 0xBF58476D1CE4E5B9UL;
        return (z >> 40) % 2UL == 0UL ? 1.0 : -1.0;
    }
}
