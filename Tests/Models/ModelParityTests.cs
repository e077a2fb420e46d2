using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Models;

/// <summary>
/// Models hold and compute what PyTorch's, torchvision's and momentumnet's do: names, outputs, gradients, running
/// statistics, one step of training.
/// </summary>
[TestFixture]
internal sealed class ModelParityTests
{
    private static IEnumerable<TestCaseData> Cases() =>
        from node in Fixture.Cases("models.json")
        where node!["output"] != null
        let name = (string)node!["name"]!
        from mode in ModelCases.Modes(node)
        from dtype in new[] { DType.Float64, DType.Float32 }
        select new TestCaseData(node, mode, dtype).SetArgDisplayNames(name, mode.ToString(), dtype.ToString());

    private static IEnumerable<TestCaseData> States() =>
        from node in Fixture.Cases("models.json")
        where node!["parameterCount"] != null && node["layers"] == null
        select new TestCaseData(node).SetArgDisplayNames((string)node!["name"]!);

    private static IEnumerable<TestCaseData> VisionStates() =>
        from node in Fixture.Cases("models.json")
        where node!["layers"] != null
        select new TestCaseData(node).SetArgDisplayNames((string)node!["name"]!);

    [TestCaseSource(nameof(Cases))]
    public void A_model_computes_and_learns_what_it_does_in_PyTorch(JsonNode test, MemoryMode mode, DType dtype) =>
        Check(test, mode, dtype, Device.Cpu);

