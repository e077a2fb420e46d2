using System.Diagnostics;

namespace MomentumCore.Kernels.Dialect;

/// <summary>Whether views tell the emulator of every access. Decided once: loops that need not ask run up to three times as fast.</summary>
internal static class ViewChecks
{
    /// <summary>A constant for the compiler of the running program, so that the question costs nothing when it is off.</summary>
    public static readonly bool AreOn = Decide();

    /// <summary>Set when somebody asks for the emulator.</summary>
    public static bool AreWanted { get; set; }

    private static bool Decide() =>
        AreWanted || Debugger.IsAttached
        || Environment.GetEnvironmentVariable("MOMENTUM_CHECKED_VIEWS") == "1"
        || (AppContext.TryGetSwitch("MomentumCore.CheckedViews", out bool isOn) && isOn);
}
