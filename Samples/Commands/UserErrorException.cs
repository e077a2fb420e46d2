namespace MomentumCore.Samples;

/// <summary>
/// A failure that the user can mend: its message says what was found, what was wanted and what to do.
/// </summary>
internal sealed class UserErrorException(string message, int exitCode = ExitCode.Failed, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>The exit code that this failure ends the program with.</summary>
    public int ExitCode { get; } = exitCode;
}
