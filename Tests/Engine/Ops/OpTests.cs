using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops;

/// <summary>What every operation must do, checked for all of them through one body.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
internal sealed class OpTests
{
    private static readonly DType[] FloatTypes = [DType.Float32, DType.Float64];

    private static IEnumerable<TestCaseData> ValueCases() =>
        from test in OpCase.All
        from device in DeviceViews.AllDevices
        from dtype in FloatTypes
        select new TestCaseData(test, dtype, device).SetArgDisplayNames(test.ToString(), dtype.ToString(), device.Name);

    private static IEnumerable<TestCaseData> DerivativeCases() =>
        from test in OpCase.Differentiable
        from device in DeviceViews.AllDevices
        // The emulator takes its time, and differences ask for the value twice for each input element.
        where device != Device.Emulator || test.Values().Sum(v => v.Length) <= 50
        select new TestCaseData(test, device).SetArgDisplayNames(test.ToString(), device.Name);

    [TestCaseSource(typeof(OpCase), nameof(OpCase.AllOps))]
    public void Every_op_lists_examples_and_has_a_reference(Type op)
    {
        Assert.That(op.IsAssignableTo(typeof(IOpExamples)), Is.True, $"{op.Name} lists no examples");
        Assert.That(ReferenceAttribute.Has(op.Name[..^2]), Is.True, $"{op.Name} has no naive reference in the tests");
        Assert.That(OpCase.All.Count(c => c.Op == op), Is.GreaterThan(0));
    }

    [TestCaseSource(nameof(ValueCases))]
    public void Value_equals_the_naive_reference(OpCase test, DType dtype, Device device)
    {
        using var scope = TensorScope.Begin();
        double[][] values = test.Values();
        if (dtype == DType.Float32)
            values = [.. values.Select(v => v.Select(x => (double)(float)x).ToArray())];
        var expected = ReferenceAttribute.Compute(test, values);

        var actual = test.Example.Call(test.Inputs(values, dtype, device));
        var strided = test.Example.Call(test.Inputs(values, dtype, device, contiguous: false));

        Assert.That(actual.Shape.ToArray(), Is.EqualTo(expected.Shape));
        Assert.That(strided.Shape.ToArray(), Is.EqualTo(expected.Shape));
        double tolerance = dtype == DType.Float32 ? 2e-5 : 1e-11;
        TestTensors.AssertClose(actual.Values(), expected.Data, tolerance, tolerance, test.ToString());
        TestTensors.AssertClose(strided.Values(), expected.Data, tolerance, tolerance, $"{test}, not contiguous");
    }

