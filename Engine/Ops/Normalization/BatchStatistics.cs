namespace MomentumCore.Engine;

/// <summary>
/// While frozen, batch normalisation does not move its running statistics: for code that evaluates a function again
/// that it has evaluated before, such as the reversible block.
/// </summary>
/// <remarks><code>using (BatchStatistics.Freeze()) { … }</code> It nests and follows the async flow, like
/// <see cref="NoGrad"/>.</remarks>
internal sealed class BatchStatistics : IDisposable
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

    private BatchStatistics()
    {
    }

    /// <summary>Whether running statistics stay as they are here and now.</summary>
    public static bool AreFrozen => s_open > 0;

    /// <summary>Freezes running statistics until the result is disposed.</summary>
    public static BatchStatistics Freeze()
    {
        Flow.Value = ++s_open;
        return new BatchStatistics();
    }

    /// <summary>Goes back to what was before.</summary>
    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        Flow.Value = --s_open;
    }
}
