namespace MomentumCore.Samples;

/// <summary>The exit codes of `momentum`: what a script may rely on.</summary>
internal static class ExitCode
{
    /// <summary>The command did what was asked.</summary>
    public const int Ok = 0;

    /// <summary>The command could not do it; one line on the error stream says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line was wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Stopped by Ctrl-C or SIGTERM, cleanly.</summary>
    public const int Interrupted = 130;
}
