using System.Collections;
using System.Diagnostics.CodeAnalysis;
using MomentumCore.Kernels.Devices;

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

    /// <summary>
    /// Reads all tensors of a file of any format: safetensors (one file, or the index of several), PyTorch's <c>.pt</c>
    /// and <c>.pth</c> (new and old), NumPy's <c>.npy</c> and <c>.npz</c>. The content decides, not the name.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the tensors shall live; <see cref="Device.Default"/> if none.</param>
    /// <param name="cancellation">Stops it between two pieces of the file.</param>
    /// <exception cref="WeightFileException">
    /// The file is missing, damaged or of another format, or holds what this engine cannot.
    /// </exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static WeightFile Load(string path, Device? device = null, CancellationToken cancellation = default) =>
        WeightStream.Until(cancellation, () => WeightFileFormats.Load(path, device));

    /// <summary>Reads what is in a file of any format, without the tensors' elements.</summary>
    /// <param name="path">The file.</param>
    /// <param name="cancellation">Stops it between two pieces of the file.</param>
    /// <exception cref="WeightFileException">As for <see cref="Load"/>.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static WeightFileSummary Inspect(string path, CancellationToken cancellation = default) =>
        WeightStream.Until(cancellation, () => WeightFileFormats.Inspect(path));

    /// <summary>The format that a file's name asks for, by its ending.</summary>
    /// <exception cref="ArgumentException">The ending says no format.</exception>
    public static WeightFormat FormatOf(string path) => WeightFileFormats.ByName(path);

    /// <summary>Writes tensors to a file, whole or not at all.</summary>
    /// <param name="path">The file; its folder has to exist.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="format">The format; by the name's ending if none.</param>
    /// <param name="metadata">Text to carry along; safetensors only.</param>
    /// <param name="cancellation">Stops it between two pieces; what was there before stays.</param>
    /// <exception cref="ArgumentException">
    /// The name's ending says no format; the format holds no metadata, or one tensor only; or a tensor is null.
    /// </exception>
    /// <exception cref="DTypeException">The format has no such element type; nothing was written.</exception>
    /// <exception cref="WeightFileException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public static void Save(
        string path,
        IReadOnlyDictionary<string, Tensor> tensors,
        WeightFormat? format = null,
        IReadOnlyDictionary<string, string>? metadata = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        WeightStream.RequireTensors(tensors);
        var chosen = format ?? WeightFileFormats.ByName(path);
        if (metadata is { Count: > 0 } && chosen != WeightFormat.Safetensors)
            throw new ArgumentException(
                $"Save: {chosen} holds no metadata; save safetensors, or without.", nameof(metadata));
        WeightStream.Until(cancellation, () =>
        {
            Write(path, tensors, chosen, metadata);
            return true;
        });
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

    private static void Write(
        string path, IReadOnlyDictionary<string, Tensor> tensors, WeightFormat format,
        IReadOnlyDictionary<string, string>? metadata)
    {
        switch (format)
        {
            case WeightFormat.Safetensors: Safetensors.Save(path, tensors, metadata); break;
            case WeightFormat.PyTorch: PyTorchFile.Save(path, tensors); break;
            case WeightFormat.NumPyArchive: NumPyFile.Save(path, tensors); break;
            case var _ when tensors.Count == 1: NumPyFile.SaveArray(path, tensors.Values.Single()); break;
            default:
                throw new ArgumentException(
                    $"Save: a NumPy array is one tensor; got {tensors.Count}. Save an archive (.npz).",
                    nameof(tensors));
        }
    }
}
