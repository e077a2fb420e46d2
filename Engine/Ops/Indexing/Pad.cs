namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>This tensor with a border of one value.</summary>
    /// <param name="amounts">
    /// How many elements to add before and after, one pair for each of the last axes, outermost first:
    /// <c>x.Pad([(1, 1), (2, 2)])</c> adds a row above and below and two columns left and right.
    /// </param>
    /// <param name="value">What the border holds.</param>
    /// <exception cref="ShapeException">There are more pairs than axes, or an amount is negative.</exception>
    public Tensor Pad(ReadOnlySpan<(int Before, int After)> amounts, double value = 0)
    {
        if (amounts.Length > Rank)
        {
            throw new ShapeException(
                $"Pad: got {amounts.Length} pairs for shape {Shape}; " +
                $"pass at most one pair for each of its {Rank} axes.");
        }

        foreach (var (before, after) in amounts)
        {
            if (before < 0 || after < 0)
            {
                throw new ShapeException(
                    $"Pad: amounts must be 0 or more; got ({before}, {after}). Slice takes elements away.");
            }
        }

        return new PadOp(amounts.ToArray(), value).Apply(this);
    }
}

/// <summary>y = x inside a border; dx = the inside of g. Keeps nothing.</summary>
internal sealed class PadOp((int Before, int After)[] amounts, double value) : Op, IOpExamples
{
    private Shape _before;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("image", [2, 1, 3, 4], 0, (1, 1), (2, 0)),
        Example("rows by a value", [3, 2], -1.5, (0, 2), (1, 0)),
        Example("nothing", [3], 0, (0, 0)),
        Example("empty", [0, 2], 3, (1, 1), (0, 0)),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        _before = x.Shape;
        int first = x.Rank - amounts.Length;
        int[] sizes = [.. x.Shape];
        for (int i = 0; i < amounts.Length; i++)
        {
            long size = (long)sizes[first + i] + amounts[i].Before + amounts[i].After;
            if (size > int.MaxValue)
                throw new ShapeException(
                    $"Pad: axis {first + i} would grow to {size:N0}; the most is {int.MaxValue:N0}.");
            sizes[first + i] = (int)size;
        }

        var y = Tensor.Full(sizes, value, x.DType, x.Device);
        var inside = y;
        for (int i = 0; i < amounts.Length; i++)
            inside = SliceOp.View(inside, first + i, amounts[i].Before, amounts[i].Before + x.Shape[first + i], 1);
        Tensor.CopyElements(x, inside);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        int first = _before.Rank - amounts.Length;
        var inside = g;
        for (int i = 0; i < amounts.Length; i++)
            inside = inside.Slice(first + i, amounts[i].Before, amounts[i].Before + _before[first + i]);
        return [inside];
    }

    private static OpExample Example(
        string label, Shape shape, double value, params (int Before, int After)[] amounts) =>
        new(label, t => t[0].Pad(amounts, value), OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object> { ["amounts"] = amounts, ["value"] = value },
        };
}
