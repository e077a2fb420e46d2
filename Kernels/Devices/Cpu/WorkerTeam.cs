using System.Runtime.ExceptionServices;

namespace MomentumCore.Kernels.Devices.Cpu;

/// <summary>A fixed set of threads that share the chunks of one range at a time, without allocating per launch.</summary>
internal sealed unsafe class WorkerTeam(int threads)
{
    private const int SpinsBeforeSleep = 200;

    private readonly CpuWorker[] _workers = [.. Enumerable.Range(0, threads).Select(_ => new CpuWorker())];
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _startLock = new();
    private bool _started;

    // The job in hand. Written by the launcher before the wake-up, read by the workers after it.
    private delegate*<void*, int, int, void> _entry;
    private void* _body;
    private int _count;
    private int _chunk;
    private int _nextChunk;
    private int _chunks;
    private int _working;
    private int _busy;
    private ExceptionDispatchInfo? _failure;

    [ThreadStatic]
    private static bool s_insideLaunch;

    public int Threads { get; } = threads;

    public void Run<TBody>(int count, int chunk, TBody body)
        where TBody : unmanaged, IRangeBody
    {
        if (count <= 0)
            return;
        int chunks = (int)(((long)count + chunk - 1) / chunk);
        // In place: little work, inside a tile or another kernel, or another thread is using the team.
        if (chunks == 1 || Threads == 1 || CpuWorker.Current != null || s_insideLaunch
            || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            for (int start = 0; start < count; start += Math.Min(chunk, count - start))
                body.Run(start, Math.Min(count - start, chunk) + start);
            return;
        }

        try
        {
            Launch(&Invoke<TBody>, &body, count, chunk, chunks);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    public void RunTiles(int tiles, Action<int> body)
    {
        if (tiles <= 0)
            return;
        if (CpuWorker.Current != null)
        {
            for (int tile = 0; tile < tiles; tile++)
                body(tile);
            return;
        }

        int next = -1;
        int helpers = Math.Min(Threads, tiles) - 1;
        ExceptionDispatchInfo? failure = null;
        void Work(int worker)
        {
            CpuWorker.Current = _workers[worker];
            try
            {
                for (int tile = Interlocked.Increment(ref next); tile < tiles; tile = Interlocked.Increment(ref next))
                {
                    if (Volatile.Read(ref failure) != null)
                        return;
                    body(tile);
                }
            }
            catch (Exception exception)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(exception), null);
            }
            finally
            {
                CpuWorker.Current = null;
            }
        }

        var tasks = new Task[helpers];
        for (int i = 0; i < helpers; i++)
        {
            int worker = i + 1;
            tasks[i] = Task.Factory.StartNew(() => Work(worker), TaskCreationOptions.LongRunning);
        }

        Work(0);
        Task.WaitAll(tasks);
        failure?.Throw();
    }

    private static void Invoke<TBody>(void* body, int start, int end)
        where TBody : unmanaged, IRangeBody =>
        ((TBody*)body)->Run(start, end);

    private void Launch(delegate*<void*, int, int, void> entry, void* body, int count, int chunk, int chunks)
    {
        Start();
        int helpers = Math.Min(Threads, chunks) - 1;
        _entry = entry;
        _body = body;
        _count = count;
        _chunk = chunk;
        _chunks = chunks;
        _nextChunk = 0;
        _failure = null;
        Volatile.Write(ref _working, helpers);
        _wake.Release(helpers);
        s_insideLaunch = true;
        try
        {
            Work();
        }
        finally
        {
            s_insideLaunch = false;
        }

        // A worker that has not woken yet is not needed any more: take its ticket back rather than wait for it.
        while (Volatile.Read(ref _working) != 0 && _wake.Wait(0))
            Interlocked.Decrement(ref _working);
        var spinner = new SpinWait();
        while (Volatile.Read(ref _working) != 0)
            spinner.SpinOnce(sleep1Threshold: -1);
        _body = null;
        _failure?.Throw();
    }

    private void Work()
    {
        try
        {
            for (int i = Interlocked.Increment(ref _nextChunk) - 1; i < _chunks; i = Interlocked.Increment(ref _nextChunk) - 1)
            {
                int start = i * _chunk;
                _entry(_body, start, Math.Min(_count - start, _chunk) + start);
            }
        }
        catch (Exception exception)
        {
            Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(exception), null);
            Volatile.Write(ref _nextChunk, int.MaxValue / 2);
        }
    }

    private void Start()
    {
        if (Volatile.Read(ref _started))
            return;
        lock (_startLock)
        {
            if (_started)
                return;
            for (int i = 1; i < Threads; i++)
                new Thread(Loop) { IsBackground = true, Name = $"momentum-{i}" }.UnsafeStart();
            Volatile.Write(ref _started, true);
        }
    }

    private void Loop()
    {
        s_insideLaunch = true;
        while (true)
        {
            for (int spin = 0; spin < SpinsBeforeSleep && _wake.CurrentCount == 0; spin++)
                Thread.SpinWait(20);
            _wake.Wait();
            Work();
            Interlocked.Decrement(ref _working);
        }
    }
}
