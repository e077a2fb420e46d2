namespace MomentumCore.Engine;

/// <summary>
/// Lays out a reduction along axes as passes over a gapless [outer, length, inner] without moving the elements: runs
/// of
/// neighbouring axes of one kind are merged, and each run of reduced axes is one pass.
/// </summary>
internal sealed class AxisReduction
{
    private readonly bool[] _reduced;

    private AxisReduction(Shape shape, bool[] reduced)
    {
        _reduced = reduced;
        WithOnes = Shape.Create([.. shape.Select((size, axis) => reduced[axis] ? 1 : size)]);
        Without = Shape.Create([.. shape.Where((_, axis) => !reduced[axis])]);
        Length = Shape.Create([.. shape.Where((_, axis) => reduced[axis])]).ElementCount;
    }

    /// <summary>Reduces the middle axis of a gapless x, seen as [outer, length, inner]; length is not 0.</summary>
    public delegate Tensor Pass(Tensor x, int outer, int length, int inner);

    /// <summary>The shape of the result with the reduced axes kept as 1.</summary>
    public Shape WithOnes { get; }

    /// <summary>The shape of the result without the reduced axes.</summary>
    public Shape Without { get; }

    /// <summary>How many elements fall on one of the result.</summary>
    public int Length { get; }

    /// <summary>Checks the axes.</summary>
    /// <exception cref="ShapeException">There is no such axis, or it is named twice.</exception>
    public static AxisReduction Of(string name, Shape shape, ReadOnlySpan<int> axes)
    {
        var reduced = new bool[shape.Rank];
        foreach (int axis in axes)
        {
            int a = shape.Axis(axis);
            if (reduced[a])
            {
                throw new ShapeException(
                    $"{name}: axis {axis} is named twice in [{string.Join(", ", axes.ToArray())}].");
            }

            reduced[a] = true;
        }

        return new AxisReduction(shape, reduced);
    }

    /// <summary>All axes of a shape, for reductions to a scalar.</summary>
    public static int[] AllAxes(Shape shape) => [.. Enumerable.Range(0, shape.Rank)];

    /// <summary>Reduces x. The passes must not care in which order the axes are reduced.</summary>
    /// <param name="x">A tensor of the shape given to <see cref="Of"/>.</param>
    /// <param name="ofNothing">The result where there are no elements.</param>
    /// <param name="pass">Reduces one run of axes.</param>
    /// <returns>A gapless tensor of shape <see cref="Without"/> with memory of its own.</returns>
    public Tensor Run(Tensor x, double ofNothing, Pass pass)
    {
        if (Length == 0 || Without.ElementCount == 0)
            return Tensor.Full(Without, ofNothing, x.DType, x.Device);
        int[] order = MemoryOrder(ref x);
        var groups = new List<(int Size, bool Reduced)>();
        foreach (int axis in order)
        {
            if (groups.Count > 0 && groups[^1].Reduced == _reduced[axis])
                groups[^1] = (groups[^1].Size * x.Shape[axis], _reduced[axis]);
            else
                groups.Add((x.Shape[axis], _reduced[axis]));
        }

        var y = x;
        // Innermost first: that pass reads runs of memory and leaves the least for the next.
        for (int g = groups.Count - 1; g >= 0; g--)
        {
            if (!groups[g].Reduced)
                continue;
            int outer = Product(groups.Take(g));
            // What was reduced before has gone.
            int inner = Product(groups.Skip(g + 1).Where(group => !group.Reduced));
            var reduced = pass(y, outer, groups[g].Size, inner);
            if (!ReferenceEquals(y, x))
                y.Dispose();
            y = reduced;
        }

        return Arrange(ReferenceEquals(y, x) ? x.Clone() : y, order);
    }

    /// <summary>
    /// The axes (without those of size 1) as they lie in memory, outermost first; copies x when it has gaps.
    /// </summary>
    private static int[] MemoryOrder(ref Tensor x)
    {
        var t = x;
        int[] order = [.. AllAxes(t.Shape).Where(a => t.Shape[a] != 1).OrderByDescending(a => t.StrideArray[a])];
        long step = 1;
        for (int i = order.Length - 1; i >= 0; i--)
        {
            if (t.StrideArray[order[i]] != step)
            {
                x = t.Clone();
                return [.. order.Order()];
            }

            step *= t.Shape[order[i]];
        }

        return order;
    }

    private static int Product(IEnumerable<(int Size, bool Reduced)> groups) =>
        groups.Aggregate(1, (product, group) => product * group.Size);

    /// <summary>Gives the result, whose axes lie in memory order, the shape that the caller expects.</summary>
    private Tensor Arrange(Tensor y, int[] order)
    {
        int[] left = [.. order.Where(axis => !_reduced[axis])];
        int[] target = [.. left.Order()];
        if (left.SequenceEqual(target))
            return y.Alias(Without, Without.ContiguousStrides(), 0);
        var strides = new long[_reduced.Length];
        long step = 1;
        for (int i = left.Length - 1; i >= 0; i--)
        {
            strides[left[i]] = step;
            step *= WithOnes[left[i]];
        }

        using var inMemoryOrder = y.Alias(Without, [.. strides.Where((_, axis) => !_reduced[axis])], 0);
        return inMemoryOrder.Clone();
    }
}
