namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The matrix product y[…, r, c] = Σₖ a[…, r, k] · b[…, k, c]. a [batch…, rows, inner], b [batch…, inner, columns];
    /// the batch axes broadcast. A vector on the left is one row, on the right one column, and that axis is left out of
    /// y.
    /// </summary>
    /// <param name="right">The right factor, of the same type.</param>
    /// <exception cref="ShapeException">The inner sizes differ, an operand has no axes, or the batch axes do not
    /// broadcast.</exception>
    /// <exception cref="DTypeException">The types differ, or do not compute.</exception>
    public Tensor MatMul(Tensor right)
    {
        ArgumentNullException.ThrowIfNull(right);
        MatMulOp.RequireShapes(Shape, right.Shape);
        if (Rank == 1)
        {
            var row = Reshape(1, Count).MatMul(right);
            return row.Reshape(row.Shape.Without(right.Rank == 1 ? -1 : -2));
        }

        if (right.Rank == 1)
        {
            var column = MatMul(right.Reshape(right.Count, 1));
            return column.Reshape(column.Shape.Without(-1));
        }

        // One matrix on the right for a whole stack: the stack is one tall matrix.
        if (Rank > 2 && right.Rank == 2 && IsContiguous)
        {
            int inner = Shape[-1];
            var tall = Reshape(Shape[..^1].ElementCount, inner);
            return new MatMulOp(false, false).Apply(tall, right).Reshape(Shape.With(-1, right.Shape[1]));
        }

        return new MatMulOp(false, false).Apply(this, right);
    }

    /// <summary>The inner product Σ a·b of two vectors of one length, without axes.</summary>
    /// <exception cref="ShapeException">An operand is no vector, or the lengths differ.</exception>
    public Tensor Dot(Tensor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Rank != 1 || other.Rank != 1 || Count != other.Count)
        {
            throw new ShapeException(
                $"Dot: wants two vectors of one length; got {Shape} and {other.Shape}. Use MatMul for matrices.");
        }

        return MatMul(other);
    }
}

/// <summary>
/// y = a·b, either factor transposed on request; da = g·bᵀ, db = aᵀ·g, each summed over the batch axes it was
/// broadcast along. Keeps a and b.
/// </summary>
internal sealed class MatMulOp(bool transposeLeft, bool transposeRight) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new("matrices", t => t[0].MatMul(t[1]), OpInput.Uniform([5, 3]), OpInput.Uniform([3, 7])),
        new(
            "left transposed",
            t => new MatMulOp(true, false).Apply(t[0], t[1]),
            OpInput.Uniform([3, 5]),
            OpInput.Uniform([3, 7]))
        {
            Options = new Dictionary<string, object> { ["transposeLeft"] = true },
        },
        new(
            "right transposed",
            t => new MatMulOp(false, true).Apply(t[0], t[1]),
            OpInput.Uniform([5, 3]),
            OpInput.Uniform([7, 3]))
        {
            Options = new Dictionary<string, object> { ["transposeRight"] = true },
        },
        new(
            "both transposed",
            t => new MatMulOp(true, true).Apply(t[0], t[1]),
            OpInput.Uniform([3, 5]),
            OpInput.Uniform([7, 3]))
        {
            Options = new Dictionary<string, object> { ["transposeLeft"] = true, ["transposeRight"] = true },
        },
        new("one element", t => t[0].MatMul(t[1]), OpInput.Uniform([1, 1]), OpInput.Uniform([1, 1])),
        new("vector, matrix", t => t[0].MatMul(t[1]), OpInput.Uniform([3]), OpInput.Uniform([3, 2])),
        new("matrix, vector", t => t[0].MatMul(t[1]), OpInput.Uniform([4, 3]), OpInput.Uniform([3])),
        new("vectors", t => t[0].MatMul(t[1]), OpInput.Uniform([5]), OpInput.Uniform([5])),
        new("stack", t => t[0].MatMul(t[1]), OpInput.Uniform([2, 3, 4]), OpInput.Uniform([2, 4, 5])),
        new("stack, one right", t => t[0].MatMul(t[1]), OpInput.Uniform([2, 3, 4]), OpInput.Uniform([4, 5])),
        new("both broadcast", t => t[0].MatMul(t[1]), OpInput.Uniform([3, 1, 2, 4]), OpInput.Uniform([2, 4, 3])),
        new("no rows", t => t[0].MatMul(t[1]), OpInput.Uniform([0, 3]), OpInput.Uniform([3, 2])),
        new("nothing to add", t => t[0].MatMul(t[1]), OpInput.Uniform([2, 0]), OpInput.Uniform([0, 3])),
        new("empty stack", t => t[0].MatMul(t[1]), OpInput.Uniform([0, 2, 3]), OpInput.Uniform([0, 3, 2])),
        new("more than a tile", t => t[0].MatMul(t[1]), OpInput.Uniform([29, 19]), OpInput.Uniform([19, 37])),
    ];

    /// <summary>The rule for the shapes of factors that are not transposed.</summary>
    public static void RequireShapes(Shape left, Shape right)
    {
        if (left.Rank == 0 || right.Rank == 0)
            throw new ShapeException(
                $"MatMul: wants vectors, matrices or stacks of them; got left {left}, right {right}. Use * to scale.");
        int rows = right.Rank == 1 ? right[0] : right[-2];
        if (left[-1] != rows)
        {
            throw new ShapeException(
                $"MatMul: inner sizes differ: left {left}, right {right}; " +
                $"left columns ({left[-1]}) must equal right rows ({rows}).");
        }
    }

    protected override Tensor Forward(Tensor[] inputs)
    {
        Map.RequireSame(Name, inputs[0], inputs[1]);
        Keep(inputs[0], inputs[1]);
        return MatrixProducts.Multiply(Name, Operand(inputs[0], transposeLeft), Operand(inputs[1], transposeRight));
    }

    protected override Tensor?[] Backward(Tensor g) =>
    [
        !Needs(0) ? null : (transposeLeft
            ? new MatMulOp(transposeRight, true).Apply(Kept(1), g)
            : new MatMulOp(false, !transposeRight).Apply(g, Kept(1))).SumTo(Kept(0).Shape),
        !Needs(1) ? null : (transposeRight
            ? new MatMulOp(true, transposeLeft).Apply(g, Kept(0))
            : new MatMulOp(!transposeLeft, false).Apply(Kept(0), g)).SumTo(Kept(1).Shape),
    ];

    private static Tensor Operand(Tensor x, bool transposed)
    {
        if (!transposed)
            return x;
        int[] sizes = [.. x.Shape];
        long[] strides = [.. x.StrideArray];
        (sizes[^1], sizes[^2]) = (sizes[^2], sizes[^1]);
        (strides[^1], strides[^2]) = (strides[^2], strides[^1]);
        return x.Alias(sizes, strides, x.Offset);
    }
}
