namespace MomentumCore.Layers;

/// <summary>A state dictionary does not fit a module; nothing was changed.</summary>
public sealed class StateDictException(string module, LoadReport report) : ArgumentException(
    $"{module}: the state does not fit, nothing was loaded. {report}. Pass strict: false to load what fits.")
{
    /// <summary>What does not fit.</summary>
    public LoadReport Report { get; } = report;
}
