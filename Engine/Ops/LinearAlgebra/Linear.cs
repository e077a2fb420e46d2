namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// y = x·Wᵀ + b, this tensor being x. x [batch…, in], W [out, in], b [out], y [batch…, out]. A row of y has the
    /// same
    /// bits whatever batch it is computed in.
    /// </summary>
    /// <param name="weight">W [out, in].</param>
    /// <param name="bias">b [out], or null for none.</param>
    /// <exception cref="ShapeException">The sizes do not fit.</exception>
    /// <exception cref="DTypeException">The types differ, or do not compute.</exception>
    public Tensor Linear(Tensor weight, Tensor? bias = null)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return bias == null ? new LinearOp().Apply(this, weight) : new LinearOp().Apply(this, weight, bias);
    }
}

/// <summary>y = x·Wᵀ + b; dx = g·W, dW = gᵀ·x, db = Σ over rows of g. Keeps x and W.</summary>
internal sealed class LinearOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new(
            "with bias",
            t => t[0].Linear(t[1], t[2]),
            OpInput.Uniform([5, 3]),
            OpInput.Uniform([7, 3]),
            OpInput.Uniform([7])),
        new("without bias", t => t[0].Linear(t[1]), OpInput.Uniform([5, 3]), OpInput.Uniform([7, 3])),
        new(
            "vector",
            t => t[0].Linear(t[1], t[2]),
            OpInput.Uniform([3]),
            OpInput.Uniform([2, 3]),
            OpInput.Uniform([2])),
        new(
            "three axes",
            t => t[0].Linear(t[1], t[2]),
            OpInput.Uniform([2, 3, 4]),
            OpInput.Uniform([5, 4]),
            OpInput.Uniform([5])),
        new(
            "one to one",
            t => t[0].Linear(t[1], t[2]),
            OpInput.Uniform([3, 1]),
            OpInput.Uniform([1, 1]),
            OpInput.Uniform([1])),
        new(
            "empty batch",
            t => t[0].Linear(t[1], t[2]),
            OpInput.Uniform([0, 3]),
            OpInput.Uniform([2, 3]),
            OpInput.Uniform([2])),
        new(
            "no input features",
            t => t[0].Linear(t[1], t[2]),
            OpInput.Uniform([3, 0]),
            OpInput.Uniform([2, 0]),
            OpInput.Uniform([2])),
        new(
            "more than a tile",
            t => t[0].Linear(t[1], t[2]),
            OpInput.Uniform([29, 19]),
            OpInput.Uniform([37, 19]),
            OpInput.Uniform([37])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var (x, weight) = (inputs[0], inputs[1]);
        var bias = inputs.Length > 2 ? inputs[2] : null;
        RequireShapes(x.Shape, weight.Shape, bias?.Shape);
        Map.RequireSame(Name, x, weight);
        if (bias != null)
            Map.RequireSame(Name, x, bias);
        Keep(x, weight);
        var transposed = weight.Alias(
            [weight.Shape[1], weight.Shape[0]], [weight.StrideArray[1], weight.StrideArray[0]], weight.Offset);
        var y = MatrixProducts.Multiply(Name, Rows(x), transposed, bias);
        return y.Reshape(x.Shape.With(-1, weight.Shape[0]));
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var rows = Needs(1) || _hasBias ? Rows(g) : g;
        Tensor?[] gradients =
        [
            Needs(0) ? g.MatMul(Kept(1)) : null,
            Needs(1) ? new MatMulOp(true, false).Apply(rows, Rows(Kept(0))) : null,
        ];
        return _hasBias ? [.. gradients, Needs(2) ? rows.Sum([0]) : null] : gradients;
    }

    private bool _hasBias;

    private static Tensor Rows(Tensor x) => x.Rank == 2 ? x : x.Reshape(x.Shape[..^1].ElementCount, x.Shape[-1]);

    private void RequireShapes(Shape x, Shape weight, Shape? bias)
    {
        _hasBias = bias != null;
        if (weight.Rank != 2)
            throw new ShapeException($"Linear: the weight must be [out, in]; got {weight}.");
        if (x.Rank == 0 || x[-1] != weight[1])
        {
            throw new ShapeException(
                $"Linear: input {x} does not fit weight {weight}; the last size of the input must be {weight[1]}.");
        }

        if (bias is { } b && (b.Rank != 1 || b[0] != weight[0]))
            throw new ShapeException($"Linear: bias {b} does not fit weight {weight}; it must be [{weight[0]}].");
    }
}
