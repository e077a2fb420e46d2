using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Layers;

/// <summary>Cuts a data set into batches, shuffled each epoch, and prepares the next ones meanwhile.</summary>
/// <remarks>
/// What batch <c>b</c> of epoch <c>e</c> holds depends on the seed, e and b alone, so a training is resumed exactly by
/// asking for the rest of the epoch it stopped in: <c>loader.Epoch(e, firstBatch: b)</c>.
/// <code>
/// foreach (var batch in loader.Epoch(epoch))
///     Train(batch.Inputs, batch.Targets);
/// </code>
/// </remarks>
public sealed class DataLoader
{
    private readonly IDataset _dataset;
    private readonly bool _shuffle;
    private readonly ulong _seed;
    private readonly int _prefetch;
    private readonly IBatchTransform[] _transforms;

    /// <summary>A loader; it holds no thread until an epoch is enumerated.</summary>
    /// <param name="dataset">The samples. The loader does not dispose it.</param>
    /// <param name="batchSize">Samples per batch.</param>
    /// <param name="shuffle">Whether each epoch has an order of its own.</param>
    /// <param name="seed">Chooses the orders and the transforms' random numbers.</param>
    /// <param name="dropLast">Leave out the last batch when it is not full.</param>
    /// <param name="prefetch">How many batches a thread prepares ahead; 0 makes them when they are asked for.</param>
    /// <param name="transforms">Applied to the inputs in this order.</param>
    public DataLoader(
        IDataset dataset, int batchSize, bool shuffle = false, ulong seed = 0, bool dropLast = false, int prefetch = 2,
        params IBatchTransform[] transforms)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(prefetch);
        ArgumentNullException.ThrowIfNull(transforms);
        foreach (var transform in transforms)
            ArgumentNullException.ThrowIfNull(transform, nameof(transforms));
        _dataset = dataset;
        _shuffle = shuffle;
        _seed = seed;
        _prefetch = prefetch;
        _transforms = transforms;
        BatchSize = batchSize;
        int whole = dataset.Count / batchSize;
        BatchCount = dropLast || dataset.Count % batchSize == 0 ? whole : whole + 1;
        SampleCount = dropLast ? whole * batchSize : dataset.Count;
    }

    /// <summary>
    /// Where batches go; the thread that prepares them copies them there. <see langword="null"/> leaves them where the
    /// data set makes them. Unless set: <see cref="Device.Default"/>, if that is not the CPU.
    /// </summary>
    public Device? Device { get; init; } = Device.Default is CpuDevice ? null : Device.Default;

    /// <summary>Samples per batch; the last one may have fewer.</summary>
    public int BatchSize { get; }

    /// <summary>Batches per epoch.</summary>
    public int BatchCount { get; }

    /// <summary>Samples per epoch.</summary>
    public int SampleCount { get; }

    /// <summary>The batches of an epoch. A batch is freed when the next one is asked for.</summary>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="firstBatch">Where to begin: 0, or the first batch that an interrupted training lacks.</param>
    /// <param name="cancellation">
    /// Ends the enumeration with <see cref="OperationCanceledException"/>, after the batch that is being made.
    /// </param>
    /// <remarks>An error in the data set or a transform comes out after the batches before it.</remarks>
    public IEnumerable<Batch> Epoch(int epoch, int firstBatch = 0, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(firstBatch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(firstBatch, BatchCount);
        return _prefetch == 0 ? OnDemand(epoch, firstBatch, cancellation) : Ahead(epoch, firstBatch, cancellation);
    }

    private IEnumerable<Batch> OnDemand(int epoch, int firstBatch, CancellationToken cancellation)
    {
        int[] order = Order(epoch);
        for (int index = firstBatch; index < BatchCount; index++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var batch = Make(order, epoch, index);
            yield return batch;
        }
    }

    private IEnumerable<Batch> Ahead(int epoch, int firstBatch, CancellationToken cancellation)
    {
        int[]? order = null;
        using var queue = new BatchQueue(
            firstBatch, BatchCount, _prefetch, index => Make(order ??= Order(epoch), epoch, index));
        while (queue.Take(cancellation) is { } next)
        {
            using var batch = next;
            yield return batch;
        }
    }

    private int[] Order(int epoch)
    {
        int[] order = [.. Enumerable.Range(0, _dataset.Count)];
        if (_shuffle)
            SampleRandom.OfEpoch(_seed, epoch).Shuffle<int>(order);
        return order;
    }

    private Batch Make(int[] order, int epoch, int index)
    {
        int first = index * BatchSize;
        int[] samples = order[first..Math.Min(first + BatchSize, SampleCount)];
        // The scope frees what transforms leave behind; the batch itself belongs to the enumeration.
        using var scope = TensorScope.BeginLocal();
        int recording = NoGrad.SetLocal(recording: false);
        try
        {
            var tensors = _dataset.Read(samples);
            for (int i = 0; i < _transforms.Length; i++)
                tensors[0] = _transforms[i].Apply(tensors[0], new SampleRandom(_seed, epoch, samples, i));
            for (int i = 0; i < tensors.Length; i++)
                tensors[i] = Device == null ? tensors[i] : tensors[i].To(Device);
            foreach (var tensor in tensors)
                tensor.Scope = null;
            return new Batch(tensors, epoch, index);
        }
        finally
        {
            NoGrad.RestoreLocal(recording);
        }
    }
}
