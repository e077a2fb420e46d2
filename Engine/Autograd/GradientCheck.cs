namespace MomentumCore.Engine;

/// <summary>Derivatives checked against differences, for operations of one's own.</summary>
public static partial class Gradients
{
    /// <summary>
    /// Compares what backward computes for <paramref name="f"/> with central differences
    /// (L(x + h) − L(x − h)) / 2h, in double. L weighs the elements of the result with fixed random numbers, so that
    /// one pass checks the whole Jacobian.
    /// </summary>
    /// <param name="f">From inputs to one result in Float64; it must depend on nothing else that changes.</param>
    /// <param name="inputs">
    /// Where to check. Floats are converted to Float64 copies; integers are passed on as they are. Keep away from
    /// kinks, such as relu at 0: differences say nothing there.
    /// </param>
    /// <param name="step">h; the error of the differences grows with h² and with rounding / h.</param>
    /// <param name="relativeTolerance">Allowed difference as a part of the larger of both values.</param>
    /// <param name="absoluteTolerance">Allowed difference near zero.</param>
    /// <exception cref="GradientException">
    /// The derivative is wrong: the message names the input, the element, both values. Or <paramref name="f"/> gives
    /// different results for the same inputs, a result that is not finite, or one without history.
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
        string hint = double.IsNaN(want[worst]) && !double.IsNaN(got[worst]) ? DerivativeCheck.Hint : "";
        throw new GradientException(
            $"Gradients.Check: the derivative for input {input} (shape {shape}) is wrong at {wrong} of {got.Length} " +
            $"elements. Worst is input {input}{place}: backward gives {got[worst]:G9}, " +
            $"central differences give {want[worst]:G9}.{hint}");
    }
}
