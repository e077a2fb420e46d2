using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The lower triangle of the last two axes, zeros elsewhere: keeps [i, j] where j ≤ i +
    /// <paramref name="diagonal"/>.
    /// </summary>
    /// <param name="diagonal">0 is the main diagonal; positive lies above it.</param>
    /// <exception cref="ShapeException">There are fewer than two axes.</exception>
    public Tensor Tril(int diagonal = 0) => Triangle(nameof(Tril), diagonal, lower: true);

    /// <summary>
    /// The upper triangle of the last two axes, zeros elsewhere: keeps [i, j] where j ≥ i +
    /// <paramref name="diagonal"/>.
    /// </summary>
    /// <param name="diagonal">0 is the main diagonal; positive lies above it.</param>
    /// <exception cref="ShapeException">There are fewer than two axes.</exception>
    public Tensor Triu(int diagonal = 0) => Triangle(nameof(Triu), diagonal, lower: false);

    private Tensor Triangle(string name, int diagonal, bool lower)
    {
        if (Rank < 2)
            throw new ShapeException($"{name}: wants a matrix or a batch of them; got shape {Shape}.");
        // Beyond the corners nothing changes any more; the kernel then cannot overflow.
        return new TriangleOp(Math.Clamp(diagonal, -Shape[-2], Shape[-1]), lower).Apply(this);
    }
}

/// <summary>y = x on one side of a diagonal, else 0; dx = g there. Keeps nothing.</summary>
internal sealed class TriangleOp(int diagonal, bool lower) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        Example("lower", [4, 4], 0, true),
        Example("lower, wide batch", [2, 3, 5], -1, true),
        Example("upper, tall", [5, 3], 1, false),
        Example("upper, everything", [3, 3], -7, false),
        Example("empty", [0, 3], 0, true),
    ];

    public override string Name => lower ? "Tril" : "Triu";

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0].Contiguous();
        var y = x.EmptyLike(x.Shape);
        int rows = x.Shape[-2], columns = x.Shape[-1], side = lower ? 1 : 0;
        int lines = x.Shape[..^1].ElementCount;
        switch (x.DType)
        {
            case DType.Float32:
                Indexing.Triangle(x.Device, lines, x.View<float>(), y.View<float>(), rows, columns, diagonal, side);
                break;
            case DType.Float64:
                Indexing.Triangle(x.Device, lines, x.View<double>(), y.View<double>(), rows, columns, diagonal, side);
                break;
            case DType.Int32:
                Indexing.Triangle(x.Device, lines, x.View<int>(), y.View<int>(), rows, columns, diagonal, side);
                break;
            case DType.Int64:
                Indexing.Triangle(x.Device, lines, x.View<long>(), y.View<long>(), rows, columns, diagonal, side);
                break;
            default: throw Map.Unsupported(Name, x.DType);
        }

        GC.KeepAlive(x);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [new TriangleOp(diagonal, lower).Apply(g)];

    private static OpExample Example(string label, Shape shape, int diagonal, bool lower) =>
        new(label, t => lower ? t[0].Tril(diagonal) : t[0].Triu(diagonal), OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object> { ["diagonal"] = diagonal, ["lower"] = lower },
        };
}
