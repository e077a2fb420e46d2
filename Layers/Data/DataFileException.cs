using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>A data file is not what it should be; the message names it, what was found and what was wanted.</summary>
public sealed class DataFileException : IOException
{
    /// <summary>An error about a file.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="found">What it holds.</param>
    /// <param name="wanted">What it should hold.</param>
    /// <param name="cause">The error below, if any.</param>
    public DataFileException(string file, string found, string wanted, Exception? cause = null)
        : base($"{ErrorText.Line(file)}: found {ErrorText.Line(found)}; wanted {wanted}.", cause)
    {
        File = file;
        Found = found;
        Wanted = wanted;
    }

    /// <summary>The path.</summary>
    public string File { get; }

    /// <summary>What the file holds.</summary>
    public string Found { get; }

    /// <summary>What it should hold.</summary>
    public string Wanted { get; }
}
