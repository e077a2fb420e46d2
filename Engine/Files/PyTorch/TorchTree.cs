using System.Globalization;
using System.Numerics;

namespace MomentumCore.Engine;

/// <summary>
/// What was saved, as a flat list: tensors by dotted path (<c>net.0.weight</c>), everything else as text.
/// </summary>
/// <remarks>A container that several others hold is walked each time, so the steps are counted.</remarks>
internal sealed class TorchTree
{
    private const int MostDepth = 64, MostNameLetters = 4096, MostShown = 8;
    private const int FreeSteps = 100_000, StepsPerInstruction = 4;
    private const long MostLetters = 64 << 20;
    private const string LoneTensor = "tensor";

    private readonly string _path;
    private readonly HashSet<object> _open = new(ReferenceEqualityComparer.Instance);
    private readonly long _mostSteps;
    private long _steps;
    private long _letters;

    public TorchTree(string path, ITorchContainer container)
    {
        _path = path;
        _mostSteps = FreeSteps + ((long)StepsPerInstruction * container.Instructions);
        object? root = container.Root;
        Walk(root is TorchTensor ? LoneTensor : "", root, 0);
    }

    public OrderedDictionary<string, TorchTensor> Tensors { get; } = [];

    public OrderedDictionary<string, string> Texts { get; } = [];

    private WeightFileException Damaged(string problem) => PickleReader.Damaged(_path, problem);

    private void Walk(string name, object? value, int depth)
    {
        // A list of numbers is looked through to the end.
        _steps += 1 + ((value as PickleList)?.Items.Count ?? 0);
        if (_steps > _mostSteps)
            throw Damaged($"it holds more than {_mostSteps:N0} values, most of them the same ones again.");
        switch (value)
        {
            case TorchTensor tensor: Add(Tensors, name, tensor); break;
            case PickleMap map: Enter(map, name, depth, () => Walk(name, map, depth)); break;
            case PickleList list when list.Items.Exists(i => i is PickleMap or PickleList or TorchTensor):
                Enter(list, name, depth, () => Walk(name, list, depth));
                break;
            default: Add(Texts, name, TextOf(value)); break;
        }
    }

    private void Enter(object container, string name, int depth, Action walk)
    {
        if (depth == MostDepth)
            throw Damaged($"its values are nested more than {MostDepth} deep, at '{Shown(name)}'.");
        if (!_open.Add(container))
            throw Damaged($"its value '{Shown(name)}' contains itself.");
        walk();
        _open.Remove(container);
    }

    private void Walk(string name, PickleMap map, int depth)
    {
        foreach (var (key, item) in map.Entries)
            Walk(Join(name, key.Text), item, depth + 1);
    }

    private void Walk(string name, PickleList list, int depth)
    {
        for (int i = 0; i < list.Items.Count; i++)
            Walk(Join(name, i.ToString(CultureInfo.InvariantCulture)), list.Items[i], depth + 1);
    }

    private string Join(string name, string key)
    {
        int letters = name.Length + 1 + key.Length;
        _letters += letters;
        if (letters > MostNameLetters || _letters > MostLetters)
            throw Damaged($"its names are too long, as '{Shown(name)}'.");
        return name.Length == 0 ? key : $"{name}.{key}";
    }

    private void Add<T>(OrderedDictionary<string, T> all, string name, T value)
    {
        if (Tensors.ContainsKey(name) || !all.TryAdd(name, value))
            throw Twice(_path, $"two of its values have the name '{Shown(name)}'");
    }

    /// <summary>Nothing is damaged, but a name would stand for two things.</summary>
    public static WeightFileException Twice(string path, string problem) => new(
        path,
        $"{problem}: names are paths through its dictionaries, with the keys as text and dots between them.",
        "The file is whole; rename a key in PyTorch and save it again, or save the part that is wanted alone.");

    private static string Shown(string name) => name.Length <= 200 ? name : name[..200] + "…";

    private string TextOf(object? value)
    {
        string text = value switch
        {
            null => "None",
            bool boolean => boolean ? "True" : "False",
            string letters => letters,
            BigInteger integer => integer.ToString(CultureInfo.InvariantCulture),
            double real => real.ToString("R", CultureInfo.InvariantCulture),
            byte[] bytes => $"{bytes.Length:N0} bytes",
            PickleList list => ListText(list),
            PickleGlobal global => global.FullName,
            NumPyScalar type => type.ToString(),
            TorchStorage storage => $"storage of {storage.Count:N0} {PickleGlobals.NameOf(storage.Type)}",
            _ => value.GetType().Name,
        };
        _letters += text.Length;
        return _letters <= MostLetters ? text : throw Damaged("its texts are too long.");
    }

    private string ListText(PickleList list)
    {
        string more = list.Items.Count > MostShown ? $", … {list.Items.Count:N0} in all" : "";
        return $"[{string.Join(", ", list.Items.Take(MostShown).Select(TextOf))}{more}]";
    }
}
