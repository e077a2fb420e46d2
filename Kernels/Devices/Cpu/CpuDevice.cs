using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MomentumCore.Kernels.Devices.Cpu;

/// <summary>Runs kernels on the cores of this machine.</summary>
/// <remarks>
/// A range is cut into chunks whose size depends on the range alone, never on the number of threads, and threads
/// claim chunks as they get free. A kernel that keeps to its own chunk therefore gives the same bits on any number
/// of threads.
/// </remarks>
public sealed unsafe class CpuDevice : Device
{
    /// <summary>Elements that one chunk should touch: large enough to hide the hand-over, small enough to balance.</summary>
    private const int ChunkElements = 16 * 1024;

    /// <summary>The same for ranges so large that many chunks are left even so.</summary>
    private const int LargeChunkElements = 128 * 1024;

    private const int ManyChunks = 256;

    private readonly CpuMemoryPool _sharedPool = new();
    private readonly WorkerTeam _team;

    /// <summary>A CPU device of its own, with its own threads and memory counters.</summary>
    /// <param name="threads">How many threads run a kernel, the calling one included.</param>
    public CpuDevice(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _team = new WorkerTeam(threads);
    }

    /// <inheritdoc/>
    public override string Name => "cpu";

    /// <inheritdoc/>
    public override string Description =>
        $"{RuntimeInformation.ProcessArchitecture}, {_team.Threads} thread{(_team.Threads == 1 ? "" : "s")}, " +
        $"{System.Runtime.Intrinsics.Vector512.IsHardwareAccelerated switch { true => 512, false => System.Numerics.Vector<byte>.Count * 8 }}-bit vectors";

    /// <summary>How many threads run a kernel, the calling one included.</summary>
    public int Threads => _team.Threads;

    /// <summary>
    /// Runs <paramref name="body"/> once per tile, tiles spread over the threads. Inside it every kernel runs on the
    /// calling worker alone and memory comes from that worker's own pool.
    /// </summary>
    /// <param name="tiles">How many tiles there are.</param>
    /// <param name="body">Receives the tile's number, from 0. Tiles run in any order and side by side.</param>
    public void RunTiles(int tiles, Action<int> body)
    {
        ArgumentNullException.ThrowIfNull(body);
        _team.RunTiles(tiles, body);
    }

    /// <summary>Runs a body over the indices 0 … <paramref name="count"/> − 1, in chunks, on all threads.</summary>
    /// <param name="count">The number of indices.</param>
    /// <param name="elementsPerIndex">About how many elements one index touches; sets the chunk size.</param>
    /// <param name="body">The work.</param>
    /// <typeparam name="TBody">A struct without references: views and scalars.</typeparam>
    public void Run<TBody>(int count, long elementsPerIndex, TBody body)
        where TBody : unmanaged, IRangeBody
    {
        elementsPerIndex = Math.Max(1, elementsPerIndex);
        long elements = Math.Clamp(count * elementsPerIndex / ManyChunks, ChunkElements, LargeChunkElements);
        int chunk = (int)Math.Max(1, elements / elementsPerIndex);
        // Vectors of every chunk begin where cache lines do, as far as those of the first one do.
        if (chunk > 64)
            chunk &= ~63;
        RunChunks(count, chunk, body);
    }

    /// <summary>As <see cref="Run{TBody}"/>, with the chunk size given.</summary>
    /// <param name="count">The number of indices.</param>
    /// <param name="chunk">Indices of a chunk.</param>
    /// <param name="body">The work.</param>
    /// <param name="work">What a profile counts it as, if not as its own type.</param>
    internal void RunChunks<TBody>(int count, int chunk, TBody body, Type? work = null)
        where TBody : unmanaged, IRangeBody
    {
        var profile = ActiveProfile;
        long start = profile == null ? 0 : Stopwatch.GetTimestamp();
        _team.Run(count, chunk, body);
        profile?.Add(work ?? typeof(TBody), Stopwatch.GetElapsedTime(start).TotalNanoseconds);
    }

    /// <summary>Where working memory of one launch comes from: the worker's own pool inside a tile. It is not counted as tensors.</summary>
    internal CpuMemoryPool ScratchPool => CpuWorker.Current?.Pool ?? _sharedPool;

    internal override DeviceBuffer Allocate(long bytes)
    {
        var pool = ScratchPool;
        var guards = Guards;
        long guard = guards == null ? 0 : GuardZones.Zone;
        var buffer = new CpuBuffer(this, pool, (nint)pool.Rent(bytes + (2 * guard)), bytes, guard);
        guards?.Fill(buffer);
        Memory.Add(bytes);
        return buffer;
    }

    internal override void Upload(byte* source, long bytes, DeviceBuffer target, long targetOffset) =>
        Buffer.MemoryCopy(source, At(target, targetOffset, bytes), bytes, bytes);

    internal override void Download(DeviceBuffer source, long sourceOffset, byte* target, long bytes) =>
        Buffer.MemoryCopy(At(source, sourceOffset, bytes), target, bytes, bytes);

    /// <summary>A part of a buffer, which may itself be larger than a span can be.</summary>
    private static byte* At(DeviceBuffer buffer, long offset, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(offset, -buffer.Guard);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, buffer.Bytes + buffer.Guard - bytes);
        return (byte*)((CpuBuffer)buffer).Pointer + offset;
    }
}
