using MomentumCore.Samples;
using MomentumCore.Tests.Engine.Files;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum convert`: weights from one format, naming and precision to another.</summary>
public sealed class ConvertTests
{
    private static readonly string Nested = WeightFixtures.PathOf("nested.pt");

    [Test]
    public void One_part_of_a_checkpoint_becomes_a_state_dict_with_the_names_of_the_model()
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of(
            "convert", Nested, folder["net.safetensors"], "--map", "optimizer.*=", "--map", "mixed.*=",
            "--strip-prefix", "net.", "--strip-prefix", "module.", "--map", "0.*=linear.*");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(run.Output, Does.Contain("7 tensors").And.Match(@"safetensors, in [0-9.]+ (ms|s|µs)"));
        using var original = WeightFile.Load(Nested);
        using var written = WeightFile.Load(folder["net.safetensors"]);
        Assert.That(written.Keys, Is.EqualTo(new[]
        {
            "linear.weight", "linear.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
            "1.num_batches_tracked",
        }));
        Assert.That(
            WeightFixtures.Bits(written["linear.weight"]),
            Is.EqualTo(WeightFixtures.Bits(original["net.module.0.weight"])));
        Assert.That(written.Metadata["epoch"], Is.EqualTo("7"));
    }

    [TestCase("float16", DType.Float16)]
    [TestCase("bfloat16", DType.BFloat16)]
    [TestCase("float64", DType.Float64)]
    public void Floats_change_their_type_and_integers_do_not(string name, DType type)
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of("convert", Nested, folder["x.pt"], "--dtype", name);
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(run.Output, Does.Contain("Left out, as PyTorch holds tensors only"));
        using var written = WeightFile.Load(folder["x.pt"]);
        using var original = WeightFile.Load(Nested);
        Assert.That(written["net.module.0.weight"].DType, Is.EqualTo(type));
        Assert.That(written["net.module.1.num_batches_tracked"].DType, Is.EqualTo(DType.Int64));
        using var scope = TensorScope.Begin();
        Assert.That(
            WeightFixtures.Bits(written["net.module.0.weight"]),
            Is.EqualTo(WeightFixtures.Bits(original["net.module.0.weight"].To(type))));
    }

    [Test]
    public void Shards_and_their_index_can_be_converted_back()
    {
        using var folder = new TemporaryFolder();
        string types = WeightFixtures.PathOf("types.pt");
        Assert.That(
            AppRun.Of("convert", types, folder["x.safetensors"], "--shard", "1").Output,
            Does.Contain("x.safetensors.index.json"));
        var run = AppRun.Of("convert", folder["x.safetensors.index.json"], folder["back.pt"], "--quiet");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        using var written = WeightFile.Load(folder["back.pt"]);
        WeightFixtures.AssertHolds("types.pt", written);
    }

    [TestCase("x.txt", ExitCode.Usage, "names no format")]
    [TestCase("x.npz", ExitCode.Failed, "--dtype float32")]
    [TestCase("x.npy", ExitCode.Failed, "one tensor; got 14")]
    [TestCase("none/x.pt", ExitCode.Failed, "cannot be written")]
    public void What_cannot_be_written_is_one_line_and_leaves_no_file(string output, int exitCode, string problem)
    {
        using var folder = new TemporaryFolder();
        string types = WeightFixtures.PathOf("types.pt");
        Assert.That(
            AppRun.Of("convert", types, folder[output]).OneLineError(exitCode),
            Does.Contain(problem).And.Not.Contain("(Parameter"));
        Assert.That(Directory.GetFileSystemEntries(folder.FullPath), Is.Empty);
    }

    [Test]
    public void A_rule_that_fits_nothing_is_one_line_that_shows_names()
    {
        using var folder = new TemporaryFolder();
        Assert.That(
            AppRun.Of("convert", Nested, folder["x.pt"], "--map", "encoder.*=backbone.*").OneLineError(ExitCode.Failed),
            Does.Contain("encoder.*=backbone.* fits none").And.Contain("net.module.0.weight"));
        Assert.That(
            AppRun.Of("convert", Nested, folder["x.pt"], "--strip-prefix", "nut.").OneLineError(ExitCode.Failed),
            Does.Contain("'nut.' fits none"));
    }

    [Test]
    public void Wrong_command_lines_are_usage_errors()
    {
        AppRun.Of("convert", "a.pt").OneLineError(ExitCode.Usage);
        Assert.That(
            AppRun.Of("convert", "a.pt", "b.pt", "--map", "a").OneLineError(ExitCode.Usage),
            Does.Contain("is no rule"));
        Assert.That(
            AppRun.Of("convert", "a.pt", "b.pt", "--dtype", "int4").OneLineError(ExitCode.Usage),
            Does.Contain("bfloat16"));
    }

    [TestCase("x.pt")]
    [TestCase("x.npz")]
    [TestCase("x.safetensors")]
    public void Stopped_it_ends_with_130_and_leaves_what_was_there(string name)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder[name], "before");
        var run = AppRun.Of(["convert", Nested, folder[name]], new CancellationToken(canceled: true));
        Assert.That(run.OneLineError(130), Does.Contain("interrupted"));
        Assert.That(File.ReadAllText(folder[name]), Is.EqualTo("before"));
        Assert.That(Directory.GetFiles(folder.FullPath), Has.Exactly(1).Items);
    }

    [TestCase("x.pt", "--map", "*=", ExitCode.Failed, "no tensor is left")]
    [TestCase("x.pt", "--map", "net.module.*=*.", ExitCode.Ok, "")]
    [TestCase("x.pt", "--strip-prefix", "net.module.0.weight", ExitCode.Failed, "becomes ''")]
    [TestCase("x.pt", "--strip-prefix", "", ExitCode.Usage, "--strip-prefix wants")]
    [TestCase("x.pt", "--shard", "1", ExitCode.Usage, "does not end with .safetensors")]
    [TestCase("x.npz", "--map", "net.*=../*", ExitCode.Failed, "cannot be a name in an archive")]
    [TestCase("x.npz", "--map", "net.*=/*", ExitCode.Failed, "cannot be a name in an archive")]
    [TestCase("x.npz", "--map", "net.*=a/..\\\\*", ExitCode.Failed, "cannot be a name in an archive")]
    [TestCase("x.npz", "--map", "net.*=a/*", ExitCode.Ok, "")]
    public void Names_that_are_none_are_refused_and_nothing_is_written(
        string output, string option, string value, int exitCode, string problem)
    {
        using var folder = new TemporaryFolder();
        var run = AppRun.Of("convert", Nested, folder[output], option, value);
        if (exitCode == ExitCode.Ok)
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
            return;
        }

        Assert.That(run.OneLineError(exitCode), Does.Contain(problem));
        Assert.That(Directory.GetFileSystemEntries(folder.FullPath), Is.Empty);
    }
}
