using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace MomentumCore.Engine;

/// <summary>PyTorch's format before 1.6: five pickles one after the other, then the elements of each storage.</summary>
internal sealed class TorchLegacy : ITorchContainer
{
    private const int Version = 1001;
    private const int MostKeyLetters = 1000;

    private static readonly BigInteger Magic =
        BigInteger.Parse("1950a86a20f9469cfc6c", NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private readonly string _path;
    private readonly Stream _stream;
    private readonly Dictionary<string, TorchStorage> _storages = [];
    private readonly Dictionary<string, long> _starts = [];

    public TorchLegacy(string path, Stream stream)
    {
        _path = path;
        _stream = stream;
        stream.Position = 0;
        var reader = new PickleReader(path, stream, Storage);
        if (reader.ReadInteger("first value") != Magic)
            throw Damaged("it is a pickle, but none of PyTorch's.");
        var version = reader.ReadInteger("version");
        if (version != Version)
            throw Damaged($"its format has version {version}; {Version} is read.");
        // What machine wrote it. The elements are little-endian whatever it says.
        reader.Read();
        Root = reader.Read();
        Instructions = reader.Instructions;
        FindElements(reader.Read() as PickleList ?? throw Damaged("it does not say which storages follow."));
    }

    public string Format => "PyTorch (before 1.6)";

    public object? Root { get; }

    public int Instructions { get; }

    public long StorageBytes(string key) => _storages[key].Count * _storages[key].Type.Size();

    /// <summary>Nothing is compressed here, so a file holds what it says it does.</summary>
    public void Expect(string key, StoredType type)
    {
    }

    public bool ReadStorage(string key, StoredType type, Tensor target)
    {
        _stream.Position = _starts[key];
        return TensorBytes.Read(_stream, target, type);
    }

    private WeightFileException Damaged(string problem) => PickleReader.Damaged(_path, problem);

    private TorchStorage Storage(PickleList id)
    {
        if (id.Items is not ["storage", PickleGlobal { Callable: PickleCallable.StorageType, Value: StoredType type },
            string { Length: <= MostKeyLetters } key, _, BigInteger bigCount, var view]
            || bigCount < 0 || bigCount > long.MaxValue / 16)
        {
            throw Damaged("it refers to what is no storage.");
        }

        long count = (long)bigCount;
        if (!_storages.TryGetValue(key, out var whole))
            _storages[key] = whole = new TorchStorage(key, type, count);
        if (whole.Type != type || whole.Count != count)
            throw Damaged($"it describes storage '{key}' twice, differently.");
        return view == null ? whole : Part(whole, view);
    }

    private TorchStorage Part(TorchStorage whole, object view)
    {
        return view is PickleList { Items: [_, BigInteger first, BigInteger count] }
            && first >= 0 && count >= 0 && first + count <= whole.Count
            ? whole with { First = (long)first, Count = (long)count }
            : throw Damaged($"it has a part of storage '{whole.Key}' that does not lie inside.");
    }

    /// <summary>Each storage is the number of its elements and the elements.</summary>
    private void FindElements(PickleList keys)
    {
        Span<byte> field = stackalloc byte[8];
        foreach (object? item in keys.Items)
        {
            if (item is not string key || !_storages.TryGetValue(key, out var storage))
                throw Damaged("it holds elements of a storage that no tensor uses.");
            _stream.ReadExactly(field);
            long count = BinaryPrimitives.ReadInt64LittleEndian(field);
            long left = _stream.Length - _stream.Position;
            if (count != storage.Count || count > left / storage.Type.Size())
            {
                throw Damaged(
                    $"its storage '{key}' claims {storage.Count:N0} elements, then {count:N0}; " +
                    $"{left:N0} bytes are left.");
            }

            if (!_starts.TryAdd(key, _stream.Position))
                throw Damaged($"it holds the elements of storage '{key}' twice.");
            _stream.Position += count * storage.Type.Size();
        }

        if (_starts.Count != _storages.Count)
            throw Damaged("it lacks the elements of some of its storages.");
        if (_stream.Position != _stream.Length)
            throw Damaged($"{_stream.Length - _stream.Position:N0} bytes follow its last storage.");
    }
}
