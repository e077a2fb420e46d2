namespace MomentumCore.Engine;

/// <summary>One function at one point, evaluated with and without history: what backward says, and differences.</summary>
internal sealed class DerivativeCheck(Func<Tensor[], Tensor> f, IReadOnlyList<Tensor> inputs, double step)
{
    /// <summary>What to do where the function is not a number.</summary>
    public const string Hint =
        " The function is not defined there: choose inputs inside of its domain (in Kernel.Check with low and high).";

    private readonly double[]?[] _values =
        [.. inputs.Select(x => x.DType.IsInteger() ? null : x.Detach().To(DType.Float64).ToArray<double>())];

    private double[] _weights = [];

    /// <summary>The derivatives of L that backward computes; zeros for inputs without influence.</summary>
    public Tensor[] Backward()
    {
        var point = Point();
        var output = f(point);
        if (output.DType != DType.Float64)
        {
            throw new DTypeException(
                $"Gradients.Check: f returned {output.DType}; it has to compute in the Float64 of its inputs.");
        }

        var random = new Random(output.Count);
        double Weight() => (random.Next(2) == 0 ? -1 : 1) * (0.5 + random.NextDouble());
        _weights = [.. Enumerable.Range(0, output.Count).Select(_ => Weight())];
        RequireFinite(output);
        double once = Weighted(output), again = Loss();
        if (once != again)
        {
            throw new GradientException(
                $"Gradients.Check: f gives different results for the same inputs ({once:R} and {again:R}); " +
                "fix its randomness first.");
        }

        int[] floats = [.. Enumerable.Range(0, point.Length).Where(i => point[i].RequiresGradient)];
        var seed = Tensor.From(_weights, output.Shape, output.Device);
        var found = Gradients.Of([output], [.. floats.Select(i => point[i])], [seed], allowUnused: true);
        var gradients = new Tensor[point.Length];
        for (int k = 0; k < floats.Length; k++)
            gradients[floats[k]] = found[k];
        return gradients;
    }

    /// <summary>The derivatives of L with respect to one input, by moving one element at a time.</summary>
    public double[] Differences(int input)
    {
        double[] values = _values[input]!;
        var differences = new double[values.Length];
        for (int k = 0; k < values.Length; k++)
        {
            double value = values[k];
            values[k] = value + step;
            double up = Loss();
            values[k] = value - step;
            double down = Loss();
            values[k] = value;
            // The steps as they came out after rounding.
            differences[k] = (up - down) / (value + step - (value - step));
        }

        return differences;
    }

    /// <summary>
    /// The derivative of L along directions, which lie beside the inputs: null for one that does not move.
    /// </summary>
    /// <remarks>
    /// The differences of all elements are added up, not the sums subtracted: elements that do not move add nothing.
    /// </remarks>
    public double Along(double[]?[] directions, double h)
    {
        double[] up = Moved(directions, h), down = Moved(directions, -h);
        double sum = 0;
        for (int k = 0; k < up.Length; k++)
            sum += (up[k] - down[k]) * _weights[k];
        return sum / (2 * h);
    }

    private static void RequireFinite(Tensor output)
    {
        double[] values = output.ToArray<double>();
        int at = Array.FindIndex(values, v => !double.IsFinite(v));
        if (at < 0)
            return;
        string place = output.Shape.Rank == 0 ? "" : $" element [{string.Join(", ", Indices.Place(at, output.Shape))}]";
        throw new GradientException(
            $"Gradients.Check: the result{place} is {values[at]}, of which no difference can be taken.{Hint}");
    }

    private double[] Moved(double[]?[] directions, double h)
    {
        using var scope = TensorScope.Begin();
        // Recorded, for functions that differentiate inside.
        return f(Point(directions, h)).ToArray<double>();
    }

    private double Loss()
    {
        using var scope = TensorScope.Begin();
        // Recorded, for functions that differentiate inside.
        return Weighted(f(Point()));
    }

    private double Weighted(Tensor output)
    {
        double[] values = output.ToArray<double>();
        double sum = 0;
        for (int k = 0; k < values.Length; k++)
            sum += values[k] * _weights[k];
        return sum;
    }

    private Tensor[] Point(double[]?[]? directions = null, double h = 0)
    {
        var point = new Tensor[inputs.Count];
        for (int i = 0; i < point.Length; i++)
        {
            point[i] = inputs[i];
            if (_values[i] is not { } values)
                continue;
            if (directions?[i] is { } direction)
                values = [.. values.Zip(direction, (value, u) => value + (h * u))];
            point[i] = Tensor.From(values, inputs[i].Shape, inputs[i].Device);
            point[i].RequiresGradient = true;
        }

        return point;
    }
}
