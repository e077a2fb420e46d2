using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Random numbers that depend on seed, epoch, sample and transform alone.</summary>
/// <remarks>
/// So a sample is changed in the same way whatever batch it falls into, whichever thread makes it, and whether or not
/// the training was interrupted.
/// </remarks>
public sealed class SampleRandom
{
    /// <summary>The sample number of what concerns the whole epoch: no data set has as many.</summary>
    private const uint WholeEpoch = uint.MaxValue;

    private readonly RandomSource _source = new(0);
    private readonly ulong _seed;
    private readonly int _epoch;
    private readonly int[] _samples;
    private readonly int _transform;

    internal SampleRandom(ulong seed, int epoch, int[] samples, int transform)
    {
        _seed = seed;
        _epoch = epoch;
        _samples = samples;
        _transform = transform;
    }

    /// <summary>The number of samples of the batch.</summary>
    public int Count => _samples.Length;

    /// <summary>The numbers of a sample, from their start. The source is good until the next call.</summary>
    /// <param name="row">The sample's place in the batch.</param>
    public RandomSource this[int row]
    {
        get
        {
            _source.State = State(_seed, _epoch, (uint)_samples[row], _transform);
            return _source;
        }
    }

    /// <summary>The numbers that shuffle an epoch.</summary>
    internal static RandomSource OfEpoch(ulong seed, int epoch) => new(State(seed, epoch, WholeEpoch, 0));

    // Each transform has 2^32 blocks of its sample's stream to itself.
    private static RandomState State(ulong seed, int epoch, uint sample, int transform) =>
        new(seed, Offset: (ulong)transform << 32, Stream: ((ulong)(uint)epoch << 32) | sample);
}
