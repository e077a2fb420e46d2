using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;

namespace MomentumCore.Samples;

/// <summary>Images to learn and to be tested on, cut into batches; those to learn are changed at random.</summary>
/// <param name="training">The images to learn.</param>
/// <param name="test">The images to be tested on.</param>
/// <param name="augmentation">How images to learn are changed.</param>
/// <param name="preparation">What happens to all images afterwards.</param>
internal abstract class TrainingImages(
    IDataset training, IDataset test, IBatchTransform[] augmentation, IBatchTransform[] preparation) : IDisposable
{
    private const int HashedAtOnce = 100;

    private readonly IBatchTransform[] _changes = [.. augmentation, .. preparation];
    private string? _fingerprint;

    public int TrainingCount => training.Count;

    public int TestCount => test.Count;

    /// <summary>
    /// Tells these images, in this order, from all others: a training that goes on with others would be another one.
    /// </summary>
    public string Fingerprint => _fingerprint ??= Hash();

    /// <summary>
    /// The batches of one epoch (from 1), in an order and with changes that depend on seed and epoch alone.
    /// </summary>
    public IEnumerable<(Tensor Images, Tensor Labels)> TrainingBatches(
        int epoch, int batchSize, int seed, Device device, CancellationToken cancellation) =>
        new DataLoader(training, batchSize, shuffle: true, (ulong)seed, transforms: _changes) { Device = device }
            .Epoch(epoch - 1, cancellation: cancellation).Select(b => (b.Inputs, b.Targets));

    /// <summary>The number of batches in an epoch.</summary>
    public int BatchCount(int batchSize) => (TrainingCount + batchSize - 1) / batchSize;

    /// <summary>The test images, in order and as they are.</summary>
    public IEnumerable<(Tensor Images, Tensor Labels)> TestBatches(
        int batchSize, Device device, CancellationToken cancellation) =>
        new DataLoader(test, batchSize, transforms: preparation) { Device = device }
            .Epoch(0, cancellation: cancellation).Select(b => (b.Inputs, b.Targets));

    public void Dispose()
    {
        (training as IDisposable)?.Dispose();
        (test as IDisposable)?.Dispose();
    }

    /// <summary>Of what the network sees: the same pictures seen with other means and deviations are others.</summary>
    private string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var images in new[] { training, test })
        {
            hash.AppendData(BitConverter.GetBytes(images.Count));
            var loader = new DataLoader(images, HashedAtOnce, transforms: preparation) { Device = null };
            foreach (var batch in loader.Epoch(0))
            {
                hash.AppendData(MemoryMarshal.AsBytes<float>(batch.Inputs.ToArray<float>()));
                hash.AppendData(MemoryMarshal.AsBytes<long>(batch.Targets.ToArray<long>()));
            }
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
