namespace MomentumCore.Engine;

/// <summary>While open, operations are computed but not recorded: no derivative, no kept values.</summary>
/// <remarks><code>using (NoGrad.Begin()) { … }</code> It nests and follows the async flow.</remarks>
public sealed class NoGrad : IDisposable
{
    // Far above any number of open ones: one opened inside makes it another number, which is not watched.
    private const int Watched = 1 << 20;

    private static readonly AsyncLocal<int> Flow = new(change =>
    {
        if (change.ThreadContextChanged)
            s_open = change.CurrentValue;
    });

    // The flow's value on this thread, cheap to read.
    [ThreadStatic]
    private static int s_open;

    // Not always what this thread counts: an operation's own NoGrad is local, and the async flow must not carry it on.
    private readonly int _flowBefore = Flow.Value;
    private bool _closed;

    private NoGrad()
    {
    }

    /// <summary>Whether operations are recorded here and now.</summary>
    public static bool IsRecording => s_open == 0;

    /// <summary>Stops recording until the result is disposed.</summary>
    public static NoGrad Begin()
    {
        var opened = new NoGrad();
        s_open++;
        Flow.Value = opened._flowBefore + 1;
        return opened;
    }

    /// <summary>Goes back to what was before.</summary>
    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        s_open--;
        Flow.Value = _flowBefore;
    }

    /// <summary>
    /// For one synchronous call that never crosses an await; returns the value for <see cref="RestoreLocal"/>.
    /// </summary>
    internal static int SetLocal(bool recording)
    {
        int before = s_open;
        s_open = recording ? 0 : 1;
        return before;
    }

    internal static void RestoreLocal(int before) => s_open = before;

    /// <summary>
    /// Whether a <see cref="ForeignWatch"/> looks at what is computed here, unrecorded: not inside of a further
    /// <see cref="Begin"/>, nor inside of an operation.
    /// </summary>
    internal static bool IsWatched => s_open == Watched;

    /// <summary>As <see cref="SetLocal"/> without recording, with <see cref="IsWatched"/>.</summary>
    internal static int SetWatched()
    {
        int before = s_open;
        s_open = Watched;
        return before;
    }

    /// <summary>
    /// Until the result is disposed, tasks started here record what this thread records: what <see cref="SetLocal"/> sets
    /// is otherwise not theirs.
    /// </summary>
    internal static Flowing LetFlow() => new(Flow.Value, s_open);

    /// <summary>What the async flow goes back to.</summary>
    internal readonly ref struct Flowing
    {
        private readonly int _before;
        private readonly bool _changed;

        public Flowing(int before, int here)
        {
            _before = before;
            _changed = before != here;
            if (_changed)
                Flow.Value = here;
        }

        public void Dispose()
        {
            if (_changed)
                Flow.Value = _before;
        }
    }
}
