using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MomentumCore.Samples;

/// <summary>Help that teaches: the usual lists, then notes, examples and the exit codes.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private const int Width = 100;

    private readonly HelpAction _lists = new() { MaxWidth = Width };

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        _lists.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is MomentumCommand command)
            WriteCommand(output, command);
        else
            WriteRoot(output);
        output.WriteLine("Exit codes:");
        output.WriteLine(
            "  0 done    1 failed (one line on stderr says why)    2 wrong command line    130 interrupted");
        return ExitCode.Ok;
    }

    private static void WriteCommand(TextWriter output, MomentumCommand command)
    {
        if (command.Notes != null)
        {
            output.WriteLine("Notes:");
            foreach (string line in command.Notes.Split('\n').SelectMany(Wrap))
                output.WriteLine($"  {line}");
            output.WriteLine();
        }

        if (command.Examples.Count > 0)
            WriteExamples(output, command.Examples);
    }

    /// <summary>Breaks a paragraph into lines; what begins with a space is a list and stays as it is.</summary>
    private static IEnumerable<string> Wrap(string paragraph)
    {
        while (paragraph.Length > Width && paragraph[0] != ' ')
        {
            int end = paragraph.LastIndexOf(' ', Width);
            if (end < 0)
                break;
            yield return paragraph[..end];
            paragraph = paragraph[(end + 1)..];
        }

        yield return paragraph;
    }

    private static void WriteRoot(TextWriter output)
    {
        WriteExamples(output,
        [
            ("momentum", "the main job: the same as momentum train"),
            ("momentum train --help", "what train does, its options and their defaults"),
            ("momentum memory", "see what recomputing saves"),
        ]);
        output.WriteLine("Environment:");
        output.WriteLine("  NO_COLOR=1         plain lines instead of colours and a live display");
        output.WriteLine("  MOMENTUM_DEBUG=1   the stack trace of an error");
        output.WriteLine();
    }

    private static void WriteExamples(TextWriter output, IReadOnlyList<(string CommandLine, string Meaning)> examples)
    {
        // A long command has its meaning below it, so that it does not push the others' to the right.
        int width = examples.Max(e => e.CommandLine.Length <= Width / 2 ? e.CommandLine.Length : 0);
        output.WriteLine("Examples:");
        foreach (var (commandLine, meaning) in examples)
        {
            output.WriteLine(commandLine.Length <= width
                ? $"  {commandLine.PadRight(width)}   {meaning}"
                : $"  {commandLine}{Environment.NewLine}  {"".PadRight(width)}   {meaning}");
        }

        output.WriteLine();
    }
}
