namespace MomentumCore.Engine;

/// <summary>A file of weights cannot be read or written; the message says which, why, and what to do.</summary>
public sealed class WeightFileException : IOException
{
    /// <summary>
    /// Names the file, what is wrong with it, and what to do. What comes from the file is shown shortened, and without
    /// letters that move a terminal's cursor.
    /// </summary>
    public WeightFileException(string path, string problem, string remedy, Exception? inner = null)
        : base($"{ErrorText.Line(path)}: {ErrorText.Line(problem)} {remedy}", inner)
    {
        Path = path;
        Problem = ErrorText.Line(problem);
        Remedy = remedy;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is wrong.</summary>
    public string Problem { get; }

    /// <summary>What to do.</summary>
    public string Remedy { get; }
}
