using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace MomentumCore.Engine;

/// <summary>
/// Python's pickle machine, cut down to numbers, text and containers: a stack, a memo, and a list of what may be
/// called that no file can extend.
/// </summary>
/// <remarks>
/// Time and memory are bounded: an instruction takes constant time per byte that it takes from the file, no length is
/// believed before that many bytes are known to be there, and the number of values is limited. Protocols 2 to 5.
/// </remarks>
internal sealed class PickleReader(string path, Stream stream, Func<PickleList, object> load)
{
    /// <summary>The most bytes that pickles of a file may take; the tensors' elements are not among them.</summary>
    public const long MostBytes = 64 << 20;

    private const int MostInstructions = 4_000_000, MostContainers = 1_000_000;

    // A dictionary takes some 400 bytes, and a byte of a pickle that is packed makes one.
    private const int MostMaps = 100_000;
    private const int MostIntegerBytes = 128;

    private static readonly object NotKept = new();
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly PickleCalls _calls = new(path);
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly List<object?> _memo = [];
    private long _left = Math.Min(MostBytes, stream.Length - stream.Position);
    private int _containers;
    private int _maps;

    public static WeightFileException Damaged(string path, string problem, Exception? inner = null) => new(
        path, problem, "The file is damaged, or was not written by torch.save; download or save it again.", inner);

    /// <summary>The number of instructions so far.</summary>
    public int Instructions { get; private set; }

    /// <summary>Reads the next value: everything up to a stop instruction.</summary>
    public object? Read()
    {
        _stack.Clear();
        _marks.Clear();
        _memo.Clear();
        while (true)
        {
            int code = Byte();
            if (code == '.')
            {
                if (_stack.Count != 1 || _marks.Count != 0)
                    throw Damaged($"its pickle stops with {_stack.Count} values on the stack instead of one.");
                return _stack[0];
            }

            Run((char)code);
            if (++Instructions > MostInstructions)
                throw Damaged($"its pickle has more than {MostInstructions:N0} instructions.");
        }
    }

    /// <summary>A number that stands alone, as the first ones of a file of the old format do.</summary>
    public BigInteger ReadInteger(string what) =>
        Read() is BigInteger integer ? integer : throw Damaged($"its {what} is no number.");

    private WeightFileException Damaged(string problem) => Damaged(path, problem);

