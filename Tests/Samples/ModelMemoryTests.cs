using System.Text.Json;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>The headline figure: memory of the momentum Transformer and ResNet against depth.</summary>
[NonParallelizable] // peak bytes are counted per device, so nothing else may compute meanwhile
public sealed class ModelMemoryTests
{
    [TestCase("transformer", 8, 32, "Recompute")]
    [TestCase("transformer", 8, 32, "Exact")]
    [TestCase("resnet", 4, 16, "Recompute")]
    [TestCase("resnet", 4, 16, "Exact")]
    public void Beyond_parameters_and_gradients_depth_costs_less_than_a_twentieth(
        string model, int shallow, int deep, string mode)
    {
        var memory = Enum.Parse<MemoryMode>(mode);
        var (first, last) = (Take(model, shallow, memory), Take(model, deep, memory));
        Assert.That(last.BytesBeyondParameters, Is.EqualTo(first.BytesBeyondParameters).Within(5).Percent);
        Assert.That(
            last.BytesBeyondParameters - last.SideBytes,
            Is.EqualTo(first.BytesBeyondParameters - first.SideBytes).Within(5).Percent,
            "without the side bits too");
        Assert.That(last.SideBytes, memory == MemoryMode.Exact ? Is.GreaterThan(0) : Is.Zero);
    }

    // log₂(1/0.9) = 0.152 bits a layer, rounded down over all layers.
    [TestCase(8, 1)]
    [TestCase(32, 4)]
    public void The_side_bits_told_are_those_that_the_allocator_counts(int depth, int bits)
    {
        using var step = ModelMemory.Cases.Single(c => c.Name == "transformer").Prepare(depth, MemoryMode.Exact, Device.Cpu, 1);
        _ = step.Run();
        // 32 tokens × batch 16 × dim 64, in the encoder and in the decoder.
        Assert.That(step.SideBytes, Is.EqualTo(2 * bits * (32 * 16 * 64 / 8)));
        var device = new CpuDevice(1);
        Module[] layers = [.. Enumerable.Range(0, depth).Select(_ => new Tanh())];
        long Kept(double gamma)
        {
            using var scope = TensorScope.Begin();
            var x = Tensor.Randn([32, 16, 64], device: device);
            x.RequiresGradient = true;
            long before = device.Memory.LiveBytes;
            _ = new MomentumNet(layers, gamma, MemoryMode.Exact).Call(x);
            return device.Memory.LiveBytes - before;
        }

        Assert.That(Kept(0.9) - Kept(1), Is.EqualTo(step.SideBytes / 2));
    }

    [TestCase("transformer", 8, 32)]
    [TestCase("resnet", 4, 16)]
    public void Storing_grows_with_depth(string model, int shallow, int deep) => Assert.That(
        Peak(model, deep, MemoryMode.Store), Is.GreaterThan(2.5 * Peak(model, shallow, MemoryMode.Store)));

    [TestCase("transformer", "2,3")]
    [TestCase("resnet", "1,2")]
    public void The_command_writes_a_table_and_a_picture(string model, string depths)
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of("memory", "--model", model, "--depths", depths, "--repeat", "1", "--out", folder.FullPath);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
            Assert.That(
                run.Output,
                Does.Match(@"Depth +Parameters +Store +Recompute +Exact +Side bits")
                    .And.Match(@"recomputing needs [\d.]+ × less memory than storing, exact reversal [\d.]+ ×"));
            Assert.That(File.ReadAllText(folder[$"memory-{model}.svg"]), Does.StartWith("<svg").And.Contain("Exact"));
        }
    }

    [Test]
    public void Json_tells_every_mode_at_every_depth()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of(
            "memory", "--model", "resnet", "--depths", "1,8", "--repeat", "1", "--json", "--out", folder.FullPath);
        using var json = JsonDocument.Parse(run.Output);
        var all = json.RootElement.GetProperty("measurements").EnumerateArray().ToList();
        Assert.That(
            all.Select(m => (m.GetProperty("depth").GetInt32(), m.GetProperty("mode").GetString())),
            Is.EqualTo(new[]
            {
                (1, "store"), (1, "recompute"), (1, "exact"), (8, "store"), (8, "recompute"), (8, "exact"),
            }));
        foreach (var m in all)
        {
            Assert.That(
                m.GetProperty("bytesBeyondParameters").GetInt64(),
                Is.EqualTo(m.GetProperty("peakTensorBytes").GetInt64() - (2 * m.GetProperty("parameterBytes").GetInt64())));
            Assert.That(m.GetProperty("medianMs").GetDouble(), Is.GreaterThan(0));
        }

        Assert.That(all[^1].GetProperty("sideBytes").GetInt64(), Is.GreaterThan(0));
        Assert.That(File.Exists(folder["memory-resnet.svg"]));
    }

    [Test]
    public void An_unknown_model_is_a_usage_error()
    {
        Assert.That(
            AppRun.Of("memory", "--model", "perceptron").OneLineError(ExitCode.Usage),
            Does.Contain("transformer or resnet").And.Contain("'perceptron'"));
    }

    private static long Peak(string model, int depth, MemoryMode mode) => Take(model, depth, mode).BytesBeyondParameters;

    private static StepMeasurement Take(string model, int depth, MemoryMode mode)
    {
        var chosen = ModelMemory.Cases.Single(c => c.Name == model);
        // One thread: with more, whether two of them hold their work space at once depends on the machine's mood.
        var device = new CpuDevice(1);
        return StepMeasurement.Take(device, () => chosen.Prepare(depth, mode, device, 1), 1, CancellationToken.None);
    }
}
