using System.Diagnostics;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>What only a process can meet: Ctrl-C, a full disk, a limit on the size of files.</summary>
[NonParallelizable] // trains on all cores
[Platform(Include = "Unix")]
public sealed class ProcessTests
{
    // 64 KiB, less than the weights; the runtime maps its own code through files unless told not to.
    private const string WithSmallFiles =
        "trap '' XFSZ; ulimit -f 128; export DOTNET_EnableWriteXorExecute=0; exec \"$@\"";

    // A disk of its own for one process, with the checkpoint on it and, where wanted, no byte free; what is on it at
    // the
    // end is told in the folder $KEPT.
    private const string OnSmallDisk =
        """
        mkdir "$KEPT/disk" && mount -t tmpfs -o size=300k none "$KEPT/disk" && cp "$KEPT/checkpoint.safetensors" "$KEPT/disk" || exit 98
        if [ -n "$FILL" ]; then head -c 1000000 /dev/zero >"$KEPT/disk/filler" 2>/dev/null; fi
        "$@"
        status=$?
        ls -A "$KEPT/disk" >"$KEPT/left"
        cmp "$KEPT/disk/checkpoint.safetensors" "$KEPT/checkpoint.safetensors" || exit 97
        exit $status
        """;

    private static readonly string[] Tiny =
        ["train", "--limit", "64", "--batch-size", "32", "--depth", "1", "--compare", "1"];

    [Test]
    public void Ctrl_C_ends_it_with_130_one_line_and_a_checkpoint_from_which_it_goes_on_to_the_same_bits()
    {
        if (IgnoresInterrupts())
        {
            Assert.Warn(
                "The tests were started with SIGINT ignored, as by nohup or in the background: Ctrl-C was not tried.");
            return;
        }

        using var folder = new TemporaryFolder();
        string[] args = [.. Tiny, "--epochs", "30"];
        var stopped = AppProcess.RunUntil("epoch 2/30", Interrupt, [.. args, "--out", folder["stopped"]]);
        string line = stopped.OneLineError(130);
        Assert.That(line, Does.Match("interrupted; the checkpoint of epoch [0-9]+ of 30 is kept"));
        Assert.That(
            Directory.GetFiles(folder["stopped"]).Select(Path.GetFileName),
            Is.EqualTo(new[] { "checkpoint.safetensors" }));

        Assert.That(
            AppRun.Of("train", "--resume", "--compare", "1", "--out", folder["stopped"]).ExitCode,
            Is.EqualTo(ExitCode.Ok));
        Assert.That(AppRun.Of([.. args, "--out", folder["through"]]).ExitCode, Is.EqualTo(ExitCode.Ok));
        Assert.That(
            File.ReadAllBytes(Path.Combine(folder["stopped"], "weights.safetensors")),
            Is.EqualTo(File.ReadAllBytes(Path.Combine(folder["through"], "weights.safetensors"))));
    }

    [Test]
    public void A_checkpoint_that_may_not_be_so_large_ends_the_training_and_the_one_before_stays_whole()
    {
        using var folder = new TemporaryFolder();
        byte[] checkpoint = FirstEpoch(folder.FullPath);
        string line = AppProcess.InShell(WithSmallFiles, ["train", "--resume", "--out", folder.FullPath])
            .OneLineError(ExitCode.Failed);
        Assert.That(line, Does.Contain("cannot be written").And.Contain("ulimit").And.Contain("unchanged"));
        Assert.That(File.ReadAllBytes(folder["checkpoint.safetensors"]), Is.EqualTo(checkpoint));
        Assert.That(Directory.GetFiles(folder.FullPath), Has.Exactly(1).Items, "nothing half-written is left");
        var resumed = AppRun.Of("train", "--resume", "--compare", "1", "--out", folder.FullPath);
        Assert.That(resumed.ExitCode, Is.EqualTo(ExitCode.Ok), resumed.Error);
    }

    [Test]
    public void Weights_that_do_not_fit_leave_the_weights_before_them_whole()
    {
        using var folder = new TemporaryFolder();
        Assert.That(AppRun.Of([.. Tiny, "--epochs", "1", "--out", folder.FullPath]).ExitCode, Is.EqualTo(ExitCode.Ok));
        var before = Contents(folder.FullPath);
        string line = AppProcess.InShell(
            WithSmallFiles, ["train", "--resume", "--compare", "1", "--out", folder.FullPath])
            .OneLineError(ExitCode.Failed);
        Assert.That(line, Does.Contain("weights.safetensors").And.Contain("cannot be written"));
        Assert.That(Contents(folder.FullPath), Is.EqualTo(before));
    }

    [Test]
    public void On_a_disk_that_is_full_it_ends_with_one_line_and_the_checkpoint_stays_whole([Values] bool fromTheStart)
    {
        if (!AppProcess.Can("unshare -rm mount -t tmpfs none /tmp"))
        {
            Assert.Warn(
                "This system lets no process mount a disk of its own (unshare -rm): a full disk was not tried.");
            return;
        }

        using var folder = new TemporaryFolder();
        FirstEpoch(folder.FullPath);
        string disk = folder["disk"];
        string line = AppProcess.InShell(
            $"exec unshare -rm sh -c '{OnSmallDisk}' sh \"$@\"",
            ["train", "--resume", "--out", disk],
            ("KEPT", folder.FullPath),
            ("FILL", fromTheStart ? "yes" : "")).OneLineError(ExitCode.Failed);
        Assert.That(line, Does.Contain(fromTheStart ? "--out: cannot write" : "cannot be written").And.Contain("room"));
        string[] left = fromTheStart ? ["checkpoint.safetensors", "filler"] : ["checkpoint.safetensors"];
        Assert.That(File.ReadAllLines(folder["left"]), Is.EquivalentTo(left), "nothing half-written is left");
    }

    [Test]
    public void A_failure_that_nobody_can_be_told_of_still_ends_with_its_exit_code()
    {
        if (!File.Exists("/dev/full"))
        {
            Assert.Warn("This system has no /dev/full: an error stream that takes nothing was not tried.");
            return;
        }

        Assert.That(AppProcess.InShell("exec \"$@\" 2>/dev/full", ["inspect", "nowhere.pt"]).ExitCode, Is.EqualTo(ExitCode.Failed));
    }

    /// <summary>Trains one of three epochs; returns its checkpoint.</summary>
    private static byte[] FirstEpoch(string path)
    {
        using var stop = new CancellationTokenSource();
        var output = new EpochWatch(stop);
        var host = new AppHost(output, TextWriter.Null, isInteractive: false, stop.Token);
        Assert.That(MomentumApp.Run([.. Tiny, "--epochs", "3", "--out", path], host), Is.EqualTo(ExitCode.Interrupted));
        return File.ReadAllBytes(Path.Combine(path, "checkpoint.safetensors"));
    }

    private static Dictionary<string, string> Contents(string path) =>
        Directory.GetFiles(path).ToDictionary(file => file, file => Convert.ToBase64String(File.ReadAllBytes(file)));

    private static void Interrupt(Process process)
    {
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        kill.WaitForExit();
    }

    private static bool IgnoresInterrupts() =>
        File.Exists("/proc/self/status")
        && File.ReadLines("/proc/self/status").First(l => l.StartsWith("SigIgn:", StringComparison.Ordinal)) is { } line
        && (Convert.ToUInt64(line.Split(':')[1].Trim(), 16) & 2) != 0;

    private sealed class EpochWatch(CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            if (value?.Contains("epoch 1/", StringComparison.Ordinal) == true)
                stop.Cancel();
        }
    }
}
