using System.Numerics;

namespace MomentumCore.Engine;

/// <summary>PyTorch's format since 1.6: a zip file with a pickle, and a file of elements for each storage.</summary>
internal sealed class TorchZip : ITorchContainer
{
    private const string PickleName = "data.pkl";
    private const int MostKeyLetters = 1000;

    private readonly string _path;
    private readonly ZipArchiveReader _zip;
    private readonly string _folder;
    private readonly bool _isBigEndian;
    private readonly Dictionary<string, TorchStorage> _storages = [];

    public TorchZip(string path, ZipArchiveReader zip)
    {
        _path = path;
        _zip = zip;
        _folder = FolderOf(zip) ?? throw new ArgumentException($"There is no {PickleName}.", nameof(zip));
        _isBigEndian = IsBigEndian();
        byte[] pickle = zip.ReadAll(zip.Entries[_folder + PickleName], PickleReader.MostBytes);
        var reader = new PickleReader(path, new MemoryStream(pickle), Storage);
        Root = reader.Read();
        Instructions = reader.Instructions;
    }

    public string Format => "PyTorch";

    public object? Root { get; }

    public int Instructions { get; }

    /// <summary>The folder that the archive keeps everything in, or null when it is none of PyTorch's.</summary>
    public static string? FolderOf(ZipArchiveReader zip) => zip.Entries.Keys
        .Where(n => n.EndsWith(PickleName, StringComparison.Ordinal))
        .Select(n => n[..^PickleName.Length])
        .Where(folder => folder.Length == 0 || folder.IndexOf('/') == folder.Length - 1)
        .FirstOrDefault();

    public long StorageBytes(string key) => _zip.Entries[Name(key)].Bytes;

    public void Expect(string key, StoredType type)
    {
        var entry = _zip.Entries[Name(key)];
        _zip.Widen(entry, type.BytesHere(entry.Bytes));
    }

    public bool ReadStorage(string key, StoredType type, Tensor target)
    {
        using var source = _zip.Open(_zip.Entries[Name(key)]);
        bool fits = TensorBytes.Read(source, target, type, _isBigEndian);
        // A storage of bytes under wider elements may end with a piece of one.
        Span<byte> rest = stackalloc byte[16];
        source.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false);
        source.RequireEnd();
        return fits;
    }

    private string Name(string key) => $"{_folder}data/{key}";

    private bool IsBigEndian()
    {
        if (!_zip.Entries.TryGetValue(_folder + "byteorder", out var entry))
            return false;
        string order = System.Text.Encoding.UTF8.GetString(_zip.ReadAll(entry, 100)).Trim();
        return order switch
        {
            "little" => false,
            "big" => true,
            _ => throw PickleReader.Damaged(_path, $"its byte order is '{order}', neither little nor big."),
        };
    }

    private TorchStorage Storage(PickleList id)
    {
        if (id.Items is not ["storage", PickleGlobal { Callable: PickleCallable.StorageType, Value: StoredType type },
            string { Length: <= MostKeyLetters } key, _, BigInteger count])
        {
            throw PickleReader.Damaged(_path, "it refers to what is no storage.");
        }

        if (_storages.TryGetValue(key, out var known))
        {
            return known.Type == type && known.Count == count
                ? known
                : throw PickleReader.Damaged(_path, $"it describes storage '{key}' twice, differently.");
        }

        if (!_zip.Entries.TryGetValue(Name(key), out var entry))
            throw PickleReader.Damaged(_path, $"it lacks the elements of storage '{key}'.");
        if (count < 0 || count != entry.Bytes / type.Size())
        {
            throw PickleReader.Damaged(
                _path,
                $"its storage '{key}' claims {count:N0} elements of {PickleGlobals.NameOf(type)} in " +
                $"{entry.Bytes:N0} bytes.");
        }

        return _storages[key] = new TorchStorage(key, type, (long)count);
    }
}
