namespace MomentumCore.Engine;

/// <summary>Derivatives checked against differences, for operations of one's own.</summary>
public static partial class Gradients
{
    /// <summary>
    /// Compares what backward computes for <paramref name="f"/> with central differences
    /// (L(x + h) − L(x − h)) / 2h, in double. L weighs the elements of the result with fixed random numbers, so that
    /// one
    /// pass checks the whole Jacobian.
    /// </summary>
    /// <param name="f">From inputs to one result in Float64; it must depend on nothing else that changes.</param>
    /// <param name="inputs">
    /// Where to check. Floats are converted to Float64 copies; integers are passed on as they are. Keep away from
    /// kinks,
    /// such as relu at 0: differences say nothing there.
    /// </param>
    /// <param name="step">h; the error of the differences grows with h² and with rounding / h.</param>
    /// <param name="relativeTolerance">Allowed difference as a part of the larger of both values.</param>
    /// <param name="absoluteTolerance">Allowed difference near zero.</param>
    /// <exception cref="GradientException">
    /// The derivative is wrong: the message names the input, the element, both values. Or <paramref name="f"/> gives
    /// different results for the same inputs, or a result without history.
    /// </exception>
    /// <exception cref="DTypeException">The result is not Float64.</exception>
    /// <remarks>
    /// To check a second derivative, check a function that returns the first:
    /// <c>t => Gradients.Of([F(t[0])], [t[0]], createGraph: true)[0]</c>, with F(x) a single element.
    /// </remarks>
    /// <example><code>Gradients.Check(t => new Cube().Apply(t[0]), [Tensor.From(1.0, -2.0)]);</code></example>
    public static void Check(
        Func<Tensor[], Tensor> f,
        IReadOnlyList<Tensor> inputs,
        double step = 1e-5,
        double relativeTolerance = 1e-5,
        double absoluteTolerance = 1e-7)
    {
        ArgumentNullException.ThrowIfNull(f);
        ArgumentNullException.ThrowIfNull(inputs);
        if (!(step > 0))
            throw new ArgumentOutOfRangeException(nameof(step), step, "Gradients.Check: the step must be above 0.");
        using var scope = TensorScope.Begin();
        var check = new DerivativeCheck(f, inputs, step);
        Tensor[] gradients = check.Backward();
        for (int i = 0; i < inputs.Count; i++)
        {
            if (inputs[i].DType.IsInteger())
                continue;
            double[] got = gradients[i].ToArray<double>();
            double[] want = check.Differences(i);
            Compare(i, inputs[i].Shape, got, want, (a, b) =>
                absoluteTolerance + (relativeTolerance * Math.Max(Math.Abs(a), Math.Abs(b))));
        }
    }

    private static void Compare(
        int input, Shape shape, double[] got, double[] want, Func<double, double, double> allowed)
    {
        int worst = -1, wrong = 0;
        double worstExcess = 0;
        for (int k = 0; k < got.Length; k++)
        {
            double excess = Math.Abs(got[k] - want[k]) / allowed(got[k], want[k]);
            if (excess <= 1)
                continue;
            wrong++;
            // NaN is the worst of all.
            if (worst < 0 || double.IsNaN(excess) || excess > worstExcess)
                (worst, worstExcess) = (k, excess);
        }

        if (worst < 0)
            return;
        string place = shape.Rank == 0 ? "" : $", element [{string.Join(", ", Indices.Place(worst, shape))}]";
        throw new GradientException(
            $"Gradients.Check: the derivative for input {input} (shape {shape}) is wrong at {wrong} of {got.Length} " +
            $"elements. Worst is input {input}{place}: backward gives {got[worst]:G9}, " +
            $"central differences give {want[worst]:G9}.");
    }

    /// <summary>One function at one point, evaluated with and without history.</summary>
    private sealed class DerivativeCheck(Func<Tensor[], Tensor> f, IReadOnlyList<Tensor> inputs, double step)
    {
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
            double once = Weighted(output), again = Loss();
            if (once != again && !(double.IsNaN(once) && double.IsNaN(again)))
            {
                throw new GradientException(
                    $"Gradients.Check: f gives different results for the same inputs ({once:R} and {again:R}); " +
                    "fix its randomness first.");
            }

            int[] floats = [.. Enumerable.Range(0, point.Length).Where(i => point[i].RequiresGradient)];
            var seed = Tensor.From(_weights, output.Shape, output.Device);
            var found = Of([output], [.. floats.Select(i => point[i])], [seed], allowUnused: true);
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

        private Tensor[] Point()
        {
            var point = new Tensor[inputs.Count];
            for (int i = 0; i < point.Length; i++)
            {
                point[i] = inputs[i];
                if (_values[i] is not { } values)
                    continue;
                point[i] = Tensor.From(values, inputs[i].Shape, inputs[i].Device);
                point[i].RequiresGradient = true;
            }

            return point;
        }
    }
}
