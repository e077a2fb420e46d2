using System.Runtime.ExceptionServices;

namespace MomentumCore.Layers;

/// <summary>Makes batches on a thread of its own, a few ahead of whoever takes them.</summary>
internal sealed class BatchQueue : IDisposable
{
    private readonly Worker _worker;
    private readonly Thread _thread;

    /// <param name="first">The number of the first batch.</param>
    /// <param name="end">The number after the last.</param>
    /// <param name="capacity">How many finished batches may wait.</param>
    /// <param name="make">Makes a batch by its number.</param>
    public BatchQueue(int first, int end, int capacity, Func<int, Batch> make)
    {
        _worker = new Worker(first, end, capacity, make);
        // Without the caller's context: batches must not join a scope that happens to be open there.
        _thread = new Thread(_worker.Run) { IsBackground = true, Name = "momentum-loader" };
        _thread.UnsafeStart();
    }

    // The thread knows the worker only, so a queue that nobody disposed is found here and its thread let go.
    ~BatchQueue() => _worker.Stop();

    /// <summary>The next batch, in order; null after the last. An error of the thread comes out here.</summary>
    public Batch? Take(CancellationToken cancellation) => _worker.Take(cancellation);

    /// <summary>Stops the thread, waits for it, and frees what was not taken.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _worker.Stop();
        _thread.Join();
    }

    private sealed class Worker(int first, int end, int capacity, Func<int, Batch> make)
    {
        private readonly object _gate = new();
        private readonly Queue<Batch> _ready = new();
        private bool _stopped;
        private bool _done;
        private ExceptionDispatchInfo? _failure;

        public void Run()
        {
            try
            {
                for (int i = first; i < end && WaitForRoom(); i++)
                    Add(make(i));
            }
            catch (Exception error)
            {
                _failure = ExceptionDispatchInfo.Capture(error);
            }

            lock (_gate)
            {
                _done = true;
                Monitor.PulseAll(_gate);
            }
        }

        public Batch? Take(CancellationToken cancellation)
        {
            lock (_gate)
            {
                // Cancelling need not wake this: the batch in progress has to end anyway before the thread can.
                while (_ready.Count == 0 && !_done && !_stopped)
                    Monitor.Wait(_gate);
                cancellation.ThrowIfCancellationRequested();
                if (_ready.TryDequeue(out var batch))
                {
                    Monitor.PulseAll(_gate);
                    return batch;
                }
            }

            _failure?.Throw();
            return null;
        }

        public void Stop()
        {
            lock (_gate)
            {
                _stopped = true;
                while (_ready.TryDequeue(out var batch))
                    batch.Dispose();
                Monitor.PulseAll(_gate);
            }
        }

        private bool WaitForRoom()
        {
            lock (_gate)
            {
                while (_ready.Count >= capacity && !_stopped)
                    Monitor.Wait(_gate);
                return !_stopped;
            }
        }

        private void Add(Batch batch)
        {
            lock (_gate)
            {
                if (_stopped)
                    batch.Dispose();
                else
                    _ready.Enqueue(batch);
                Monitor.PulseAll(_gate);
            }
        }
    }
}
