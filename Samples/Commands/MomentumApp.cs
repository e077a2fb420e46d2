using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MomentumCore.Samples;

/// <summary>
/// The command line as a whole: finds the command, runs it, and turns whatever happens into an exit code.
/// </summary>
internal static class MomentumApp
{
    private const string DefaultCommand = "train";
    private static readonly string[] RootOptions = ["--help", "-h", "-?", "/?", "/h", "--version"];

    /// <summary>Runs one command line.</summary>
    public static int Run(IReadOnlyList<string> args, AppHost host)
    {
        try
        {
            var parse = CreateRoot(host).Parse(WithDefaultCommand(args));
            if (parse.Action is ParseErrorAction)
                return Fail(host, ExitCode.Usage, UsageProblem(parse));
            return parse.Invoke(new InvocationConfiguration
            {
                Output = host.Output,
                Error = host.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            });
        }
        catch (OperationCanceledException) when (host.Cancellation.IsCancellationRequested)
        {
            return Fail(host, ExitCode.Interrupted, "interrupted.");
        }
        catch (UserErrorException problem)
        {
            return Fail(host, problem.ExitCode, problem.Message, problem.InnerException);
        }
        catch (Exception problem)
        {
            return Fail(host, ExitCode.Failed, problem.Message, problem);
        }
    }

    private static RootCommand CreateRoot(AppHost host)
    {
        var root = new RootCommand(
            "Momentum residual networks that train without storing activations. Without a command it trains.")
        {
            TrainCommand.Create(host),
            RingsCommand.Create(host),
            DynamicsCommand.Create(host),
            MemoryCommand.Create(host),
            PlanCommand.Create(host),
            DropInCommand.Create(host),
            ExactnessCommand.Create(host),
            BenchCommand.Create(host),
            DevicesCommand.Create(host),
            KernelCommand.Create(host),
            InspectCommand.Create(host),
            ConvertCommand.Create(host),
        };
        root.Options.OfType<HelpOption>().Single().Action = new HelpWithExamples();
        return root;
    }

    /// <summary>`momentum` alone, or with options only, means `momentum train`.</summary>
    internal static IReadOnlyList<string> WithDefaultCommand(IReadOnlyList<string> args) =>
        args.Count == 0 || (args[0].StartsWith('-') && !RootOptions.Contains(args[0]))
            ? [DefaultCommand, .. args]
            : args;

    private static string UsageProblem(ParseResult parse)
    {
        var command = parse.CommandResult.Command;
        if (command is not RootCommand)
            return $"{parse.Errors[0].Message} See: momentum {command.Name} --help";
        string word = parse.UnmatchedTokens.FirstOrDefault() ?? "";
        string? near = Spelling.Near(word, command.Subcommands.Select(c => c.Name)).FirstOrDefault();
        string guess = near != null ? $"; did you mean '{near}'?" : ".";
        return $"There is no command '{word}'{guess} See: momentum --help";
    }

    private static int Fail(AppHost host, int exitCode, string message, Exception? problem = null)
    {
        message = WithoutParameter(message, problem);
        try
        {
            host.Error.WriteLine($"momentum: {OneLine(message)}");
            if (problem != null && AppHost.ShowsStackTraces)
                host.Error.WriteLine(problem);
        }
        catch (Exception noStream) when (noStream is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            // Nobody can be told, on a full disk for instance; the exit code still says it.
        }

        return exitCode;
    }

    /// <summary>What a parameter is called in our code tells a user nothing.</summary>
    internal static string WithoutParameter(string message, Exception? problem) =>
        problem is ArgumentException { ParamName: { } parameter }
            ? message.Replace($" (Parameter '{parameter}')", "", StringComparison.Ordinal)
            : message;

    /// <summary>One line without letters that move a terminal's cursor; a file's names may hold some.</summary>
    private static string OneLine(string message)
    {
        string line = string.Join(
            ' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return string.Concat(line.Select(c => char.IsControl(c) ? '\uFFFD' : c));
    }
}