    [TestCaseSource(nameof(DerivativeCases))]
    public void Derivative_equals_central_differences(OpCase test, Device device)
    {
        using var scope = TensorScope.Begin();
        double[][] values = test.Values();
        double[] weights = Weights(test, values, device);
        var inputs = test.Inputs(values, DType.Float64, device);
        foreach (var input in FloatInputs(test, inputs))
            input.RequiresGradient = true;

        var output = test.Example.Call(inputs);
        var gradients = Gradients.Of(
            [output], [.. FloatInputs(test, inputs)], [TestTensors.Make(weights, output.Shape, DType.Float64, device)], allowUnused: true);

        int next = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (test.Example.Inputs[i].IsIndex)
                continue;
            var gradient = gradients[next++];
            Assert.That(gradient.Shape, Is.EqualTo(inputs[i].Shape));
            double[] expected = Differences(values, i, v => Weighted(test, v, weights, device));
            TestTensors.AssertClose(gradient.Values(), expected, 1e-5, 1e-6, $"{test}, input {i}");
        }
    }

    [TestCaseSource(nameof(DerivativeCases))]
    public void Second_derivative_equals_central_differences_or_is_refused(OpCase test, Device device)
    {
        using var scope = TensorScope.Begin();
        double[][] values = test.Values();
        double[] weights = Weights(test, values, device);
        double[][] directions = Directions(test, values);
        try
        {
            var inputs = test.Inputs(values, DType.Float64, device);
            var wanted = FloatInputs(test, inputs).ToArray();
            foreach (var input in wanted)
                input.RequiresGradient = true;
            var slope = Slope(test, inputs, weights, directions, device, createGraph: true);
            if (!slope.RequiresGradient)
                return; // linear: the derivative does not depend on the inputs
            var second = Gradients.Of([slope], wanted, allowUnused: true);
            int next = 0;
            for (int i = 0; i < inputs.Length; i++)
            {
                if (test.Example.Inputs[i].IsIndex)
                    continue;
                double[] expected = Differences(values, i, v =>
                {
                    using var inner = TensorScope.Begin();
                    var moved = test.Inputs(v, DType.Float64, device);
                    foreach (var input in FloatInputs(test, moved))
                        input.RequiresGradient = true;
                    return Slope(test, moved, weights, directions, device, createGraph: false).Item();
                });
                TestTensors.AssertClose(second[next++].Values(), expected, 1e-5, 1e-6, $"{test}, second derivative, input {i}");
            }
        }
        catch (GradientException refusal) when (refusal.Message.Contains("second derivative"))
        {
            Assert.That(refusal.Message, Does.Contain(test.Name.Replace("Backward", "")).IgnoreCase);
        }
    }

    [TestCaseSource(nameof(ValueCases))]
    public void Inside_a_worker_it_gives_the_same_bits(OpCase test, DType dtype, Device device)
    {
        if (device is not CpuDevice cpu)
            return;
        using var scope = TensorScope.Begin();
        double[][] values = test.Values();
        double[] outside = test.Example.Call(test.Inputs(values, dtype, device)).Values();
        var inside = new double[3][];

        cpu.RunTiles(3, tile =>
        {
            using var inner = TensorScope.Begin();
            inside[tile] = test.Example.Call(test.Inputs(values, dtype, device)).Values();
        });

        Assert.That(inside, Is.All.EqualTo(outside));
    }

    [TestCaseSource(nameof(ValueCases))]
    public void Every_device_gives_the_bits_of_the_CPU(OpCase test, DType dtype, Device device)
    {
        if (device is CpuDevice || HasTwin(test.Name))
            return;
        using var scope = TensorScope.Begin();
        double[][] values = test.Values();
        double[] here = test.Example.Call(test.Inputs(values, dtype, Device.Cpu)).Values();
        double[] there = test.Example.Call(test.Inputs(values, dtype, device)).Values();
        Assert.That(there, Is.EqualTo(here));
    }

    /// <summary>Matrix products, convolutions and what is made of them have a CPU form that fuses multiply and add.</summary>
    private static bool HasTwin(string op) =>
        op.Contains("MatMul", StringComparison.Ordinal) || op.Contains("Linear", StringComparison.Ordinal)
        || op.Contains("Conv", StringComparison.Ordinal) || op is "Dot" or "Attention";

    private static IEnumerable<Tensor> FloatInputs(OpCase test, Tensor[] inputs) =>
        inputs.Where((_, i) => !test.Example.Inputs[i].IsIndex);

    private static double[] Weights(OpCase test, double[][] values, Device device)
    {
        int count = test.Example.Call(test.Inputs(values, DType.Float64, device)).Count;
        var random = new Random(count + 1);
        return [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextDouble()) - 1)];
    }

    private static double[][] Directions(OpCase test, double[][] values)
    {
        var random = new Random(7);
        return [.. test.Example.Inputs.Select((input, i) => values[i].Select(_ => (2 * random.NextDouble()) - 1).ToArray())];
    }

    private static double Weighted(OpCase test, double[][] values, double[] weights, Device device)
    {
        using var inner = TensorScope.Begin();
        double[] y = test.Example.Call(test.Inputs(values, DType.Float64, device)).Values();
        return y.Zip(weights, (a, b) => a * b).Sum();
    }

    /// <summary>The derivative of Σ weights · f in fixed directions.</summary>
    private static Tensor Slope(OpCase test, Tensor[] inputs, double[] weights, double[][] directions, Device device, bool createGraph)
    {
        var wanted = FloatInputs(test, inputs).ToArray();
        var output = test.Example.Call(inputs);
        var gradients = Gradients.Of(
            [output], wanted, [TestTensors.Make(weights, output.Shape, DType.Float64, device)], createGraph, allowUnused: true);
        Tensor sum = Tensor.Scalar(0, DType.Float64, device);
        int next = 0;
        for (int i = 0; i < inputs.Length; i++)
        {
            if (!test.Example.Inputs[i].IsIndex)
                sum += (gradients[next++] * TestTensors.Make(directions[i], inputs[i].Shape, DType.Float64, device)).Sum();
        }

        return sum;
    }

    private static double[] Differences(double[][] values, int input, Func<double[][], double> f)
    {
        const double Step = 1e-5;
        var result = new double[values[input].Length];
        for (int k = 0; k < result.Length; k++)
        {
            double[][] up = [.. values.Select(v => (double[])v.Clone())];
            double[][] down = [.. values.Select(v => (double[])v.Clone())];
            up[input][k] += Step;
            down[input][k] -= Step;
            result[k] = (f(up) - f(down)) / (2 * Step);
        }

        return result;
    }
}
