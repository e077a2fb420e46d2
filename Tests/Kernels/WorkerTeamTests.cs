namespace MomentumCore.Tests.Kernels;

/// <summary>Threads share a range: every index once, errors surface, tiles have their own memory.</summary>
[TestFixture]
internal sealed unsafe class WorkerTeamTests
{
    [Test]
    public void Every_index_runs_exactly_once(
        [Values(1, 2, 3, 8)] int threads, [Values(0, 1, 63, 64, 65, 100_003)] int count)
    {
        var device = new CpuDevice(threads);
        var hits = new int[count];
        for (int repeat = 0; repeat < 20; repeat++)
        {
            fixed (int* h = hits)
                device.RunChunks(count, 64, new CountHits { Hits = h });
        }

        Assert.That(hits, Is.All.EqualTo(20));
    }

    [Test]
    public void Chunks_do_not_depend_on_the_number_of_threads()
    {
        var one = ChunksOf(new CpuDevice(1));
        Assert.That(ChunksOf(new CpuDevice(4)), Is.EqualTo(one));
        Assert.That(one, Has.Length.EqualTo(16));

        static int[] ChunksOf(CpuDevice device)
        {
            var starts = new int[16];
            fixed (int* s = starts)
                device.RunChunks(1000, 64, new RecordStarts { At = s });
            return starts;
        }
    }

    [Test]
    public void An_exception_in_a_chunk_reaches_the_caller_and_the_team_goes_on()
    {
        var device = new CpuDevice(3);
        Assert.That(
            () => device.RunChunks(1000, 10, new FailAt { At = 500 }), Throws.TypeOf<InvalidOperationException>());
        var hits = new int[1000];
        fixed (int* h = hits)
            device.RunChunks(1000, 10, new CountHits { Hits = h });
        Assert.That(hits, Is.All.EqualTo(1));
    }

    [Test]
    public void Several_threads_may_use_one_device()
    {
        var device = new CpuDevice(2);
        Parallel.For(0, 8, _ =>
        {
            var hits = new int[10_000];
            for (int repeat = 0; repeat < 50; repeat++)
            {
                fixed (int* h = hits)
                    device.RunChunks(hits.Length, 100, new CountHits { Hits = h });
            }

            Assert.That(hits, Is.All.EqualTo(50));
        });
    }

    [Test]
    public void Every_tile_runs_once_and_an_exception_in_one_surfaces()
    {
        var device = new CpuDevice(3);
        int[] hits = new int[50];
        device.RunTiles(50, tile => Interlocked.Increment(ref hits[tile]));
        Assert.That(hits, Is.All.EqualTo(1));
        Assert.That(
            () => device.RunTiles(50, tile => throw new InvalidOperationException("tile " + tile)),
            Throws.TypeOf<InvalidOperationException>().With.Message.StartsWith("tile"));
        Assert.That(CpuWorker.Current, Is.Null);
    }

    [Test]
    public void Freed_memory_is_reused_and_counted()
    {
        var device = new CpuDevice(1);
        var a = (CpuBuffer)device.Allocate(1000);
        nint first = (nint)a.Pointer;
        Assert.That((long)first % 64, Is.Zero);
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(1000));
        a.Free();
        a.Free();
        Assert.That(device.Memory.LiveBytes, Is.Zero);
        var b = (CpuBuffer)device.Allocate(1000);
        Assert.That((nint)b.Pointer, Is.EqualTo(first));
        Assert.That(device.Memory.PeakBytes, Is.EqualTo(1000));
        b.Free();
    }

    [Test]
    public void Memory_that_the_machine_does_not_have_is_a_clear_error()
    {
        var device = new CpuDevice(1);
        Assert.That(
            () => device.Allocate(1L << 60),
            Throws.TypeOf<OutOfMemoryException>().With.Message.Contains("smaller batch"));
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    private struct CountHits : IRangeBody
    {
        public int* Hits;

        public readonly void Run(int start, int end)
        {
            for (int i = start; i < end; i++)
                Interlocked.Increment(ref Hits[i]);
        }
    }

    private struct RecordStarts : IRangeBody
    {
        public int* At;

        public readonly void Run(int start, int end) => At[start / 64] = end - start;
    }

    private struct FailAt : IRangeBody
    {
        public int At;

        public readonly void Run(int start, int end)
        {
            if (start <= At && At < end)
                throw new InvalidOperationException("as asked");
        }
    }
}
