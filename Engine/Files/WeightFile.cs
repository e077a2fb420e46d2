using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace MomentumCore.Engine;

/// <summary>The tensors that were loaded from a file, by name, and the text that came with them.</summary>
/// <remarks>They belong to no <see cref="TensorScope"/>: dispose the whole when done.</remarks>
public sealed class WeightFile : IReadOnlyDictionary<string, Tensor>, IDisposable
{
    private readonly OrderedDictionary<string, Tensor> _tensors;

    internal WeightFile(
        OrderedDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string> metadata,
        string format,
        WeightValue? content = null)
    {
        _tensors = tensors;
        Metadata = metadata;
        Format = format;
        Content = content;
    }

    /// <summary>What the file's format is called.</summary>
    public string Format { get; }

    /// <summary>Text that the file carries along, by key; of a PyTorch file, everything that is no tensor.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>What a PyTorch file holds, as the tree that was saved; null for the other formats.</summary>
    public WeightValue? Content { get; }

    /// <inheritdoc/>
    public int Count => _tensors.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _tensors.Keys;

    /// <inheritdoc/>
    public IEnumerable<Tensor> Values => _tensors.Values;

    /// <inheritdoc/>
    public Tensor this[string key] => _tensors.TryGetValue(key, out var tensor)
        ? tensor
        : throw new KeyNotFoundException($"The file has no tensor '{key}'; it has {Names()}.");

    private string Names() =>
        string.Join(", ", _tensors.Keys.Take(20)) + (_tensors.Count > 20 ? $" and {_tensors.Count - 20} more" : "");

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _tensors.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Tensor value) =>
        _tensors.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Tensor>> GetEnumerator() => _tensors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }
}
