namespace MomentumCore.Engine;

/// <summary>
/// Gives a function that is evaluated a second time the random numbers of the first: one tape records where each source
/// stood when the function first drew from it, another plays from there. The sources themselves are not set back.
/// </summary>
/// <remarks>
/// It holds on the thread that opened it until it is disposed. Tapes nest: a recording sees what an outer one plays.
/// </remarks>
internal sealed class RandomTape : IDisposable
{
    [ThreadStatic]
    private static RandomTape? s_current;

    private readonly RandomTape? _outer = s_current;
    private readonly bool _plays;
    private Dictionary<RandomSource, RandomState>? _states;

    private RandomTape(bool plays) => _plays = plays;

    public static RandomTape? Current => s_current;

    /// <summary>Where each source stood that was drawn from while recording; null when none was.</summary>
    public IReadOnlyDictionary<RandomSource, RandomState>? Starts => _states;

    /// <summary>Takes note of what is drawn.</summary>
    public static RandomTape Record() => s_current = new RandomTape(plays: false);

    /// <summary>Draws again what was drawn on a tape with these <see cref="Starts"/>.</summary>
    public static RandomTape Play(IReadOnlyDictionary<RandomSource, RandomState> starts) =>
        s_current = new RandomTape(plays: true) { _states = new(starts) };

    public void Dispose()
    {
        if (s_current == this)
            s_current = _outer;
    }

    /// <summary>Takes blocks out of a source's sequence as it is on this tape.</summary>
    public RandomState Take(RandomSource source, long blocks)
    {
        var start = Peek(source);
        if (_plays && _states!.ContainsKey(source))
            _states[source] = start.After(blocks);
        else
            start = _outer?.Take(source, blocks) ?? source.TakeHere(blocks);
        return start;
    }

    /// <summary>Where a source stands on this tape.</summary>
    public RandomState Peek(RandomSource source)
    {
        if (_plays && _states!.TryGetValue(source, out var played))
            return played;
        var state = _outer?.Peek(source) ?? source.StateHere;
        if (!_plays)
            (_states ??= []).TryAdd(source, state);
        return state;
    }

    /// <summary>Moves a source to a state on this tape.</summary>
    public void Set(RandomSource source, RandomState state)
    {
        if (_plays && _states!.ContainsKey(source))
            _states[source] = state;
        else if (_outer != null)
            _outer.Set(source, state);
        else
            source.StateHere = state;
    }
}
