using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Models;

/// <summary>
/// What the transform promises, of every family of models, on every device: γ = 0 is the model as it was, and every memory
/// mode learns the same, with dropout and running statistics.
/// </summary>
[TestFixture]
internal sealed class TransformFamilyTests
{
    private static readonly string[] Families = ["resnet", "tutorial", "transformer", "vit"];

    private static readonly TransformerOptions Small =
        new(8, 2) { FeedForward = 16, EncoderLayers = 2, DecoderLayers = 2 };

    private static readonly VisionTransformerOptions SmallVision =
        new() { ImageSize = 8, PatchSize = 4, Layers = 3, Heads = 2, Dim = 8, MlpDim = 16, Classes = 10 };

    private static IEnumerable<TestCaseData> OnDevices() =>
        from family in Families
        from device in Device.All
        from training in new[] { true, false }
        select new TestCaseData(family, device, training)
            .SetArgDisplayNames(family, device.Name, training ? "training" : "evaluation");

    private static IEnumerable<TestCaseData> InModes() =>
        from family in Families
        from device in Device.All
        from mode in new[] { MemoryMode.Recompute, MemoryMode.Exact }
        select new TestCaseData(family, device, mode).SetArgDisplayNames(family, device.Name, mode.ToString());

    [TestCaseSource(nameof(OnDevices))]
    public void With_gamma_0_outputs_and_gradients_are_those_of_the_model(string family, Device device, bool training)
    {
        using var scope = TensorScope.Begin();
        using var model = Make(family, dropout: 0, device);
        model.Train(training);
        using var same = Transform(family, model, 0, MemoryMode.Store);
        double tolerance = device == Device.Cpu ? 1e-11 : 1e-4;

        var wanted = Step(family, model, device);
        var got = Step(family, same, device);

        Assert.That(same.ToString(), Is.Not.EqualTo(model.ToString()), "it was transformed");
        AssertClose(got, wanted, tolerance);
    }

    [TestCaseSource(nameof(InModes))]
    public void Every_mode_computes_what_Store_does_with_dropout_and_running_statistics(
        string family, Device device, MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        using var model = Make(family, dropout: 0.2, device);
        using var stored = Transform(family, model, 0.8, MemoryMode.Store);
        using var other = Transform(family, model, 0.8, mode);
        double tolerance = (device == Device.Cpu, mode) switch
        {
            (true, MemoryMode.Recompute) => 1e-8,
            (true, _) => 1e-6,
            (false, MemoryMode.Recompute) => 1e-3,
            // The grid of Float32 is coarser than its rounding.
            _ => 3e-2,
        };

        var wanted = Step(family, stored, device);
        var got = Step(family, other, device);

        AssertClose(got, wanted, tolerance);
    }

    /// <summary>Float64 on the CPU, Float32 elsewhere.</summary>
    private static Module Make(string family, double dropout, Device device)
    {
        Module model = family switch
        {
            "resnet" => new ResNet(new ResNetOptions(2, 3, 2, 2) { Classes = 5, Width = 4, Stem = ResNetStem.Cifar }),
            "tutorial" => new TutorialNet(),
            "transformer" => new Transformer(Small with { Dropout = dropout }),
            _ => new VisionTransformer(SmallVision with { Dropout = dropout }),
        };
        model.To(DTypeOn(device));
        ModelCases.Fill(model, branches: 1);
        return model.To(device);
    }

    private static Module Transform(string family, Module model, double gamma, MemoryMode mode) => model switch
    {
        ResNet resnet => MomentumTransform.Apply(resnet, gamma: gamma, memory: mode),
        Transformer transformer => MomentumTransform.Apply(
            transformer, ["encoder.layers", "decoder.layers"], gamma, mode, keepFirstLayer: false),
        VisionTransformer vision =>
            MomentumTransform.Apply(vision, ["encoder.layers"], gamma, mode, keepFirstLayer: family == "vit"),
        TutorialNet net => MomentumTransform.Apply(net, ["layer2"], gamma, mode, keepFirstLayer: false),
        _ => throw new ArgumentException($"'{family}' is no family.", nameof(family)),
    };

    /// <summary>Output, gradients of inputs and parameters, buffers; the Transformer with all its masks, by name.</summary>
    private static List<(string Name, double[] Values)> Step(string family, Module model, Device device)
    {
        using var random = RandomSource.Use(new RandomSource(5));
        Shape[] shapes = family switch
        {
            "resnet" => [[3, 3, 8, 8]],
            "tutorial" => [[6, 2]],
            "transformer" => [[5, 2, 8], [4, 2, 8]],
            _ => [[2, 3, 8, 8]],
        };
        Tensor[] inputs = [.. shapes.Select((shape, i) =>
            TestTensors.Make(ModelCases.Noise(shape.ElementCount, 500 + i), shape, DTypeOn(device), device))];
        foreach (var input in inputs)
            input.RequiresGradient = true;
        var output = TransformerCases.Call(
            family == "transformer" ? "transformer, all masks" : family, model, inputs);
        output.Square().Mean().Backward();
        return
        [
            ("output", output.Values()),
            .. inputs.Select((x, i) => ($"gradient of input {i}", x.Gradient!.Values())),
            .. model.NamedParameters().Select(p => ($"gradient of {p.Name}", p.Parameter.Gradient!.Values())),
            .. model.NamedBuffers().Select(b => (b.Name, b.Buffer.Values())),
        ];
    }

    private static DType DTypeOn(Device device) => device == Device.Cpu ? DType.Float64 : DType.Float32;

    private static void AssertClose(
        List<(string Name, double[] Values)> actual, List<(string Name, double[] Values)> expected, double tolerance)
    {
        Assert.That(actual, Has.Count.EqualTo(expected.Count));
        foreach (var ((name, got), (_, wanted)) in actual.Zip(expected))
        {
            double largest = wanted.Select(Math.Abs).DefaultIfEmpty().Max();
            TestTensors.AssertClose(got, wanted, tolerance, tolerance * (largest + 1e-3), name);
        }
    }
}
