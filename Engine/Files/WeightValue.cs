using System.Globalization;
using System.Numerics;

namespace MomentumCore.Engine;

/// <summary>
/// A value of a file that holds more than named tensors, such as <c>{"net": …, "epoch": 3}</c>: a tree of dictionaries
/// and lists, with numbers, text and tensors at its ends.
/// </summary>
/// <remarks>Its tensors are those of the <see cref="WeightFile"/>, and are freed with it.</remarks>
public sealed class WeightValue
{
    private readonly object? _value;

    internal WeightValue(WeightValueKind kind, object? value)
    {
        Kind = kind;
        _value = value;
    }

    /// <summary>What this is.</summary>
    public WeightValueKind Kind { get; }

    /// <summary>The truth value.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public bool Boolean => As<bool>(WeightValueKind.Boolean);

    /// <summary>The whole number.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public BigInteger Integer => As<BigInteger>(WeightValueKind.Integer);

    /// <summary>The number, whole or not.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public double Real => Kind == WeightValueKind.Integer ? (double)Integer : As<double>(WeightValueKind.Real);

    /// <summary>The text.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public string Text => As<string>(WeightValueKind.Text);

    /// <summary>The bytes.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public ReadOnlyMemory<byte> Bytes => As<byte[]>(WeightValueKind.Bytes);

    /// <summary>The items of a list, tuple or set.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public IReadOnlyList<WeightValue> Items => As<IReadOnlyList<WeightValue>>(WeightValueKind.List);

    /// <summary>The entries of a dictionary; a key that is a number is here as its digits.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public IReadOnlyDictionary<string, WeightValue> Entries =>
        As<IReadOnlyDictionary<string, WeightValue>>(WeightValueKind.Map);

    /// <summary>The tensor.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public Tensor Tensor => As<Tensor>(WeightValueKind.Tensor);

    /// <summary>The entry of a dictionary.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message names those that there are.</exception>
    /// <exception cref="InvalidOperationException">It is no dictionary.</exception>
    public WeightValue this[string key] => Entries.TryGetValue(key, out var value)
        ? value
        : throw new KeyNotFoundException(
            $"There is no '{key}' here; there is: {string.Join(", ", Entries.Keys.Take(20))}.");

    /// <summary>The item of a list.</summary>
    /// <exception cref="InvalidOperationException">It is no list.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The list is shorter.</exception>
    public WeightValue this[int index] => Items[index];

    /// <summary>A short description.</summary>
    public override string ToString() => Kind switch
    {
        WeightValueKind.None => "None",
        WeightValueKind.Bytes => $"{Bytes.Length:N0} bytes",
        WeightValueKind.List => $"a list of {Items.Count:N0}",
        WeightValueKind.Map => $"a dictionary of {Entries.Count:N0}",
        WeightValueKind.Tensor => $"{Tensor.DType} {Tensor.Shape}",
        _ => Convert.ToString(_value, CultureInfo.InvariantCulture) ?? "",
    };

    private T As<T>(WeightValueKind kind) => Kind == kind && _value is T value
        ? value
        : throw new InvalidOperationException($"This value is {this} ({Kind}), no {kind}.");
}
