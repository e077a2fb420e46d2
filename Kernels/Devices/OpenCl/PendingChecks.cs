using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>The checks of values on a device that wait until the host reads from it, and what they found.</summary>
/// <remarks>
/// Whoever reads first runs all that wait, because the values that he reads may hang on any of them. An error is thrown
/// there, and when he is not the one whose work is wrong, once more at the next read of that one: of the flow that asked
/// for the check, on its thread unless that is one of the pool's.
/// </remarks>
internal sealed class PendingChecks
{
    /// <summary>Checks that may wait; each holds a little device memory.</summary>
    private const int Most = 256;

    // A check reads the device itself.
    [ThreadStatic]
    private static bool s_isRunning;

    private readonly ConcurrentQueue<Check> _waiting = new();
    private readonly Lock _lock = new();

    // The last check that this flow has asked for, or a flow that it began in.
    private readonly AsyncLocal<Check?> _last = new();
    private int _unfinished;

    /// <summary>Leaves a check for the next read.</summary>
    public void Add(Action run)
    {
        var check = new Check(run, Unsettled(_last.Value));
        _last.Value = check;
        Interlocked.Increment(ref _unfinished);
        _waiting.Enqueue(check);
        if (_waiting.Count > Most)
            Run(Environment.CurrentManagedThreadId);
    }

    /// <summary>Runs all that wait; throws the first error, or one of this flow that another met before.</summary>
    /// <param name="reader">The thread that asked for the values; not always this one.</param>
    public void Run(int reader)
    {
        if (s_isRunning)
            return;
        ThrowKept(reader);
        if (Volatile.Read(ref _unfinished) == 0)
            return;
        s_isRunning = true;
        try
        {
            // Who comes while another runs them waits: one of them may be about his own values.
            lock (_lock)
            {
                while (_waiting.TryDequeue(out var check))
                    Run(check, reader);
            }
        }
        finally
        {
            s_isRunning = false;
        }

        ThrowKept(reader);
    }

    private void Run(Check check, int reader)
    {
        ExceptionDispatchInfo? found = null;
        try
        {
            check.Run();
        }
        catch (Exception problem)
        {
            found = ExceptionDispatchInfo.Capture(problem);
        }

        check.Settle(found != null && !IsOf(check, reader) ? found : null);
        Interlocked.Decrement(ref _unfinished);
        found?.Throw();
    }

    /// <summary>Whether the reader is the one that asked for the check.</summary>
    private bool IsOf(Check check, int reader)
    {
        var mine = check.IsOf(reader) ? _last.Value : null;
        while (mine != null && mine != check)
            mine = mine.Before;
        return mine != null;
    }

    private void ThrowKept(int reader)
    {
        for (var check = _last.Value; check != null; check = check.Before)
        {
            if (check.IsOf(reader))
                check.TakeKept()?.Throw();
        }
    }

    private static Check? Unsettled(Check? check)
    {
        while (check is { IsSettled: true })
            check = check.Before;
        return check;
    }

    /// <summary>One check, and those that its flow had asked for before and that were still open.</summary>
    private sealed class Check(Action run, Check? before)
    {
        // An async flow may go on on any thread of the pool, but comes to no other.
        private readonly int _thread = Thread.CurrentThread.IsThreadPoolThread ? 0 : Environment.CurrentManagedThreadId;
        private Action? _run = run;
        private ExceptionDispatchInfo? _kept;
        private volatile bool _isDone;

        public Check? Before { get; } = before;

        /// <summary>It has run, and nobody is left to be told.</summary>
        public bool IsSettled => _isDone && Volatile.Read(ref _kept) == null;

        public bool IsOf(int reader) => _thread == 0 || _thread == reader;

        public void Run()
        {
            var run = _run!;
            _run = null; // a flow may hold this object for long
            run();
        }

        public void Settle(ExceptionDispatchInfo? kept)
        {
            Volatile.Write(ref _kept, kept);
            _isDone = true;
        }

        public ExceptionDispatchInfo? TakeKept() =>
            Volatile.Read(ref _kept) == null ? null : Interlocked.Exchange(ref _kept, null);
    }
}
