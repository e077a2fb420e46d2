using System.CommandLine;

namespace MomentumCore.Samples;

/// <summary>A command whose help ends with examples that can be pasted.</summary>
internal sealed class MomentumCommand(string name, string description) : Command(name, description)
{
    /// <summary>Command lines with what each does.</summary>
    public IReadOnlyList<(string CommandLine, string Meaning)> Examples { get; init; } = [];

    /// <summary>What to know besides the options: files written, how to read the numbers.</summary>
    public string? Notes { get; init; }
}
