using System.Numerics;

namespace MomentumCore.Engine;

/// <summary>A list, tuple or set while a pickle is read.</summary>
internal sealed class PickleList(PickleListKind kind)
{
    public PickleListKind Kind { get; } = kind;

    public List<object?> Items { get; } = [];
}

/// <summary>Which of Python's sequences a <see cref="PickleList"/> was.</summary>
internal enum PickleListKind
{
    List,
    Tuple,
    Set,
}

/// <summary>A dictionary while a pickle is read; keys are text, integers, reals, booleans or nothing.</summary>
internal sealed class PickleMap
{
    public OrderedDictionary<PickleKey, object?> Entries { get; } = [];
}

/// <summary>A key of a <see cref="PickleMap"/>.</summary>
/// <remarks>Its hash is seeded afresh in each process, so that no file can make all keys collide.</remarks>
internal readonly record struct PickleKey(string Kind, string Text)
{
    public override int GetHashCode() => HashCode.Combine(Kind, Text);

    /// <summary>The key for a value, or null when it cannot be one.</summary>
    public static PickleKey? From(object? value) => value switch
    {
        string text => new PickleKey("text", text),
        byte[] bytes => new PickleKey("text", System.Text.Encoding.Latin1.GetString(bytes)),
        BigInteger integer => new PickleKey("number", integer.ToString()),
        double real => new PickleKey("number", real.ToString("R")),
        bool boolean => new PickleKey("constant", boolean ? "True" : "False"),
        null => new PickleKey("constant", "None"),
        _ => null,
    };
}

/// <summary>One of the few names that a pickle may call, while it is read.</summary>
internal sealed record PickleGlobal(string FullName, PickleCallable Callable, object? Value = null);

/// <summary>What the names that a pickle may call stand for.</summary>
internal enum PickleCallable
{
    /// <summary>Not to be called; it is the value itself.</summary>
    Constant,
    OrderedMap,
    Set,
    Tuple,
    Bytes,
    Encode,
    Text,
    RebuildTensor,
    RebuildTensorOfType,
    RebuildParameter,
    RebuildFromType,
    TensorType,
    StorageType,
    NumPyType,
    NumPyScalar,
}
