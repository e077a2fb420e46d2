namespace MomentumCore.Engine;

/// <summary>Implemented by every operation: the inputs on which one test checks them all.</summary>
internal interface IOpExamples
{
    /// <summary>Shapes and ranges that show what the operation does, awkward ones included.</summary>
    static abstract IEnumerable<OpExample> Examples { get; }
}

/// <summary>One call of an operation that the tests make in every element type and on every device.</summary>
/// <param name="Label">Tells this example from the operation's others, as in <c>stride 2</c>.</param>
/// <param name="Call">The call, from input tensors to the result.</param>
/// <param name="Inputs">What the inputs look like; the tests fill them with random values.</param>
internal sealed record OpExample(string Label, Func<Tensor[], Tensor> Call, params OpInput[] Inputs)
{
    /// <summary>The settings of the call, by name, for the naive reference that the result is compared with.</summary>
    public IReadOnlyDictionary<string, object> Options { get; init; } = new Dictionary<string, object>();

    /// <summary>
    /// False where the derivative cannot be compared with differences (kinks, randomness); say why in a comment.
    /// </summary>
    public bool CheckDerivative { get; init; } = true;
}

/// <summary>What an input of an example looks like.</summary>
/// <param name="Shape">Its shape.</param>
/// <param name="Fill">Makes the values: from a random source and a count.</param>
/// <param name="IsIndex">Integers, not floats; they have no derivative.</param>
internal sealed record OpInput(Shape Shape, Func<Random, int, double[]> Fill, bool IsIndex = false)
{
    /// <summary>Uniform in [low, high).</summary>
    public static OpInput Uniform(Shape shape, double low = -2, double high = 2) =>
        new(shape, (random, n) => Draw(n, () => low + ((high - low) * random.NextDouble())));

    /// <summary>Uniform in [−2, 2) but at least 0.1 away from each of the kinks.</summary>
    public static OpInput AwayFrom(Shape shape, params double[] kinks) => new(shape, (random, n) => Draw(n, () =>
    {
        double x;
        do
        {
            x = -2 + (4 * random.NextDouble());
        }
        while (kinks.Any(k => Math.Abs(x - k) < 0.1));
        return x;
    }));

    /// <summary>All different, at least 0.05 apart, in random order: for maxima and sorting.</summary>
    public static OpInput Distinct(Shape shape) => new(shape, (random, n) =>
    {
        double[] values = [.. Enumerable.Range(0, n).Select(i => (i - (n / 2)) * 0.05)];
        random.Shuffle(values);
        return values;
    });

    /// <summary>Integers from 0 up to, not including, <paramref name="below"/>.</summary>
    public static OpInput Index(Shape shape, int below) =>
        new(shape, (random, n) => Draw(n, () => random.Next(below)), IsIndex: true);

    private static double[] Draw(int n, Func<double> next) => [.. Enumerable.Range(0, n).Select(_ => next())];
}
