using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>Runs the app in this process and keeps what it said, so that tests read like a shell session.</summary>
internal sealed record AppRun(int ExitCode, string Output, string Error)
{
    /// <summary>Runs `momentum args…`; a command may be stopped through the token.</summary>
    public static AppRun Of(string[] args, CancellationToken cancellation = default)
    {
        var output = new StringWriter();
        var error = new StringWriter();
        int exitCode = MomentumApp.Run(args, new AppHost(output, error, isInteractive: false, cancellation));
        return new AppRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Runs `momentum args…`.</summary>
    public static AppRun Of(params string[] args) => Of(args, CancellationToken.None);

    /// <summary>Runs `momentum args…` and stops it, or does something else, once it has said something.</summary>
    public static AppRun Until(string text, string[] args, Action? action = null)
    {
        using var stop = new CancellationTokenSource();
        var output = new WatchingWriter(text, action ?? stop.Cancel);
        var error = new StringWriter();
        int exitCode = MomentumApp.Run(args, new AppHost(output, error, isInteractive: false, stop.Token));
        return new AppRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>Asserts that the command failed with one line on the error stream, and returns that line.</summary>
    public string OneLineError(int exitCode)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ExitCode, Is.EqualTo(exitCode), Error);
            Assert.That(Error, Does.StartWith("momentum: ").And.EndsWith(Environment.NewLine));
            Assert.That(Error.TrimEnd().Split('\n'), Has.Length.EqualTo(1), Error);
        }

        return Error.TrimEnd();
    }

    private sealed class WatchingWriter(string text, Action action) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(text, StringComparison.Ordinal) == true)
                action();
        }
    }
}
