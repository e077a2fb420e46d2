using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>
/// Where random numbers come from: a seeded, counter-based generator (Philox 4x32-10) whose whole state is a few
/// numbers
/// that can be saved, restored and replayed. The same numbers on any device and any number of threads.
/// </summary>
/// <remarks>
/// Everything random takes a source and uses <see cref="Current"/> without one. A source may be shared by threads; but
/// when several draw at once, which of them gets which numbers is up to chance: give each a <see cref="Fork"/>.
/// </remarks>
public sealed class RandomSource
{
    private static readonly RandomSource Default = new(0);
    private static readonly AsyncLocal<RandomSource?> Flow = new();

    private readonly Lock _lock = new();
    private RandomState _state;

    /// <summary>A source at the start of a seed's sequence.</summary>
    /// <param name="seed">Chooses the sequence.</param>
    public RandomSource(ulong seed) => _state = new RandomState(seed, 0);

    /// <summary>A source that goes on from a saved state.</summary>
    /// <param name="state">What <see cref="State"/> said.</param>
    public RandomSource(RandomState state) => _state = state;

    /// <summary>
    /// The source in use here: that of the innermost <see cref="Use"/>, or one for the whole process that starts at
    /// seed 0, so that programs repeat unless they ask not to.
    /// </summary>
    public static RandomSource Current => Flow.Value ?? Default;

    /// <summary>Where the sequence stands. Set it to go back, or to another seed.</summary>
    public RandomState State
    {
        get => RandomTape.Current?.Peek(this) ?? StateHere;
        set
        {
            if (RandomTape.Current is { } tape)
                tape.Set(this, value);
            else
                StateHere = value;
        }
    }

    /// <summary>The state of this object itself, whatever <see cref="RandomTape"/> is running.</summary>
    internal RandomState StateHere
    {
        get
        {
            lock (_lock)
                return _state;
        }

        set
        {
            lock (_lock)
                _state = value;
        }
    }

    /// <summary>
    /// Makes a source <see cref="Current"/> until the result is disposed. It nests and follows the async flow.
    /// </summary>
    public static IDisposable Use(RandomSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var restore = new Restore(Flow.Value);
        Flow.Value = source;
        return restore;
    }

    /// <summary>
    /// A source of the same seed whose numbers are independent of this one's: for layers, tiles, threads.
    /// </summary>
    /// <param name="stream">Its number; forks with different numbers are independent.</param>
    /// <remarks>The fork starts where this source stands, so forks made at different steps differ too.</remarks>
    public RandomSource Fork(ulong stream) => new(State with { Stream = stream });

    /// <summary>A number in [0, 1) with 53 random bits, for host code. It draws a whole block.</summary>
    public double NextDouble() => (NextBlock().LongWord(0) >> 11) * 1.1102230246251565e-16;

    /// <summary>
    /// An integer from 0 up to, not including, <paramref name="below"/>, for host code. It draws a whole block.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="below"/> is not positive.</exception>
    public int NextInt(int below)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(below, 1);
        return (int)Math.BigMul(NextBlock().LongWord(0), (ulong)below, out _);
    }

    /// <summary>Puts values into random order (Fisher and Yates), for host code.</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int other = NextInt(i + 1);
            (values[i], values[other]) = (values[other], values[i]);
        }
    }

    /// <summary>Takes some blocks out of the sequence and says where they begin.</summary>
    internal RandomState Take(long blocks) => RandomTape.Current?.Take(this, blocks) ?? TakeHere(blocks);

    /// <summary>As <see cref="Take"/>, whatever <see cref="RandomTape"/> is running.</summary>
    internal RandomState TakeHere(long blocks)
    {
        lock (_lock)
        {
            var start = _state;
            _state = start.After(blocks);
            return start;
        }
    }

    private PhiloxBlock NextBlock()
    {
        var state = Take(1);
        return Philox.Block(state.Seed, state.Stream, state.Offset);
    }

    private sealed class Restore(RandomSource? before) : IDisposable
    {
        private bool _done;

        public void Dispose()
        {
            if (_done)
                return;
            _done = true;
            Flow.Value = before;
        }
    }
}
