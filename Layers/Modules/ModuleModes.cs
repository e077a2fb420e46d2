namespace MomentumCore.Layers;

/// <summary>
/// Training modes that hold in one async flow only: for code that evaluates modules again as they were, while others use
/// them as they are.
/// </summary>
internal sealed class ModuleModes : IDisposable
{
    private static readonly AsyncLocal<Dictionary<Module, bool>?> Flow = new(change =>
    {
        if (change.ThreadContextChanged)
            s_modes = change.CurrentValue;
    });

    // The flow's value on this thread, cheap to read.
    [ThreadStatic]
    private static Dictionary<Module, bool>? s_modes;

    private readonly Dictionary<Module, bool>? _before = s_modes;

    private ModuleModes()
    {
    }

    /// <summary>Gives modules modes of their own until the result is disposed; it nests.</summary>
    public static ModuleModes Enter(IEnumerable<(Module Module, bool IsTraining)> modes)
    {
        var entered = new ModuleModes();
        var all = s_modes == null ? [] : new Dictionary<Module, bool>(s_modes);
        foreach (var (module, isTraining) in modes)
            all[module] = isTraining;
        Flow.Value = s_modes = all;
        return entered;
    }

    /// <summary>A module's mode here and now, given its own.</summary>
    public static bool Of(Module module, bool own) =>
        s_modes != null && s_modes.TryGetValue(module, out bool isTraining) ? isTraining : own;

    /// <summary>Goes back to what was before.</summary>
    public void Dispose() => Flow.Value = s_modes = _before;
}
