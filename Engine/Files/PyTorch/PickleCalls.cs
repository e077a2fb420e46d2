using System.Numerics;
using System.Text;

namespace MomentumCore.Engine;

/// <summary>What the few names that a pickle may call build: containers, storages' types, and tensors.</summary>
/// <remarks>What a call copies is counted: a short file may name the same long list a million times.</remarks>
internal sealed class PickleCalls(string path)
{
    private const int MostLettersShown = 200, MostKeyLetters = 1000, MostAxes = 16;
    private const int MostTensors = 200_000, MostDeviceLetters = 100, MostKeyBytes = 16;
    private const int MapItems = 40, ListItems = 4; // what an empty one takes, in items of a list
    private const long MostCopied = 4_000_000;

    private int _tensors;
    private long _copied;

    /// <summary>Finds a name, or refuses it and says which it was.</summary>
    public PickleGlobal Find(string module, string name)
    {
        if (module.Length + name.Length > MostKeyLetters)
            throw Damaged($"its pickle has a name of more than {MostKeyLetters:N0} letters.");
        string fullName = $"{module}.{name}";
        if (PickleGlobals.Find(fullName) is { } global)
            return global;
        string shown = fullName.Length <= MostLettersShown ? fullName : fullName[..MostLettersShown] + "…";
        string remedy = PickleGlobals.WhyNot(fullName)
            ?? "Only tensors and plain containers are read, and no code that a file names is ever run. "
            + "If the file is your own, save its weights alone in PyTorch: torch.save(model.state_dict(), path), or of a "
            + "checkpoint its part: torch.save(torch.load(path)['model'], new_path).";
        throw new WeightFileException(path, $"it asks for the Python object '{shown}'.", remedy);
    }

    public PickleKey Key(object? value)
    {
        if (value is string { Length: > MostKeyLetters } or byte[] { Length: > MostKeyLetters })
            throw Damaged($"its pickle has a dictionary with a key of more than {MostKeyLetters:N0} letters.");
        if (value is BigInteger number && number.GetByteCount() > MostKeyBytes)
            throw Damaged($"its pickle has a dictionary whose key is a number of {number.GetByteCount():N0} bytes.");
        return PickleKey.From(value)
            ?? throw Damaged("its pickle has a dictionary whose key is neither text nor a number.");
    }

    public object? Call(PickleGlobal callee, List<object?> arguments) => callee.Callable switch
    {
        PickleCallable.OrderedMap => Map(arguments),
        PickleCallable.Set => Copy(arguments, PickleListKind.Set),
        PickleCallable.Tuple => Copy(arguments, PickleListKind.Tuple),
        PickleCallable.Bytes => arguments switch
        {
            [] => Array.Empty<byte>(),
            [byte[] bytes] => bytes,
            [string letters, ..] => Latin1(letters),
            _ => throw Wrong(callee),
        },
        PickleCallable.Encode => arguments is [string text, "latin1" or "latin-1"] ? Latin1(text) : throw Wrong(callee),
        PickleCallable.Text => arguments switch
        {
            [string text] => text,
            [string { Length: < MostDeviceLetters } device, BigInteger index] => Device(device, index),
            _ => throw Wrong(callee),
        },
        PickleCallable.RebuildTensor =>
            arguments is [TorchStorage storage, BigInteger offset, PickleList sizes, PickleList strides, ..]
            ? Tensor(storage, storage.Type, offset, sizes, strides)
            : throw Wrong(callee),
        PickleCallable.RebuildTensorOfType =>
            arguments is [TorchStorage storage, BigInteger offset, PickleList sizes, PickleList strides, _, _,
                PickleGlobal { Value: StoredType type }, ..]
            ? Tensor(storage, type, offset, sizes, strides)
            : throw Wrong(callee),
        PickleCallable.RebuildParameter or PickleCallable.TensorType => arguments is [TorchTensor tensor, ..]
            ? tensor
            : throw Wrong(callee),
        PickleCallable.RebuildFromType =>
            arguments is [PickleGlobal function, PickleGlobal { Callable: PickleCallable.TensorType },
                PickleList { Kind: PickleListKind.Tuple } inner, ..]
            && function.Callable is PickleCallable.RebuildTensor or PickleCallable.RebuildTensorOfType
                or PickleCallable.RebuildParameter
            ? Call(function, inner.Items)
            : throw Wrong(callee),
        PickleCallable.NumPyType => arguments is [string code, ..] && NumPyScalar.Types.Contains(code)
            ? new NumPyScalar(code)
            : throw Wrong(callee),
        PickleCallable.NumPyScalar => Number(callee, arguments),
        _ => throw Wrong(callee),
    };

