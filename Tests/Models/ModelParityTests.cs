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
        // Where PyTorch's own Float32 is further off than 1e-4 there is nothing to hold ours to.
        where dtype == DType.Float64 || node["float32Deviation"] == null
        // The grid of Float32, 2⁻¹⁶, is coarser than 1e-4 of the smaller gradients; that of Float64 is not.
        where dtype == DType.Float64 || mode != MemoryMode.Exact
        select new TestCaseData(node, mode, dtype).SetArgDisplayNames(name, mode.ToString(), dtype.ToString());

    private static IEnumerable<TestCaseData> States() =>
        from node in Fixture.Cases("models.json")
        where node!["parameterCount"] != null
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

    internal static void Check(JsonNode test, MemoryMode mode, DType dtype, Device device)
    {
        using var scope = TensorScope.Begin();
        using var model = ModelCases.Make((string)test["name"]!, mode);
        model.To(dtype).Train((bool)test["train"]!);
        AssertState(model, test);
        ModelCases.Fill(model);
        model.To(device);
        Tensor[] inputs =
            [.. test["inputs"]!.AsArray().Select((shape, i) => ModelCases.Input(shape!, i, dtype, device))];
        using var optimizer = new Sgd(model.Parameters(), 0.05, momentum: 0.9, weightDecay: 5e-4);
        int classes = (int)test["classes"]!;
        double tolerance = dtype == DType.Float32 ? 1e-4 : mode == MemoryMode.Exact ? 1e-6 : 1e-8;

        var output = TransformerCases.Call((string)test["name"]!, model, inputs);
        var loss = Loss(output, classes);
        loss.Backward();

        AssertOutput(output, test["output"]!, tolerance);
        Assert.That(
            loss.Item(),
            Is.EqualTo((double)test["loss"]!).Within(tolerance).Percent.Or.EqualTo((double)test["loss"]!)
                .Within(tolerance));
        AssertSummaries(
            inputs.Select((x, i) => ($"gradient of input {i}", x.Gradient!)), test["inputGradients"]!, tolerance);
        AssertSummaries(
            model.NamedParameters().Select(p => ($"gradient of {p.Name}", p.Parameter.Gradient!)),
            test["gradients"]!,
            tolerance);
        AssertSummaries(model.NamedBuffers(), test["buffers"]!, tolerance);

        optimizer.Step();
        using var noGrad = NoGrad.Begin();
        double after = Loss(TransformerCases.Call((string)test["name"]!, model, inputs), classes).Item();
        double expected = (double)test["lossAfterStep"]!;
        Assert.That(
            after, Is.EqualTo(expected).Within(tolerance * Math.Max(1, Math.Abs(expected))), "loss after a step");
    }

    private static Tensor Loss(Tensor output, int classes)
    {
        if (classes == 0)
            return output.Square().Mean();
        long[] targets = [.. Enumerable.Range(0, output.Shape[0]).Select(i => (long)(i * 3 % classes))];
        return output.CrossEntropy(Tensor.From(targets, [targets.Length], output.Device));
    }

    private static void AssertState(Module model, JsonNode test)
    {
        var state = model.StateDict();
        string lines = string.Join("\n", state.Select(s => $"{s.Key} {s.Value.Shape}"));
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
