using System.Diagnostics;

namespace MomentumCore.Tests.Samples;

/// <summary>
/// The app as a process of its own, as a shell starts it: real signals, real limits, real exit codes.
/// </summary>
internal static class AppProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    private static string App => Path.Combine(TestContext.CurrentContext.TestDirectory, "momentum.dll");

    /// <summary>
    /// Runs `momentum args…` and does something with the process when it has written a line with this text.
    /// </summary>
    public static AppRun RunUntil(string text, Action<Process> action, params string[] args) =>
        Run(Dotnet, [App, .. args], (process, line) =>
        {
            if (line.Contains(text, StringComparison.Ordinal))
                action(process);
        });

    /// <summary>
    /// Runs a shell script that starts the app with <c>"$@"</c>, for instance below a limit. What the script shall know
    /// besides is in its environment.
    /// </summary>
    public static AppRun InShell(string script, string[] args, params (string Name, string Value)[] variables) =>
        Run("sh", ["-c", script, "sh", Dotnet, App, .. args], (_, _) => { }, variables);

    /// <summary>Runs another program of .NET, with none of this process's switches.</summary>
    public static AppRun OfProgram(string assembly) => Run(Dotnet, [assembly], (_, _) => { });

    /// <summary>Runs `dotnet args…` of the SDK, which leaves no servers behind.</summary>
    public static AppRun OfSdk(params string[] args) =>
        Run(Dotnet, [.. args, "-nodeReuse:false", "-p:UseSharedCompilation=false"], (_, _) => { });

    /// <summary>Whether a shell command succeeds here.</summary>
    public static bool Can(string script) =>
        Run("sh", ["-c", script], (_, _) => { }).ExitCode == 0;

    private static AppRun Run(
        string program, string[] args, Action<Process, string> eachLine, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        using var watchdog = new Timer(
            _ => process.Kill(entireProcessTree: true), null, Patience, Timeout.InfiniteTimeSpan);
        var output = new StringWriter();
        while (process.StandardOutput.ReadLine() is { } line)
        {
            output.WriteLine(line);
            eachLine(process, line);
        }

        process.WaitForExit();
        return new AppRun(process.ExitCode, output.ToString(), error.Result);
    }
}
