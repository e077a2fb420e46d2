using System.Text.Json;
using Spectre.Console;

namespace MomentumCore.Samples;

/// <summary>The outside world as a command sees it: two streams, whether a person watches, and when to stop.</summary>
internal sealed class AppHost(TextWriter output, TextWriter error, bool isInteractive, CancellationToken cancellation)
{
    private const int PlainWidth = 160;
    private static readonly JsonSerializerOptions JsonFormat = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Where results go.</summary>
    public TextWriter Output { get; } = output;

    /// <summary>Where one line goes when a command fails.</summary>
    public TextWriter Error { get; } = error;

    /// <summary>True when the output is a terminal that shows colours and redraws lines.</summary>
    public bool IsInteractive { get; } = isInteractive;

    /// <summary>Cancelled by Ctrl-C and SIGTERM.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>True silences <see cref="Say"/> and everything drawn; results and errors still show.</summary>
    public bool Quiet { get; set; }

    /// <summary>Whether a failure shows its stack trace: <c>MOMENTUM_DEBUG=1</c>.</summary>
    public static bool ShowsStackTraces => Environment.GetEnvironmentVariable("MOMENTUM_DEBUG") == "1";

    /// <summary>The Spectre console over <see cref="Output"/>; plain text when nobody watches.</summary>
    public IAnsiConsole Console => field ??= CreateConsole();

    /// <summary>
    /// The console of this process. Plain when redirected, when NO_COLOR is set or the terminal is dumb.
    /// </summary>
    public static AppHost ForConsole(CancellationToken cancellation)
    {
        bool plain = System.Console.IsOutputRedirected
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
            || Environment.GetEnvironmentVariable("TERM") is "dumb";
        return new AppHost(System.Console.Out, System.Console.Error, !plain, cancellation);
    }

    /// <summary>Tells what is going on; silent under --quiet.</summary>
    public void Say(string text = "")
    {
        if (!Quiet)
            Output.WriteLine(Printable(text));
    }

    /// <summary>Tells the result, also under --quiet.</summary>
    public void Result(string text) => Output.WriteLine(Printable(text));

    /// <summary>Without letters that move a terminal's cursor, but for ends of lines; a file's names may hold some.</summary>
    internal static string Printable(string text) =>
        text.Any(c => char.IsControl(c) && c is not ('\r' or '\n' or '\t'))
            ? string.Concat(text.Select(c => char.IsControl(c) && c is not ('\r' or '\n' or '\t') ? '\uFFFD' : c))
            : text;

    /// <summary>Tells the result to a program.</summary>
    public void ResultAsJson(object result) => Result(JsonSerializer.Serialize(result, JsonFormat));

    /// <summary>Shows a table; numbers belong in right-aligned columns.</summary>
    public void ShowTable(string? title, IReadOnlyList<string> headers, IEnumerable<string[]> rows, int leftColumns = 1)
    {
        if (Quiet)
            return;
        var table = new Table().Border(IsInteractive ? TableBorder.Rounded : TableBorder.None);
        for (int column = 0; column < headers.Count; column++)
        {
            var header = new TableColumn(new Text(headers[column]));
            table.AddColumn(column < leftColumns ? header.LeftAligned() : header.RightAligned());
        }

        foreach (string[] row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        if (title != null)
            Output.WriteLine(title);
        Console.Write(table);
    }

    private IAnsiConsole CreateConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = IsInteractive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = IsInteractive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = IsInteractive ? InteractionSupport.Detect : InteractionSupport.No,
            Out = new AnsiConsoleOutput(Output),
        });
        if (!IsInteractive)
            console.Profile.Width = PlainWidth;
        return console;
    }
}