    private void Run(char code)
    {
        switch (code)
        {
            case '\x80': RequireProtocol(Byte()); break;
            case '\x95': Bytes(8); break; // a frame: how much follows, which the file's length says too
            case '(': _marks.Add(_stack.Count); break;
            case '0': Pop(); break;
            case '1': PopToMark(Mark()); break;
            case 'N': Push(null); break;
            case '\x88': Push(true); break;
            case '\x89': Push(false); break;
            case 'K': Push(new BigInteger(Byte())); break;
            case 'M': Push(new BigInteger(BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)))); break;
            case 'J': Push(new BigInteger(BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)))); break;
            case '\x8a': Push(Integer(Byte())); break;
            case '\x8b': Push(Integer(Length(4))); break;
            case 'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8))); break;
            case 'X': Push(Text(Length(4))); break;
            case '\x8c': Push(Text(Byte())); break;
            case '\x8d': Push(Text(Length(8))); break;
            case 'U': Push(OldText(Byte())); break;
            case 'T': Push(OldText(Length(4))); break;
            case 'C': Push(Bytes(Byte())); break;
            case 'B': Push(Bytes(Length(4))); break;
            case '\x8e' or '\x96': Push(Bytes(Length(8))); break;
            case '}': Push(Map()); break;
            case ']': Push(Counted(new PickleList(PickleListKind.List))); break;
            case ')': Push(Counted(new PickleList(PickleListKind.Tuple))); break;
            case '\x8f': Push(Counted(new PickleList(PickleListKind.Set))); break;
            case '\x85' or '\x86' or '\x87': Collect(PickleListKind.Tuple, Below(code - '\x84')); break;
            case 't': Collect(PickleListKind.Tuple, Mark()); break;
            case 'l': Collect(PickleListKind.List, Mark()); break;
            case '\x91': Collect(PickleListKind.Set, Mark()); break;
            case 'd': CollectMap(Mark()); break;
            case 'a': Append(Below(1), PickleListKind.List); break;
            case 'e': Append(Mark(), PickleListKind.List); break;
            case '\x90': Append(Mark(), PickleListKind.Set); break;
            case 's': SetItems(Below(2)); break;
            case 'u': SetItems(Mark()); break;
            case 'q': Remember((uint)Byte()); break;
            case 'r': Remember(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))); break;
            case '\x94': Remember((uint)_memo.Count); break;
            case 'h': Recall((uint)Byte()); break;
            case 'j': Recall(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))); break;
            case 'c': Global(Line(), Line()); break;
            case '\x93': StackGlobal(); break;
            case 'R' or '\x81': Call(); break;
            case 'b': Build(); break;
            case 'Q': Push(load(Pop() as PickleList ?? throw Damaged("it refers to what is no storage."))); break;
            default: throw Damaged($"its pickle has the instruction 0x{(int)code:X2}, which no file of weights needs.");
        }
    }

    private void RequireProtocol(int version)
    {
        if (version is < 2 or > 5)
            throw Damaged($"its pickle has protocol {version}; 2 to 5 are read.");
    }

    private T Counted<T>(T container) => ++_containers <= MostContainers
        ? container
        : throw Damaged($"its pickle has more than {MostContainers:N0} containers.");

    private PickleMap Map() => ++_maps <= MostMaps
        ? Counted(new PickleMap())
        : throw Damaged($"its pickle has more than {MostMaps:N0} dictionaries.");

    private void Push(object? value) => _stack.Add(value);

    private object? Pop()
    {
        var value = _stack[Below(1)];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    /// <summary>Where the topmost values begin; they may not lie below a mark.</summary>
    private int Below(int count)
    {
        int at = _stack.Count - count;
        return at >= (_marks.Count > 0 ? _marks[^1] : 0)
            ? at
            : throw Damaged("its pickle takes more from the stack than there is.");
    }

    private int Mark()
    {
        if (_marks.Count == 0)
            throw Damaged("its pickle takes a mark from the stack that is not there.");
        int at = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return at;
    }

    private void PopToMark(int mark) => _stack.RemoveRange(mark, _stack.Count - mark);

    /// <summary>The container under the values from an index on.</summary>
    private T Under<T>(int index)
        where T : class =>
        index > (_marks.Count > 0 ? _marks[^1] : 0) && _stack[index - 1] is T container
            ? container
            : throw Damaged("its pickle adds items to something that takes none.");

    private void Collect(PickleListKind kind, int from)
    {
        var list = Counted(new PickleList(kind));
        list.Items.AddRange(CollectionsMarshal.AsSpan(_stack)[from..]);
        PopToMark(from);
        Push(list);
    }

    private void CollectMap(int from)
    {
        var map = Counted(new PickleMap());
        _stack.Insert(from, map);
        SetItems(from + 1);
    }

    private void Append(int from, PickleListKind kind)
    {
        var list = Under<PickleList>(from);
        if (list.Kind != kind)
            throw Damaged("its pickle adds items to something that takes none.");
        list.Items.AddRange(CollectionsMarshal.AsSpan(_stack)[from..]);
        PopToMark(from);
    }

    private void SetItems(int from)
    {
        var map = Under<PickleMap>(from);
        if ((_stack.Count - from) % 2 != 0)
            throw Damaged("its pickle has a dictionary with a key that has no value.");
        for (int i = from; i < _stack.Count; i += 2)
            map.Entries[_calls.Key(_stack[i])] = _stack[i + 1];
        PopToMark(from);
    }

    /// <summary>A list rather than a dictionary: no choice of numbers makes it slow.</summary>
    private void Remember(uint index)
    {
        var value = _stack[Below(1)];
        // Picklers count from 0 and keep at most one value for each instruction.
        if (index >= MostInstructions)
            throw Damaged($"its pickle keeps a value under the number {index:N0}.");
        while (_memo.Count <= index)
            _memo.Add(NotKept);
        _memo[(int)index] = value;
    }

    private void Recall(uint index) => Push(index < _memo.Count && _memo[(int)index] is var value && value != NotKept
        ? value
        : throw Damaged($"its pickle recalls value {index:N0}, which it never kept."));

    private void StackGlobal()
    {
        string? name = Pop() as string, module = Pop() as string;
        Global(module ?? "", name ?? "");
    }

    private void Global(string module, string name) => Push(_calls.Find(module, name));

    private void Call()
    {
        var arguments = Pop() as PickleList;
        var callee = Pop() as PickleGlobal;
        if (arguments is not { Kind: PickleListKind.Tuple } || callee == null)
            throw Damaged("its pickle calls something that cannot be called.");
        Push(_calls.Call(callee, arguments.Items));
    }

    /// <summary>Attributes of an object: those of dictionaries and tensors say nothing that is needed.</summary>
    private void Build()
    {
        object? state = Pop(), target = _stack[Below(1)];
        if (target is not (PickleMap or TorchTensor) && (target as NumPyScalar)?.TrySet(state) != true)
            throw Damaged("its pickle sets attributes of something that has none.");
    }

    private int Byte()
    {
        int value = --_left < 0 ? -1 : stream.ReadByte();
        return value >= 0 ? value : throw Ends();
    }

    private byte[] Bytes(long count)
    {
        if (count > _left)
            throw Ends();
        _left -= count;
        byte[] bytes = new byte[count];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private WeightFileException Ends() => stream.Position >= stream.Length - 1
        ? Damaged("it ends in the middle of its pickle.")
        : Damaged($"its pickle claims more bytes than there are, or than the {MostBytes:N0} that are read.");

    private long Length(int bytes)
    {
        byte[] field = Bytes(bytes);
        long length = bytes == 4
            ? BinaryPrimitives.ReadUInt32LittleEndian(field)
            : BinaryPrimitives.ReadInt64LittleEndian(field);
        return length >= 0 ? length : throw Ends();
    }

    private BigInteger Integer(long bytes) => bytes <= MostIntegerBytes
        ? new BigInteger(Bytes(bytes))
        : throw Damaged($"its pickle has an integer of {bytes:N0} bytes; {MostIntegerBytes} are read.");

    private string Text(long bytes)
    {
        try
        {
            return Utf8.GetString(Bytes(bytes));
        }
        catch (ArgumentException error)
        {
            throw Damaged(path, "its pickle has text that is no UTF-8.", error);
        }
    }

    /// <summary>Text of Python 2, which did not say its encoding.</summary>
    private string OldText(long bytes) => Encoding.Latin1.GetString(Bytes(bytes));

    private string Line()
    {
        var line = new StringBuilder();
        for (int c = Byte(); c != '\n'; c = Byte())
        {
            line.Append((char)c);
            if (line.Length > 1000)
                throw Damaged("its pickle has a name of more than 1,000 letters.");
        }

        return line.ToString();
    }
}
