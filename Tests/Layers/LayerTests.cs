using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers;

/// <summary>What every layer must do, checked for all of them through one body.</summary>
[TestFixture]
[Parallelizable(ParallelScope.All)]
internal sealed class LayerTests
{
    [TestCaseSource(typeof(LayerCase), nameof(LayerCase.All))]
    public void The_output_has_the_documented_shape_and_is_finite(LayerCase test)
    {
        using var scope = TensorScope.Begin();
        using var layer = test.Make();
        foreach (bool training in (bool[])[true, false])
        {
            var y = layer.Train(training).Call(Input(test, DType.Float32));
            Assert.That(y.Shape.ToArray(), Is.EqualTo(test.Output));
            Assert.That(y.Values().All(double.IsFinite), Is.True);
        }
    }

    [TestCaseSource(typeof(LayerCase), nameof(LayerCase.All))]
    public void State_has_the_names_and_shapes_of_PyTorch(LayerCase test)
    {
        using var scope = TensorScope.Begin();
        using var layer = test.Make();
        Assert.That(string.Join(' ', layer.StateDict().Select(s => $"{s.Key}{s.Value.Shape}")), Is.EqualTo(test.State));
    }

    [TestCaseSource(typeof(LayerCase), nameof(LayerCase.All))]
    public void The_printed_form_shows_the_settings(LayerCase test)
    {
        using var layer = test.Make();
        Assert.That(layer.ToString(), Is.EqualTo(test.Printed));
    }

    [TestCaseSource(typeof(LayerCase), nameof(LayerCase.All))]
    public void Gradients_of_input_and_parameters_equal_central_differences(LayerCase test)
    {
        using var scope = TensorScope.Begin();
        using var layer = test.Make().Double();
        var x = Input(test, DType.Float64);
        x.RequiresGradient = true;
        Loss(layer, x).Backward();

        foreach (var (name, tensor) in layer.NamedParameters().Select(p => (p.Name, Tensor: (Tensor)p.Parameter)).Append(("input", x)))
        {
            Assert.That(tensor.Gradient, Is.Not.Null, $"{name} gets a gradient");
            double[] gradient = tensor.Gradient!.Values();
            // A few elements are enough to see that the right op got the right tensor: the ops have their own tests.
            for (int i = 0; i < tensor.Count; i += Math.Max(1, tensor.Count / 5))
            {
                double difference = (At(layer, x, tensor, i, 1e-5) - At(layer, x, tensor, i, -1e-5)) / 2e-5;
                Assert.That(
                    gradient[i], Is.EqualTo(difference).Within(1e-6 + (1e-5 * Math.Abs(difference))), $"{name}[{i}]");
            }
        }
    }

    [TestCaseSource(typeof(LayerCase), nameof(LayerCase.All))]
    public void A_call_leaves_nothing_behind_but_its_result(LayerCase test)
    {
        var device = new CpuDevice(1);
        using var layer = test.Make().To(device);
        using var x = Input(test, DType.Float32, device);
        using var noGrad = NoGrad.Begin();
        long before = device.Memory.LiveBytes;
        var y = layer.Call(x);
        // A view such as Flatten's lives on the input's memory.
        Assert.That(device.Memory.LiveBytes - before, Is.LessThanOrEqualTo(Math.Max(1, y.Count) * 4));
        if (!ReferenceEquals(x, y))
            y.Dispose();
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
    }

    private static Tensor Input(LayerCase test, DType dtype, Device? device = null)
    {
        // Distinct values 0.03 apart and away from 0: differences do not cross a kink or change a maximum.
        int count = test.Input.Aggregate(1, (a, b) => a * b);
        double[] values = [.. Enumerable.Range(0, count).Select(i => ((i - (count / 2)) * 0.03) + 0.015)];
        new Random(5).Shuffle(values);
        return TestTensors.Make(values, test.Input, dtype, device);
    }

    private static Tensor Loss(Module layer, Tensor x)
    {
        // The same dropout mask every time.
        using var random = RandomSource.Use(new RandomSource(3));
        var y = layer.Call(x);
        double[] weights = [.. Enumerable.Range(0, y.Count).Select(i => Math.Sin(1 + (1.7 * i)))];
        return (y * Tensor.From(weights, y.Shape)).Sum();
    }

    private static double At(Module layer, Tensor x, Tensor changed, int element, double step)
    {
        using var scope = TensorScope.Begin();
        using var noGrad = NoGrad.Begin();
        var before = changed.Clone();
        double[] values = changed.Values();
        values[element] += step;
        changed.CopyFrom(Tensor.From(values, changed.Shape));
        double loss = Loss(layer, x).Item();
        changed.CopyFrom(before);
        return loss;
    }
}
