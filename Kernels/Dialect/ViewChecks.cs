using System.Diagnostics;

namespace MomentumCore.Kernels.Dialect;

/// <summary>Whether views tell the emulator of every access. Decided once: loops that need not ask run up to three times as fast.</summary>
internal static class ViewChecks
{
    /// <summary>A constant for the compiler of the running program, so that the question costs nothing when it is off.</summary>
    public static readonly bool AreOn = Decide();

    /// <summary>From now on somebody wants them; too late when the first kernel has run.</summary>
    public static void Want() => Wish.IsMade = true;

    private static bool Decide() =>
        Wish.IsMade || Debugger.IsAttached
        || Environment.GetEnvironmentVariable("MOMENTUM_CHECKED_VIEWS") == "1"
        || (AppContext.TryGetSwitch("MomentumCore.CheckedViews", out bool isOn) && isOn);

    // A class of its own: setting a field of this one would decide first.
    private static class Wish
    {
        public static bool IsMade { get; set; }
    }
}
