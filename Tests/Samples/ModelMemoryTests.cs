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
        Assert.That(Peak(model, deep, memory), Is.EqualTo(Peak(model, shallow, memory)).Within(5).Percent);
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
                Does.Match(@"Depth +Parameters +Store +Recompute +Exact").And.Match(@"storing needs [\d.]+ ×"));
            Assert.That(File.ReadAllText(folder[$"memory-{model}.svg"]), Does.StartWith("<svg").And.Contain("Exact"));
        }
    }

    [Test]
    public void An_unknown_model_is_a_usage_error()
    {
        Assert.That(
            AppRun.Of("memory", "--model", "perceptron").OneLineError(ExitCode.Usage),
            Does.Contain("transformer or resnet").And.Contain("'perceptron'"));
    }

    private static long Peak(string model, int depth, MemoryMode mode)
    {
        var prepare = ModelMemory.Cases.Single(c => c.Name == model).Prepare;
        return StepMeasurement.Take(Device.Cpu, () => prepare(depth, mode, Device.Cpu, 1), 1, CancellationToken.None)
            .BytesBeyondParameters;
    }
}
