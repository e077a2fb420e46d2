using MomentumCore.Layers;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>What `momentum train --model … --weights FILE` makes of files that fit, and of those that do not.</summary>
[TestFixture]
internal sealed class ImageWeightsTests
{
    private static readonly ImageTrainingSettings Small = new("resnet18", "digits") { Width = 4, Stem = "cifar" };

    [TestCase("resnet18", true)]
    [TestCase("resnet18", false)]
    [TestCase("mresnet18", false)]
    public void What_this_command_wrote_of_a_model_is_read_back_bit_for_bit(string model, bool transform)
    {
        using var folder = new TemporaryFolder();
        var settings = Small with { Model = model, Transform = transform };
        var (written, _) = ImageModels.Make(settings, 10, null);
        Safetensors.Save(folder["weights.safetensors"], written.StateDict());

        var (read, report) = ImageModels.Make(settings, 10, folder["weights.safetensors"]);

        Assert.That(report!.IsComplete, Is.True, report.ToString());
        Assert.That(State(read), Is.EqualTo(State(written)));
        Assert.That(State(read).Keys.Any(k => k.Contains(".network.")), Is.EqualTo(transform || model[0] == 'm'));
    }

    [Test]
    public void Weights_of_a_plain_ResNet_go_into_its_momentum_form_and_another_classifier_is_left()
    {
        using var folder = new TemporaryFolder();
        var (plain, _) = ImageModels.Make(Small, 7, null);
        Safetensors.Save(folder["plain.safetensors"], plain.StateDict());

        var (momentum, report) = ImageModels.Make(Small with { Transform = true }, 3, folder["plain.safetensors"]);

        Assert.That(report!.Mismatched.Keys, Is.EquivalentTo(new[] { "fc.weight", "fc.bias" }));
        Assert.That(
            momentum.GetParameter("layer1.1.0.network.0.conv2.weight").ToArray<float>(),
            Is.EqualTo(plain.GetParameter("layer1.1.conv2.weight").ToArray<float>()));
    }

    [Test]
    public void Files_of_other_models_are_refused_by_what_does_not_fit()
    {
        using var folder = new TemporaryFolder();
        Write("wide", Small with { Width = 8 });
        Write("deep", Small with { Model = "resnet34" });
        Write("bottleneck", Small with { Model = "resnet50" });
        Write("momentum", Small with { Transform = true });
        Write("authors", Small with { Model = "mresnet18" });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Refusal("wide", Small), Does.Contain("mismatched conv1.weight (got Float32 [8, 3, 3, 3]").And.Contain("--width"));
            Assert.That(Refusal("deep", Small), Does.Contain("unexpected layer1.2.conv1.weight").And.Contain("--model"));
            Assert.That(Refusal("bottleneck", Small), Does.Contain("mismatched layer1.0.conv1.weight"));
            Assert.That(Refusal("momentum", Small), Does.Contain("missing layer1.1.conv1.weight").And.Contain("add --transform"));
            Assert.That(Refusal("authors", Small with { Transform = true }), Does.Contain("missing layer1.1.0.network.0.conv1.weight"));
            Assert.That(Refusal("wide", Small), Does.Not.Contain("num_batches_tracked"));
        }

        void Write(string name, ImageTrainingSettings settings)
        {
            var (model, _) = ImageModels.Make(settings, 10, null);
            Safetensors.Save(folder[name], model.StateDict());
            model.Dispose();
        }

        string Refusal(string name, ImageTrainingSettings settings) =>
            Assert.Throws<UserErrorException>(() => ImageModels.Make(settings, 10, folder[name])).Message;
    }

    [Test]
    public void Weights_of_a_plain_ResNet_for_the_authors_form_are_refused_with_the_way_to_its_own()
    {
        using var folder = new TemporaryFolder();
        var (plain, _) = ImageModels.Make(Small, 10, null);
        Safetensors.Save(folder["plain"], plain.StateDict());
        Assert.That(
            () => ImageModels.Make(Small with { Model = "mresnet18" }, 10, folder["plain"]),
            Throws.TypeOf<UserErrorException>().With.Message.Contains("leave the m of --model out and add --transform"));
    }

    [Test]
    public void A_training_script_s_checkpoint_is_refused_with_a_command_that_makes_it_fit()
    {
        using var folder = new TemporaryFolder();
        var (model, _) = ImageModels.Make(Small, 10, null);
        var saved = model.StateDict().ToDictionary(s => "state_dict.module." + s.Key, s => s.Value);
        saved["state_dict.steps"] = Tensor.Zeros([1]);
        saved["optimizer.state.0.momentum_buffer"] = Tensor.Zeros([3]);
        saved["optimizer.state.1.momentum_buffer"] = Tensor.Zeros([3]);
        saved["best_acc1"] = Tensor.Zeros([1]);
        string path = folder["my checkpoint.pth"], renamed = folder["renamed.safetensors"];
        PyTorchFile.Save(path, saved);

        string message = Assert.Throws<UserErrorException>(() => ImageModels.Make(Small, 10, path)).Message;

        const string rules = "--strip-prefix state_dict.module. --map state_dict.steps= --map 'optimizer.*=' --map best_acc1=";
        Assert.That(message, Does.EndWith($"momentum convert '{path}' renamed.safetensors {rules}"));
        string[] args = [.. rules.Split(' ').Select(a => a.Trim('\''))];
        var run = AppRun.Of(["convert", path, renamed, .. args]);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(ImageModels.Make(Small, 10, renamed).Report!.IsComplete, Is.True);
    }

    [Test]
    public void Counters_of_batches_make_no_file_fit_and_their_lack_makes_none_unfit()
    {
        using var folder = new TemporaryFolder();
        var (model, _) = ImageModels.Make(Small, 10, null);
        var state = model.StateDict();
        Safetensors.Save(folder["counters"], Only(k => k.EndsWith("num_batches_tracked", StringComparison.Ordinal)));
        Safetensors.Save(folder["others"], Only(k => !k.EndsWith("num_batches_tracked", StringComparison.Ordinal)));

        Assert.That(
            () => ImageModels.Make(Small, 10, folder["counters"]),
            Throws.TypeOf<UserErrorException>().With.Message.Contains("nothing in"));
        var (read, _) = ImageModels.Make(Small, 10, folder["others"]);
        Assert.That(read.Conv1.Weight.ToArray<float>(), Is.EqualTo(model.Conv1.Weight.ToArray<float>()));

        Dictionary<string, Tensor> Only(Func<string, bool> wanted) =>
            state.Where(s => wanted(s.Key)).ToDictionary(s => s.Key, s => s.Value);
    }

    private static Dictionary<string, double[]> State(Module model) =>
        model.StateDict().ToDictionary(s => s.Key, s => s.Value.To(DType.Float64).ToArray<double>());
}