    [TestCaseSource(nameof(States))]
    public void A_model_of_full_size_has_the_names_and_shapes_that_it_has_in_PyTorch(JsonNode test)
    {
        using var model = ModelCases.Full((string)test["name"]!);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(model.Parameters().Sum(p => (long)p.Count), Is.EqualTo((long)test["parameterCount"]!));
            AssertState(model, test);
        }
    }

    /// <summary>Made with one layer, and listed with as many as it has: ViT-H/14 takes 2.5 GB.</summary>
    [TestCaseSource(nameof(VisionStates))]
    public void A_vision_Transformer_of_full_size_has_the_names_and_shapes_that_it_has_in_torchvision(JsonNode test)
    {
        var options = ModelCases.FullVision((string)test["name"]!);
        Assert.That(options.Layers, Is.EqualTo((int)test["layers"]!));
        using var model = new VisionTransformer(options with { Layers = 1 });
        (string Name, Shape Shape)[] one = [.. model.StateDict().Select(t => (t.Key, t.Value.Shape))];
        const string first = "encoder_layer_0.";
        var layer = one.Where(t => t.Name.Contains(first, StringComparison.Ordinal)).ToList();
        int at = Array.IndexOf(one, layer[0]);
        var state = one[..at]
            .Concat(Enumerable.Range(0, options.Layers).SelectMany(i => layer.Select(
                t => (Name: t.Name.Replace(first, $"encoder_layer_{i}.", StringComparison.Ordinal), t.Shape))))
            .Concat(one[(at + layer.Count)..]).ToList();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(state.Sum(t => (long)t.Shape.ElementCount), Is.EqualTo((long)test["parameterCount"]!));
            AssertState(state, test);
        }
    }

    internal static void Check(JsonNode test, MemoryMode mode, DType dtype, Device device)
    {
        using var scope = TensorScope.Begin();
        using var model = ModelCases.Make((string)test["name"]!, mode);
        model.To(dtype).Train((bool)test["train"]!);
        AssertState(model, test);
        ModelCases.Fill(model, (double)test["branches"]!);
        model.To(device);
        Tensor[] inputs =
            [.. test["inputs"]!.AsArray().Select((shape, i) => ModelCases.Input(shape!, i, dtype, device))];
        using var optimizer = new Sgd(model.Parameters(), 0.05, momentum: 0.9, weightDecay: 5e-4);
        int classes = (int)test["classes"]!;
        var (forward, backward) = Tolerances(test, mode, dtype);

        var output = TransformerCases.Call((string)test["name"]!, model, inputs);
        var loss = Loss(output, classes);
        loss.Backward();

        AssertOutput(output, test["output"]!, forward);
        double expectedLoss = (double)test["loss"]!;
        Assert.That(
            loss.Item(), Is.EqualTo(expectedLoss).Within(forward * Math.Max(1, Math.Abs(expectedLoss))), "loss");
        AssertSummaries(
            inputs.Select((x, i) => ($"gradient of input {i}", x.Gradient!)), test["inputGradients"]!, backward);
        AssertSummaries(
            model.NamedParameters().Select(p => ($"gradient of {p.Name}", p.Parameter.Gradient!)),
            test["gradients"]!,
            backward);
        AssertSummaries(model.NamedBuffers(), test["buffers"]!, forward);

        optimizer.Step();
        // A step along gradients that are off by percents ends elsewhere, at another loss.
        if (backward > 0.05)
            return;
        using var noGrad = NoGrad.Begin();
        double after = Loss(TransformerCases.Call((string)test["name"]!, model, inputs), classes).Item();
        double expected = (double)test["lossAfterStep"]!;
        Assert.That(
            after, Is.EqualTo(expected).Within(backward * Math.Max(1, Math.Abs(expected))), "loss after a step");
    }

    /// <summary>How far outputs and gradients may be from PyTorch's Float64, as a share.</summary>
    private static (double Forward, double Backward) Tolerances(JsonNode test, MemoryMode mode, DType dtype)
    {
        if (dtype == DType.Float64)
            return mode == MemoryMode.Exact ? (1e-6, 1e-6) : (1e-8, 1e-8);
        // Where ReLUs lie at rounding's edge PyTorch's own Float32 is that far off; ours may be as far, and half more.
        if (test["float32Deviation"] is { } deviation)
            return (1e-3, 1.5 * (double)deviation);
        // The grid of Float32 has steps of 2⁻¹⁶, 1.5e-5: much coarser than its rounding, so that a ReLU or two lie at its
        // edge in the larger networks.
        return mode == MemoryMode.Exact ? (1e-3, 3e-2) : (1e-4, 1e-4);
    }

    private static Tensor Loss(Tensor output, int classes)
    {
        if (classes == 0)
            return output.Square().Mean();
        long[] targets = [.. Enumerable.Range(0, output.Shape[0]).Select(i => (long)(i * 3 % classes))];
        return output.CrossEntropy(Tensor.From(targets, [targets.Length], output.Device));
    }

    private static void AssertState(Module model, JsonNode test) =>
        AssertState([.. model.StateDict().Select(t => (t.Key, t.Value.Shape))], test);

    private static void AssertState(IReadOnlyList<(string Name, Shape Shape)> state, JsonNode test)
    {
        string lines = string.Join("\n", state.Select(s => $"{s.Name} {s.Shape}"));
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)))[..16];
        Assert.That(
            hash, Is.EqualTo((string)test["stateHash"]!),
            $"{(int)test["stateCount"]!} entries wanted; got {state.Count}:\n{lines}");
    }

    private static void AssertOutput(Tensor output, JsonNode expected, double tolerance)
    {
        double[] wanted = expected.Numbers();
        if (wanted.Length == output.Count)
        {
            double largest = wanted.Max(Math.Abs);
            TestTensors.AssertClose(output.Values(), wanted, tolerance, tolerance * largest, "output");
        }
        else
        {
            AssertSummary("output", output, wanted, 77, tolerance);
        }
    }

    private static void AssertSummaries(
        IEnumerable<(string Name, Tensor Tensor)> tensors, JsonNode expected, double tolerance)
    {
        (string Name, Tensor Tensor)[] all = [.. tensors];
        Assert.That(all, Has.Length.EqualTo(expected.AsArray().Count));
        using (Assert.EnterMultipleScope())
        {
            for (int i = 0; i < all.Length; i++)
                AssertSummary(all[i].Name, all[i].Tensor, expected[i]!.Numbers(), i, tolerance);
        }
    }

    /// <summary>Norm, product with the probe, first elements; every element has a part in the first two.</summary>
    private static void AssertSummary(string what, Tensor tensor, double[] expected, int seed, double tolerance)
    {
        double[] values = tensor.Values();
        double[] probe = ModelCases.Noise(values.Length, 1000 + seed);
        double squares = 0, product = 0;
        for (int i = 0; i < values.Length; i++)
        {
            squares += values[i] * values[i];
            product += values[i] * probe[i];
        }

        double norm = Math.Sqrt(squares);
        double scale = Math.Max(expected[0], 1e-6);
        Assert.That(norm, Is.EqualTo(expected[0]).Within(tolerance * scale), $"norm of {what}");
        Assert.That(product, Is.EqualTo(expected[1]).Within(tolerance * scale), $"probe of {what}");
        double usual = scale / Math.Sqrt(Math.Max(1, values.Length));
        for (int i = 2; i < expected.Length; i++)
        {
            Assert.That(
                values[i - 2], Is.EqualTo(expected[i]).Within(tolerance * (Math.Abs(expected[i]) + (10 * usual))),
                $"element {i - 2} of {what}");
        }
    }
}
