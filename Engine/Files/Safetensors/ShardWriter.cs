using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MomentumCore.Engine;

/// <summary>Writes a set of safetensors files and its index so that there is always one whole set: the old or the new.
/// </summary>
internal sealed partial class ShardWriter
{
    private const string Extension = ".safetensors";
    private const int TagLetters = 12;

    private readonly string _indexPath;
    private readonly string _folder;
    private readonly string _stem;

    public ShardWriter(string indexPath)
    {
        _indexPath = indexPath;
        _folder = Path.GetDirectoryName(indexPath) ?? "";
        _stem = Path.GetFileName(indexPath)[..^ShardedSafetensors.IndexExtension.Length];
    }

    public void Save(
        IReadOnlyDictionary<string, Tensor> tensors, long mostShardBytes, IReadOnlyDictionary<string, string>? metadata)
    {
        var shards = Split(tensors, mostShardBytes);
        long bytes = tensors.Values.Sum(TensorBytes.Size);
        var places = new OrderedDictionary<string, string>();
        foreach (string tensor in tensors.Keys)
            places[tensor] = "";
        var made = new List<string>();
        IReadOnlyList<string> before;
        try
        {
            for (int i = 0; i < shards.Count; i++)
            {
                string start = FormattableString.Invariant($"{_stem}-{i + 1:00000}-of-{shards.Count:00000}");
                string name = SaveShard(start, shards[i], metadata, made);
                foreach (string tensor in shards[i].Keys)
                    places[tensor] = name;
            }

            before = ShardedSafetensors.ShardsOf(_indexPath);
            WeightStream.Write(_indexPath, stream => WriteIndex(stream, places, bytes));
        }
        catch
        {
            // No index names them.
            made.ForEach(Remove);
            throw;
        }

        foreach (string shard in before.Except(places.Values).Where(IsOfThisSet))
            Remove(shard);
    }

    private string SaveShard(
        string start,
        Dictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata,
        List<string> made)
    {
        var write = Safetensors.Writer(tensors, metadata);
        string name = "";
        WeightStream.WriteNamed(_indexPath, _folder, stream =>
        {
            using var content = SHA256.Create();
            using (var hashed = new CryptoStream(stream, content, CryptoStreamMode.Write, leaveOpen: true))
                write(hashed);
            name = $"{start}-{Convert.ToHexStringLower(content.Hash!)[..TagLetters]}{Extension}";
            // What is there already under the name of this content is this content, and may be in use.
            if (!File.Exists(Path.Combine(_folder, name)))
                made.Add(name);
            return name;
        });
        return name;
    }

    private void Remove(string shard)
    {
        try
        {
            File.Delete(Path.Combine(_folder, shard));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Somebody has it open. It takes room, but no index leads to it.
        }
    }

    /// <summary>Whether a file is named as those of this index: one that is put beside them is not removed.</summary>
    private bool IsOfThisSet(string shard) =>
        shard.StartsWith(_stem, StringComparison.Ordinal) && Numbered().IsMatch(shard[_stem.Length..]);

    private static List<Dictionary<string, Tensor>> Split(IReadOnlyDictionary<string, Tensor> tensors, long mostBytes)
    {
        var shards = new List<Dictionary<string, Tensor>> { new() };
        long bytes = 0;
        foreach (var (name, tensor) in tensors)
        {
            long size = TensorBytes.Size(tensor);
            if (shards[^1].Count > 0 && bytes + size > mostBytes)
            {
                shards.Add([]);
                bytes = 0;
            }

            shards[^1].Add(name, tensor);
            bytes += size;
        }

        return shards;
    }

    private static void WriteIndex(Stream stream, IEnumerable<KeyValuePair<string, string>> places, long bytes)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("metadata");
        json.WriteNumber("total_size", bytes);
        json.WriteEndObject();
        json.WriteStartObject("weight_map");
        foreach (var (tensor, shard) in places)
            json.WriteString(tensor, shard);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    [GeneratedRegex(@"^-[0-9]{5}-of-[0-9]{5}(-[0-9a-f]{12})?\.safetensors$")]
    private static partial Regex Numbered();
}
