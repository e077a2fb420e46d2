using System.Text.Json;
using MomentumCore.Samples;
using MomentumCore.Tests.Engine.Files;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum inspect`: shows sound files, and says in one line what is wrong with others.</summary>
public sealed class InspectTests
{
    [Test]
    public void It_lists_names_types_shapes_and_bytes()
    {
        using var folder = new TemporaryFolder();
        string path = Save(folder);
        var run = AppRun.Of("inspect", path);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
            Assert.That(run.Output, Does.Match(@"layer\.weight +F32 +\[2, 3\] +6 +24"));
            Assert.That(run.Output, Does.Match(@"steps +I64 +\[\] +1 +8"));
            Assert.That(run.Output, Does.Contain("made by: a test"));
            Assert.That(run.Output, Does.Contain("safetensors: 2 tensors, 7 elements, 32 B and "));
        }
    }

    [Test]
    public void Its_json_can_be_read_by_a_program()
    {
        using var folder = new TemporaryFolder();
        using var json = JsonDocument.Parse(AppRun.Of("inspect", Save(folder), "--json").Output);
        var weight = json.RootElement.GetProperty("tensors").EnumerateArray().Single(
            t => t.GetProperty("name").GetString() == "layer.weight");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(weight.GetProperty("type").GetString(), Is.EqualTo("F32"));
            Assert.That(weight.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()),
                Is.EqualTo(new long[] { 2, 3 }));
            Assert.That(weight.GetProperty("bytes").GetInt64(), Is.EqualTo(24));
            Assert.That(json.RootElement.GetProperty("dataBytes").GetInt64(), Is.EqualTo(32));
            Assert.That(
                json.RootElement.GetProperty("metadata").GetProperty("made by").GetString(), Is.EqualTo("a test"));
        }
    }

    [Test]
    public void A_missing_file_is_one_line_with_its_name()
    {
        Assert.That(AppRun.Of("inspect", "no-such.safetensors").OneLineError(ExitCode.Failed),
            Does.Contain("no-such.safetensors"));
    }

    [Test]
    public void An_empty_name_is_one_line_that_asks_for_a_file()
    {
        Assert.That(
            AppRun.Of("inspect", "").OneLineError(ExitCode.Failed),
            Does.Contain("name a weight file").And.Not.Contain("(Parameter"));
    }

    [Test]
    public void A_folder_is_no_weight_file()
    {
        using var folder = new TemporaryFolder();
        Assert.That(AppRun.Of("inspect", folder.FullPath).OneLineError(ExitCode.Failed), Does.Contain("it is a folder"));
    }

    [Test]
    [Platform(Include = "Linux")]
    public void A_pipe_is_refused_at_once_rather_than_waited_for()
    {
        using var folder = new TemporaryFolder();
        Assert.That(AppProcess.Can($"mkfifo '{folder["pipe"]}'"), Is.True);
        foreach (string[] args in new string[][] { ["inspect", folder["pipe"]], ["convert", folder["pipe"], folder["x.pt"]] })
        {
            string line = "";
            var command = Task.Run(() => line = AppRun.Of(args).OneLineError(ExitCode.Failed));
            Assert.That(command.Wait(TimeSpan.FromSeconds(30)), Is.True, "it waits for somebody to write");
            Assert.That(line, Does.Contain("it is a pipe, socket or device").And.Contain("to a file first"));
        }

        Assert.That(AppRun.Of("inspect", "/dev/null").OneLineError(ExitCode.Failed), Does.Contain("device"));
    }

    [Test]
    public void Names_of_a_file_cannot_move_the_cursor()
    {
        using var folder = new TemporaryFolder();
        using var one = Tensor.Scalar(1);
        Safetensors.Save(folder["x"], new Dictionary<string, Tensor> { ["a\u001b[31m"] = one }, new Dictionary<string, string> { ["b\u0007"] = "c\u001b" });
        Assert.That(
            AppRun.Of("inspect", folder["x"]).Output.Any(c => char.IsControl(c) && c is not ('\r' or '\n')), Is.False);
        Assert.That(
            AppRun.Of("convert", folder["x"], folder["x.pt"]).Output.Any(c => char.IsControl(c) && c is not ('\r' or '\n')),
            Is.False);
    }

    [Test]
    public void Stopped_it_ends_with_130()
    {
        Assert.That(
            AppRun.Of(["inspect", WeightFixtures.PathOf("nested.pt")], new CancellationToken(canceled: true)).OneLineError(130),
            Does.Contain("interrupted"));
    }

    [TestCase(0)]
    [TestCase(5)]
    [TestCase(40)]
    public void A_truncated_file_is_one_line(int length)
    {
        using var folder = new TemporaryFolder();
        string path = Save(folder);
        File.WriteAllBytes(path, File.ReadAllBytes(path)[..length]);
        Assert.That(AppRun.Of("inspect", path).OneLineError(ExitCode.Failed), Does.Contain("weights.safetensors"));
    }

    [Test]
    public void A_header_that_claims_2_to_the_63_bytes_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["liar.safetensors"], [0, 0, 0, 0, 0, 0, 0, 0x80, (byte)'{', (byte)'}']);
        AppRun.Of("inspect", folder["liar.safetensors"]).OneLineError(ExitCode.Failed);
    }

    [Test]
    public void Without_a_file_it_is_a_usage_error() => AppRun.Of("inspect").OneLineError(ExitCode.Usage);

    [Test]
    public void A_checkpoint_of_PyTorch_shows_its_tensors_by_path_and_its_numbers_beside_them()
    {
        var run = AppRun.Of("inspect", WeightFixtures.PathOf("nested.pt"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
            Assert.That(run.Output, Does.Match(@"net\.module\.0\.weight +float32 +\[2, 3\] +6 +24"));
            Assert.That(run.Output, Does.Match(@"net\.module\.1\.num_batches_tracked +int64 +\[\] +1 +8"));
            Assert.That(run.Output, Does.Contain("epoch: 7"));
            Assert.That(run.Output, Does.Contain("PyTorch: "));
        }
    }

    [Test]
    public void A_file_that_wants_to_run_something_is_one_line_that_names_it() => Assert.That(
        AppRun.Of("inspect", WeightFixtures.PathOf("refused_evil.pt")).OneLineError(ExitCode.Failed),
        Does.Contain("'posix.system'").And.Contain("no code"));

    private static string Save(TemporaryFolder folder)
    {
        using var scope = TensorScope.Begin();
        string path = folder["weights.safetensors"];
        Safetensors.Save(
            path,
            new Dictionary<string, Tensor>
            {
                ["layer.weight"] = Tensor.Ones([2, 3]),
                ["steps"] = Tensor.Scalar(7, DType.Int64),
            },
            new Dictionary<string, string> { ["made by"] = "a test" });
        return path;
    }
}
