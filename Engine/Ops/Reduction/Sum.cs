using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// The sum of all elements, without axes. Adds in a fixed order: the same bits on any number of threads.
    /// </summary>
    public Tensor Sum() => Sum(AxisReduction.AllAxes(Shape));

    /// <summary>The sum along some axes.</summary>
    /// <remarks>
    /// Adds along a tree with a fixed order: the same bits on any number of threads, and a rounding error that hardly
    /// grows with the number of elements. Reads the elements where they lie, whichever axes are reduced.
    /// </remarks>
    /// <param name="axes">Which axes to add up; negative counts from the end.</param>
    /// <param name="keepAxes">Keep them with size 1.</param>
    /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
    public Tensor Sum(ReadOnlySpan<int> axes, bool keepAxes = false) =>
        new SumOp(axes.ToArray(), keepAxes).Apply(this);

    /// <inheritdoc cref="Sum(ReadOnlySpan{int}, bool)"/>
    /// <exception cref="ArgumentNullException">No axes are given; <see cref="Sum()"/> adds up all of them.</exception>
    public Tensor Sum(int[] axes, bool keepAxes = false)
    {
        ArgumentNullException.ThrowIfNull(axes);
        return Sum(axes.AsSpan(), keepAxes);
    }
}

/// <summary>y = Σ x along axes; dx = g repeated along them. Keeps nothing.</summary>
internal sealed class SumOp(int[] axes, bool keepAxes) : Op, IOpExamples
{
    private Shape _before;
    private Shape _withOnes;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("all", [4, 7], [0, 1], false),
        Example("last", [4, 7], [-1], false),
        Example("first, kept", [4, 7], [0], true),
        Example("outer two of three", [3, 2, 5], [0, 2], false),
        Example("middle of four", [2, 3, 5, 3], [1, -2], true),
        // Several blocks; the short ones check the derivative, which does not know of blocks.
        Example("long columns", [150, 37], [0], false) with { CheckDerivative = false },
        Example("long thin columns", [2100, 3], [0], false) with { CheckDerivative = false },
        Example("long rows", [2, 2100], [1], false) with { CheckDerivative = false },
        Example("one element", [1, 1], [0, 1], false),
        Example("empty axis", [3, 0], [1], false),
        Example("empty result", [3, 0], [0], false),
        Example("none", [3, 2], [], false),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        _before = x.Shape;
        var reduction = AxisReduction.Of(Name, x.Shape, axes);
        _withOnes = reduction.WithOnes;
        var y = Reduce(x, reduction);
        return keepAxes ? y.Alias(_withOnes, _withOnes.ContiguousStrides(), y.Offset) : y;
    }

    protected override Tensor?[] Backward(Tensor g) => [g.Reshape(_withOnes).Expand(_before)];

    /// <summary>The sum without history.</summary>
    public static Tensor Reduce(Tensor x, AxisReduction reduction) => x.DType switch
    {
        DType.Float32 => reduction.Run(x, 0, Blocks<float>),
        DType.Float64 => reduction.Run(x, 0, Blocks<double>),
        DType.Int32 => reduction.Run(x, 0, (t, outer, length, inner) =>
        {
            var y = t.EmptyLike([outer, inner]);
            Reduction.SumPlain(t.Device, y.Count, t.View<int>(), y.View<int>(), length, inner);
            return y;
        }),
        DType.Int64 => reduction.Run(x, 0, (t, outer, length, inner) =>
        {
            var y = t.EmptyLike([outer, inner]);
            Reduction.SumPlain(t.Device, y.Count, t.View<long>(), y.View<long>(), length, inner);
            return y;
        }),
        _ => throw Map.Unsupported("Sum", x.DType),
    };

    private static Tensor Blocks<T>(Tensor x, int outer, int length, int inner)
        where T : unmanaged, System.Numerics.INumber<T>
    {
        var y = x;
        do
        {
            int block = BlockSum.BlockRows(inner);
            int blocks = (int)(((long)length + block - 1) / block);
            var sums = x.EmptyLike([outer, blocks, inner]);
            BlockSum.Launch(x.Device, y.View<T>(), sums.View<T>(), outer, length, inner);
            if (!ReferenceEquals(y, x))
                y.Dispose();
            (y, length) = (sums, blocks);
        }
        while (length > 1);
        GC.KeepAlive(x);
        return y;
    }

    private static OpExample Example(string label, Shape shape, int[] axes, bool keep) =>
        new(label, t => t[0].Sum(axes, keep), OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object> { ["axes"] = axes, ["keepAxes"] = keep },
        };
}
