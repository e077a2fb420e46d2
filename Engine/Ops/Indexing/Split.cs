namespace MomentumCore.Engine;

/// <summary>
/// The parts of x along an axis, as views; dx = the gradients of the parts joined, zeros where none came. Keeps
/// nothing.
/// </summary>
internal sealed class SplitOp(int size, int axis) : Function, IOpExamples
{
    private int _parts;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("two and a rest", [5, 3], 2, 0, 0, 2),
        Example("one of three columns", [2, 3], 1, 1, 1),
        Example("everything", [4], 9, 0, 0),
        Example("of empty", [0, 2], 3, 0, 0),
    ];

    protected override Tensor[] Compute(Tensor[] inputs)
    {
        var x = inputs[0];
        int length = x.Shape[axis];
        // An empty axis still gives one (empty) part.
        _parts = Math.Max(1, (int)(((long)length + size - 1) / size));
        var parts = new Tensor[_parts];
        for (int i = 0; i < _parts; i++)
            parts[i] = SliceOp.View(x, axis, i * size, (int)Math.Min(length, ((long)i + 1) * size), 1);
        return parts;
    }

    protected override Tensor?[] Differentiate(Tensor?[] outputGradients)
    {
        var gradients = new Tensor[_parts];
        for (int i = 0; i < _parts; i++)
            gradients[i] = outputGradients[i] ?? ZeroGradient(i);
        return [Tensor.Concat(gradients, axis)];
    }

    // The test looks at one result: the chosen parts joined again.
    private static OpExample Example(string label, Shape shape, int size, int axis, params int[] chosen) =>
        new(
            label,
            t =>
            {
                var parts = t[0].Split(size, axis);
                return Tensor.Concat([.. chosen.Select(c => parts[c])], axis);
            },
            OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object> { ["size"] = size, ["axis"] = axis, ["chosen"] = chosen },
        };
}
