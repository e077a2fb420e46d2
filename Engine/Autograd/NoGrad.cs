namespace MomentumCore.Engine;

/// <summary>While open, operations are computed but not recorded: no derivative, no kept values.</summary>
/// <remarks><code>using (NoGrad.Begin()) { … }</code> It nests and follows the async flow.</remarks>
public sealed class NoGrad : IDisposable
{
    private static readonly AsyncLocal<int> Flow = new(change =>
    {
        if (change.ThreadContextChanged)
            s_open = change.CurrentValue;
    });

    // The flow's value on this thread, cheap to read.
    [ThreadStatic]
    private static int s_open;

    private bool _closed;

    private NoGrad()
    {
    }

    /// <summary>Whether operations are recorded here and now.</summary>
    public static bool IsRecording => s_open == 0;

    /// <summary>Stops recording until the result is disposed.</summary>
    public static NoGrad Begin()
    {
        Flow.Value = ++s_open;
        return new NoGrad();
    }

    /// <summary>Goes back to what was before.</summary>
    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        Flow.Value = --s_open;
    }

    /// <summary>For one synchronous call that never crosses an await; returns the value for <see cref="RestoreLocal"/>.</summary>
    internal static int SetLocal(bool recording)
    {
        int before = s_open;
        s_open = recording ? 0 : 1;
        return before;
    }

    internal static void RestoreLocal(int before) => s_open = before;
}
