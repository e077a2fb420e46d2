using System.Text.Json;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>
/// Reads and writes weights in several safetensors files with an index beside them, as large models come:
/// <c>model.safetensors.index.json</c> says which of <c>model-00001-of-00003.safetensors</c> … holds which tensor.
/// </summary>
public static class ShardedSafetensors
{
    /// <summary>What the index's name ends with.</summary>
    public const string IndexExtension = ".safetensors.index.json";

    private const string Extension = ".safetensors";
    private const string FormatName = "safetensors in several files";
    private const long MostIndexBytes = 64 << 20;
    private const int MostShards = 10_000;

    /// <summary>Reads all tensors of all files of an index.</summary>
    /// <param name="indexPath">The index; the files lie in its folder.</param>
    /// <param name="device">Where the tensors shall live; <see cref="Device.Default"/> if none.</param>
    /// <exception cref="WeightFileException">
    /// A file is missing or damaged, or the files do not fit the index.
    /// </exception>
    public static WeightFile Load(string indexPath, Device? device = null)
    {
        var index = ReadIndex(indexPath);
        var tensors = new OrderedDictionary<string, Tensor>();
        var metadata = new Dictionary<string, string>();
        try
        {
            foreach (string shard in index.Shards)
            {
                string path = PathOf(indexPath, shard);
                var header = WeightStream.Open(path, stream =>
                    Safetensors.LoadInto(tensors, path, stream, device ?? Device.Default));
                RequireFit(indexPath, index, shard, header);
                foreach (var (key, value) in header.Metadata)
                    metadata[key] = value;
            }
        }
        catch
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }

        return new WeightFile(tensors, metadata, FormatName);
    }

    /// <summary>Reads what is in the files of an index, without the tensors themselves.</summary>
    /// <exception cref="WeightFileException">As for <see cref="Load"/>.</exception>
    public static WeightFileSummary Inspect(string indexPath)
    {
        var index = ReadIndex(indexPath);
        var entries = new List<WeightEntry>();
        var metadata = new Dictionary<string, string>();
        long bytes = new FileInfo(indexPath).Length;
        foreach (string shard in index.Shards)
        {
            var header = Safetensors.Inspect(PathOf(indexPath, shard));
            RequireFit(indexPath, index, shard, header);
            entries.AddRange(header.Tensors.Select(Safetensors.Entry));
            bytes += header.HeaderBytes + header.DataBytes;
            foreach (var (key, value) in header.Metadata)
                metadata[key] = value;
        }

        return new WeightFileSummary($"{FormatName} ({index.Shards.Count})", entries, metadata, bytes);
    }

    /// <summary>Writes tensors into as many files as needed and an index of them, all of it or nothing.</summary>
    /// <remarks>
    /// Each file has a tag in its name that comes from its content, as in
    /// <c>model-00001-of-00003-5d41402abc4b.safetensors</c>, and the index is replaced when all of them are there. So
    /// whoever opens the index finds the old set or the new one, whole, also when the disk fills up or the program is
    /// killed meanwhile. When the new index stands, the files that the one before named are removed.
    /// </remarks>
    /// <param name="indexPath">The index, <c>….safetensors.index.json</c>; its folder has to exist.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="mostShardBytes">The most bytes of tensors in a file; a larger tensor has a file of its own.</param>
    /// <param name="metadata">Text to carry along.</param>
    /// <param name="cancellation">Stops it between two pieces; what was there before stays.</param>
    /// <exception cref="ArgumentException">
    /// The index is not named as it should, or the size is not positive.
    /// </exception>
    /// <exception cref="WeightFileException">A file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static void Save(
        string indexPath,
        IReadOnlyDictionary<string, Tensor> tensors,
        long mostShardBytes,
        IReadOnlyDictionary<string, string>? metadata = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(indexPath);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(mostShardBytes);
        WeightStream.RequireTensors(tensors);
        if (!indexPath.EndsWith(IndexExtension, StringComparison.Ordinal))
            throw new ArgumentException(
                $"The index must be named *{IndexExtension}; got '{indexPath}'.", nameof(indexPath));
        WeightStream.Until(cancellation, () =>
        {
            new ShardWriter(indexPath).Save(tensors, mostShardBytes, metadata);
            return true;
        });
    }

    /// <summary>The files that an index names; none when there is no index that can be read.</summary>
    internal static IReadOnlyList<string> ShardsOf(string indexPath)
    {
        try
        {
            return File.Exists(indexPath) ? ReadIndex(indexPath).Shards : [];
        }
        catch (WeightFileException)
        {
            return [];
        }
    }

    private static string PathOf(string indexPath, string shard) =>
        Path.Combine(Path.GetDirectoryName(indexPath) ?? "", shard);

    private static WeightFileException Damaged(string path, string problem, Exception? inner = null) =>
        new(path, problem, "The index does not belong to the files beside it; download or save all again.", inner);

    private static ShardIndex ReadIndex(string path) => WeightStream.Open(path, stream =>
    {
        if (stream.Length > MostIndexBytes)
            throw Damaged(path, $"it has {stream.Length:N0} bytes; an index of at most {MostIndexBytes:N0} is read.");
        try
        {
            using var json = JsonDocument.Parse(stream);
            if (json.RootElement.ValueKind != JsonValueKind.Object
                || !json.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object)
            {
                throw Damaged(path, "it has no weight_map.");
            }

            var places = new Dictionary<string, string>();
            foreach (var place in map.EnumerateObject())
            {
                if (place.Value.ValueKind != JsonValueKind.String
                    || !places.TryAdd(place.Name, place.Value.GetString()!))
                    throw Damaged(path, $"its weight_map names no single file for tensor '{place.Name}'.");
            }

            return new ShardIndex(path, places);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw Damaged(path, $"it is no valid JSON ({error.Message.TrimEnd('.')}).", error);
        }
    });

    /// <summary>A file holds exactly what the index says.</summary>
    private static void RequireFit(string indexPath, ShardIndex index, string shard, SafetensorsHeader header)
    {
        foreach (var tensor in header.Tensors)
        {
            if (index.Places.GetValueOrDefault(tensor.Name) != shard)
                throw Damaged(indexPath, $"{shard} holds tensor '{tensor.Name}', which is not there by the index.");
        }

        int wanted = index.Counts[shard];
        if (wanted != header.Tensors.Count)
            throw Damaged(indexPath, $"{shard} holds {header.Tensors.Count} tensors; the index says {wanted}.");
    }

    /// <summary>Which tensor is in which file.</summary>
    private sealed class ShardIndex
    {
        public ShardIndex(string path, Dictionary<string, string> places)
        {
            Places = places;
            Counts = places.Values.CountBy(s => s).ToDictionary();
            Shards = [.. places.Values.Distinct().Order(StringComparer.Ordinal)];
            if (Shards.Count > MostShards)
                throw Damaged(path, $"it names {Shards.Count:N0} files; at most {MostShards:N0} are read.");
            foreach (string shard in Shards)
            {
                // A name with a folder in it could lead anywhere on the disk; one with a zero can be no file's.
                bool isPlain = shard.AsSpan().IndexOfAny("/\\:\0") < 0;
                if (!isPlain || !shard.EndsWith(Extension, StringComparison.Ordinal))
                    throw Damaged(path, $"it names the file '{shard}', which is no *{Extension} in its own folder.");
            }
        }

        public Dictionary<string, string> Places { get; }

        public Dictionary<string, int> Counts { get; }

        public IReadOnlyList<string> Shards { get; }
    }
}
