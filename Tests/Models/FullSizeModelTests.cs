using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Tests.Models;

/// <summary>Models of full size compute from PyTorch's files what PyTorch computes, and write the files back.</summary>
/// <remarks>To be run between the two parts of Tests/Fixtures/compare_full_models.py, which says how.</remarks>
[TestFixture]
internal sealed class FullSizeModelTests
{
    private const string Weights = ".weights.pth";

    private static readonly string[] Compared = ["output", "input gradient", "parameter gradient"];

    [Test]
    [Explicit("Needs the folder FULL_MODELS, which compare_full_models.py writes.")]
    [Category("FullSize")]
    public void Models_of_full_size_compute_what_they_do_in_PyTorch()
    {
        string folder = Environment.GetEnvironmentVariable("FULL_MODELS") ?? "full";
        string[] files = [.. Directory.GetFiles(folder, "*" + Weights).Order()];
        Assert.That(files, Has.Length.EqualTo(22), "models");
        var mode = Enum.Parse<MemoryMode>(Environment.GetEnvironmentVariable("FULL_MODE") ?? "Store");
        foreach (string file in files)
            Check(file[..^Weights.Length], mode);
    }

    private static void Check(string path, MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        string name = Path.GetFileName(path);
        using var model = Make(name, mode);
        using (var weights = WeightFile.Load(path + Weights))
            model.LoadStateDict(weights);
        PyTorchFile.Save(path + ".back.pth", model.StateDict());
        model.Train(name.EndsWith("training", StringComparison.Ordinal));
        using var data = WeightFile.Load(path + ".data.pth");
        var state = model.StateDict().ToDictionary(t => t.Key, t => t.Value.Clone());

        var single = Run(model, data, DType.Float32);
        model.LoadStateDict(state);
        model.Double();
        var exact = Run(model, data, DType.Float64);

        double[] ours = [.. Compared.Select((what, i) => Far(single[i], data[$"float64.{what}"]))];
        double[] oursInDouble = [.. Compared.Select((what, i) => Far(exact[i], data[$"float64.{what}"]))];
        double[] theirs = [.. Compared.Select(what => Far(Values(data[$"float32.{what}"]), data[$"float64.{what}"]))];
        TestContext.Out.WriteLine(
            $"{name,-58} Float32 {Text(ours)}; PyTorch's float32 {Text(theirs)}; Float64 {Text(oursInDouble)}");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ours[0], Is.LessThan(1e-4), $"{name}: output in Float32");
            // Where a ReLU's input lies within rounding of 0 gradients in Float32 are off by percents, PyTorch's too.
            Assert.That(oursInDouble, Is.All.LessThan(1e-9), $"{name}: output and gradients in Float64");
        }

        static string Text(double[] numbers) => string.Join(' ', numbers.Select(n => $"{n:0.0e0}"));
    }

    /// <summary>Output, gradient of the first input and of the first parameter, of a sum with weights.</summary>
    private static double[][] Run(Module model, WeightFile data, DType dtype)
    {
        foreach (var parameter in model.Parameters())
            parameter.ZeroGradient();
        var x = data["input0"].To(dtype).Clone();
        x.RequiresGradient = true;
        Tensor[] others = data.ContainsKey("input1") ? [data["input1"].To(dtype)] : [];
        var y = model.Call(x, others);
        var probe = Tensor.From([.. Enumerable.Range(0, y.Count).Select(i => Math.Sin(i))], y.Shape).To(dtype);
        (y * probe).Sum().Backward();
        return [Values(y), Values(x.Gradient!), Values(model.Parameters().First().Gradient!)];
    }

    /// <summary>The largest difference, as a share of the largest value.</summary>
    private static double Far(double[] got, Tensor expected)
    {
        double[] wanted = Values(expected);
        double largest = wanted.Max(Math.Abs), far = 0;
        for (int i = 0; i < wanted.Length; i++)
            far = Math.Max(far, Math.Abs(got[i] - wanted[i]));
        return far / largest;
    }

    private static double[] Values(Tensor tensor) => tensor.Detach().To(DType.Float64).ToArray<double>();

    private static Module Make(string name, MemoryMode mode)
    {
        var stem = name.Contains("small images", StringComparison.Ordinal) ? ResNetStem.Cifar : ResNetStem.ImageNet;
        bool learned = name.Contains("learned", StringComparison.Ordinal);
        return name.Split(',')[0] switch
        {
            "resnet18" => ResNet.ResNet18(10, stem),
            "resnet34" => ResNet.ResNet34(10, stem),
            "resnet50" => ResNet.ResNet50(10, stem),
            "resnet101" => ResNet.ResNet101(10, stem),
            "resnet152" => ResNet.ResNet152(10, stem),
            "mresnet18" => MomentumResNet.MResNet18(10, memory: mode, learnedVelocity: learned),
            "mresnet34" => MomentumResNet.MResNet34(10, memory: mode, learnedVelocity: learned),
            "mresnet101" => MomentumResNet.MResNet101(10, memory: mode, learnedVelocity: learned),
            "mresnet152" => MomentumResNet.MResNet152(10, memory: mode, learnedVelocity: learned),
            "vit_b_16" => VisionTransformer.B16(),
            "transformer" => new Transformer(),
            _ => throw new ArgumentException($"'{name}' is no model.", nameof(name)),
        };
    }
}
