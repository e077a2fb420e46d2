namespace MomentumCore.Engine;

/// <summary>
/// Derivatives of functions of many elements against differences along directions: ⟨g, u⟩ and
/// (L(x + hu) − L(x − hu)) / 2h, where moving every element by itself would take too long.
/// </summary>
/// <remarks>
/// A direction moves all elements at once, or those where kernels go wrong: the first, the last, the last group and a few
/// in between. One that does not agree is halved until the element is found.
/// </remarks>
internal sealed class DirectionCheck
{
    private const int DenseDirections = 3;
    private const int SingleElements = 3;
    private const int Group = 64;
    private const double RelativeTolerance = 1e-5;
    private const double AbsoluteTolerance = 1e-7;

    // Smaller ones too: among many elements one may lie within a step of a kink, where a difference says nothing.
    private static readonly double[] Steps = [1e-5, 1e-6, 1e-7, 1e-8, 1e-9];

    private readonly DerivativeCheck _check;
    private readonly IReadOnlyList<Tensor> _inputs;
    private readonly double[]?[] _gradients;
    private readonly Random _random;

    private DirectionCheck(Func<Tensor[], Tensor> f, IReadOnlyList<Tensor> inputs)
    {
        _check = new DerivativeCheck(f, inputs, Steps[0]);
        _inputs = inputs;
        _gradients = [.. _check.Backward().Select((g, i) => inputs[i].DType.IsInteger() ? null : g.ToArray<double>())];
        _random = new Random(inputs.Sum(x => x.Count));
    }

    /// <summary>Compares along a few dozen directions, always the same.</summary>
    /// <exception cref="GradientException">A derivative is wrong; the message names an element and both values.</exception>
    public static void Run(Func<Tensor[], Tensor> f, IReadOnlyList<Tensor> inputs)
    {
        using var scope = TensorScope.Begin();
        var check = new DirectionCheck(f, inputs);
        for (int i = 0; i < inputs.Count; i++)
        {
            if (check._gradients[i] != null && inputs[i].Count > 0)
                check.Run(i);
        }
    }

    private void Run(int input)
    {
        int count = _inputs[input].Count;
        var ranges = new List<(int From, int To)> { (0, 1), (count - 1, count), ((count - 1) / Group * Group, count) };
        for (int k = 0; k < SingleElements; k++)
            ranges.Add(_random.Next(count) is var at ? (at, at + 1) : default);
        for (int k = 0; k < DenseDirections; k++)
            ranges.Add((0, count));
        foreach (var (from, to) in ranges)
        {
            double[] u = [.. Enumerable.Range(0, count).Select(_ => (_random.Next(2) == 0 ? -1 : 1) * (0.5 + _random.NextDouble()))];
            if (!Agrees(input, u, from, to, out _, out _))
                throw Wrong(input, u, from, to);
        }
    }

    private bool Agrees(int input, double[] u, int from, int to, out double got, out double want)
    {
        double[] g = _gradients[input]!;
        double square = 0;
        got = want = 0;
        for (int k = from; k < to; k++)
        {
            got += g[k] * u[k];
            square += g[k] * u[k] * g[k] * u[k];
        }

        var directions = new double[]?[_inputs.Count];
        double[] direction = directions[input] = new double[u.Length];
        Array.Copy(u, from, direction, from, to - from);
        foreach (double h in Steps)
        {
            want = _check.Along(directions, h);
            // A sum of many has the rounding of its terms, however small it is itself.
            double allowed = AbsoluteTolerance + (RelativeTolerance * Math.Max(Math.Sqrt(square), Math.Abs(want)));
            if (Math.Abs(got - want) <= allowed)
                return true;
        }

        return false;
    }

    private GradientException Wrong(int input, double[] u, int from, int to)
    {
        Agrees(input, u, from, to, out double got, out double want);
        while (to - from > 1)
        {
            int middle = from + ((to - from) / 2);
            if (!Agrees(input, u, from, middle, out double left, out double leftWant))
                (to, got, want) = (middle, left, leftWant);
            else if (!Agrees(input, u, middle, to, out double right, out double rightWant))
                (from, got, want) = (middle, right, rightWant);
            else
                break;
        }

        var shape = _inputs[input].Shape;
        string Place(int k) => $"[{string.Join(", ", Indices.Place(k, shape))}]";
        string hint = double.IsNaN(want) && !double.IsNaN(got) ? DerivativeCheck.Hint : "";
        string where = to - from == 1
            ? $"at element {Place(from)} (there may be more): backward gives {got / u[from]:G9}, central differences give " +
                $"{want / u[from]:G9}."
            : $"along a direction over the elements {Place(from)} to {Place(to - 1)}: backward gives {got:G9}, central " +
                $"differences give {want:G9}.";
        return new GradientException($"Gradients.Check: the derivative for input {input} (shape {shape}) is wrong {where}{hint}");
    }
}