    private WeightFileException Damaged(string problem) => PickleReader.Damaged(path, problem);

    private WeightFileException Wrong(PickleGlobal callee) =>
        Damaged($"it calls '{callee.FullName}' with arguments that PyTorch does not write.");

    private void Spend(long items)
    {
        _copied += items;
        if (_copied > MostCopied)
            throw Damaged($"its pickle copies more than {MostCopied:N0} items.");
    }

    private string Device(string device, BigInteger index)
    {
        if (index < 0 || index > int.MaxValue)
            throw Damaged("its pickle has a device whose number is not one from 0 to 2^31 - 1.");
        Spend(MostDeviceLetters / 4);
        return $"{device}:{index}";
    }

    private object Number(PickleGlobal callee, List<object?> arguments)
    {
        Spend(ListItems);
        return arguments is [NumPyScalar type, byte[] bytes] && type.Read(bytes) is { } number
            ? number
            : throw Wrong(callee);
    }

    private byte[] Latin1(string text)
    {
        Spend(text.Length / 8);
        return Encoding.Latin1.GetBytes(text);
    }

    /// <summary>A dictionary: empty, or of the pairs that Python 2 wrote, or of another dictionary.</summary>
    private PickleMap Map(List<object?> arguments)
    {
        Spend(MapItems);
        var map = new PickleMap();
        if (arguments is [PickleMap source])
        {
            Spend(source.Entries.Count);
            foreach (var (key, value) in source.Entries)
                map.Entries[key] = value;
        }
        else if (arguments is [PickleList pairs])
        {
            Spend(pairs.Items.Count);
            foreach (object? pair in pairs.Items)
            {
                if (pair is not PickleList { Items: [var key, var value] })
                    throw Damaged("its pickle has a dictionary of something other than pairs.");
                map.Entries[Key(key)] = value;
            }
        }
        else if (arguments.Count > 0)
        {
            throw Damaged("its pickle has a dictionary of something other than pairs.");
        }

        return map;
    }

    private PickleList Copy(List<object?> arguments, PickleListKind kind)
    {
        var source = arguments switch
        {
            [] => null,
            [PickleList items] => items,
            _ => throw Damaged("its pickle makes a set or a tuple of something that is no list."),
        };
        Spend(ListItems + (source?.Items.Count ?? 0));
        var list = new PickleList(kind);
        if (source != null)
            list.Items.AddRange(source.Items);
        return list;
    }

    private TorchTensor Tensor(
        TorchStorage storage, StoredType type, BigInteger offset, PickleList sizeList, PickleList strideList)
    {
        if (++_tensors > MostTensors)
            throw Damaged($"it has more than {MostTensors:N0} tensors.");
        long[] sizes = Numbers(sizeList), strides = Numbers(strideList);
        if (sizes.Length != strides.Length || offset < 0 || offset > long.MaxValue)
            throw Damaged("it has a tensor whose sizes and strides do not belong together.");
        if (storage.Type != type)
        {
            storage = storage.As(type) ?? throw Damaged(
                $"it has a tensor of {PickleGlobals.NameOf(type)} in a storage of " +
                $"{PickleGlobals.NameOf(storage.Type)}.");
        }

        var tensor = new TorchTensor(storage, type, (long)offset, sizes, strides);
        if (tensor.Count == 0)
            return tensor;
        Int128 last = tensor.Offset;
        for (int axis = 0; axis < sizes.Length; axis++)
            last += (Int128)(sizes[axis] - 1) * strides[axis];
        if (last >= storage.Count)
        {
            throw Damaged(
                $"it has a tensor of shape [{string.Join(", ", sizes)}] that reaches beyond the " +
                $"{storage.Count:N0} elements of storage '{storage.Key}'.");
        }

        return tensor;
    }

    private long[] Numbers(PickleList list)
    {
        // Int128 above cannot overflow with as few axes as this.
        if (list.Items.Count > MostAxes)
            throw Damaged($"it has a tensor of {list.Items.Count:N0} axes.");
        var numbers = new long[list.Items.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = list.Items[i] is BigInteger number && number >= 0 && number <= long.MaxValue
                ? (long)number
                : throw Damaged("it has a tensor whose sizes or strides are not whole numbers from 0 to 2^63 - 1.");
        }

        return numbers;
    }
}
