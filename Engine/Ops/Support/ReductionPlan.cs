namespace MomentumCore.Engine;

/// <summary>How a reduction along axes is laid out: the reduced axes last, so that each result reads one run.</summary>
internal sealed record ReductionPlan(Shape WithOnes, Shape Without, int[] Order, int Outputs, int Reduced)
{
    public static ReductionPlan For(string name, Tensor x, int[] axes)
    {
        var reduced = new bool[x.Rank];
        foreach (int axis in axes)
        {
            int a = x.Shape.Axis(axis);
            if (reduced[a])
                throw new ShapeException($"{name}: axis {axis} is named twice in [{string.Join(", ", axes)}].");
            reduced[a] = true;
        }

        int[] ones = [.. x.Shape.Select((size, axis) => reduced[axis] ? 1 : size)];
        int[] left = [.. x.Shape.Where((_, axis) => !reduced[axis])];
        int[] order = [.. Enumerable.Range(0, x.Rank).OrderBy(axis => reduced[axis])];
        var without = Shape.Create(left);
        return new ReductionPlan(ones, without, order, without.ElementCount, Shape.Create([.. x.Shape.Where((_, a) => reduced[a])]).ElementCount);
    }

    /// <summary>The tensor with the reduced axes last, gapless: [Outputs, Reduced].</summary>
    public Tensor Arrange(Tensor x)
    {
        var moved = x.Alias(
            Shape.Create([.. Order.Select(a => x.Shape[a])]), [.. Order.Select(a => x.StrideArray[a])], x.Offset);
        return moved.Contiguous();
    }
}
