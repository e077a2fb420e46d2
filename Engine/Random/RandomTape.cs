namespace MomentumCore.Engine;

/// <summary>
/// Gives a function that is evaluated a second time the random numbers of the first: one tape records where each source
/// stood when the function first drew from it, another plays from there. The sources themselves are not set back.
/// </summary>
/// <remarks>
/// It holds until it is disposed, and follows the async flow into threads and tasks. Tapes nest: a recording sees what an
/// outer one plays. A source that several threads or tasks draw from on one tape is refused: which of them gets which
/// numbers would be up to chance, and another chance the second time.
/// </remarks>
internal sealed class RandomTape : IDisposable
{
    private static readonly AsyncLocal<RandomTape?> Flow = new(change =>
    {
        if (change.ThreadContextChanged)
            s_current = change.CurrentValue;
    });

    // The flow's value on this thread, cheap to read.
    [ThreadStatic]
    private static RandomTape? s_current;

    private readonly Lock _lock = new();
    private readonly RandomTape? _outer = Current;
    private readonly bool _plays;
    private Dictionary<RandomSource, RandomState>? _states;
    private Dictionary<RandomSource, (int Thread, int? Task)>? _drawers;
    private volatile bool _isClosed;

    private RandomTape(bool plays, Dictionary<RandomSource, RandomState>? states)
    {
        _plays = plays;
        _states = states;
        Flow.Value = s_current = this;
    }

    public static RandomTape? Current
    {
        get
        {
            // A task that outlives the tape it was started under draws as if there was none.
            var tape = s_current;
            while (tape is { _isClosed: true })
                tape = tape._outer;
            return tape;
        }
    }

    /// <summary>Where each source stood that was drawn from while recording; null when none was.</summary>
    public IReadOnlyDictionary<RandomSource, RandomState>? Starts => _states;

    /// <summary>Takes note of what is drawn.</summary>
    public static RandomTape Record() => new(plays: false, null);

    /// <summary>Draws again what was drawn on a tape with these <see cref="Starts"/>.</summary>
    public static RandomTape Play(IReadOnlyDictionary<RandomSource, RandomState> starts) =>
        new(plays: true, new(starts));

    public void Dispose()
    {
        _isClosed = true;
        if (s_current == this)
            Flow.Value = s_current = _outer;
    }

    /// <summary>Takes blocks out of a source's sequence as it is on this tape.</summary>
    /// <exception cref="GradientException">Another thread or task has drawn from it on this tape.</exception>
    public RandomState Take(RandomSource source, long blocks)
    {
        lock (_lock)
        {
            RequireOneDrawer(source);
            var start = StateOf(source);
            if (_plays && _states!.ContainsKey(source))
                _states[source] = start.After(blocks);
            else
                start = _outer?.Take(source, blocks) ?? source.TakeHere(blocks);
            return start;
        }
    }

    /// <summary>Where a source stands on this tape.</summary>
    public RandomState Peek(RandomSource source)
    {
        lock (_lock)
            return StateOf(source);
    }

    /// <summary>Moves a source to a state on this tape.</summary>
    public void Set(RandomSource source, RandomState state)
    {
        lock (_lock)
        {
            RequireOneDrawer(source);
            if (_plays && _states!.ContainsKey(source))
                _states[source] = state;
            else if (_outer != null)
                _outer.Set(source, state);
            else
                source.StateHere = state;
        }
    }

    private RandomState StateOf(RandomSource source)
    {
        if (_plays && _states!.TryGetValue(source, out var played))
            return played;
        var state = _outer?.Peek(source) ?? source.StateHere;
        if (!_plays)
            (_states ??= []).TryAdd(source, state);
        return state;
    }

    private void RequireOneDrawer(RandomSource source)
    {
        // Two tasks may run one after the other on one thread, in an order that is up to chance all the same.
        var here = (Environment.CurrentManagedThreadId, Task.CurrentId);
        if ((_drawers ??= []).TryAdd(source, here) || _drawers[source] == here)
            return;
        throw new GradientException(
            "RandomSource: several threads or tasks of a layer draw from one source, so which of them gets which numbers is " +
            "up to chance, and a reversible network could not evaluate the layer again with the same numbers. Give each task " +
            "a Fork(n) of the source, made before the tasks start, draw outside of the tasks, or use MemoryMode.Store.");
    }
}
