using System.Runtime.InteropServices;

namespace MomentumCore.Samples;

/// <summary>The program `momentum`: connects the process (arguments, streams, signals) to the commands.</summary>
public static class Program
{
    /// <summary>Runs one command and returns its exit code; see <see cref="ExitCode"/>.</summary>
    public static int Main(string[] args)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopCleanly);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopCleanly);
        return MomentumApp.Run(args, AppHost.ForConsole(stop.Token));

        void StopCleanly(PosixSignalContext signal)
        {
            // The first signal asks the command to finish its step; a second one ends the process at once.
            if (stop.IsCancellationRequested)
                return;
            signal.Cancel = true;
            stop.Cancel();
        }
    }
}
