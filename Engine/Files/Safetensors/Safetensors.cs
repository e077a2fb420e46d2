using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>Reads and writes tensors in the safetensors format, which PyTorch and others read too.</summary>
/// <remarks>
/// A file is 8 bytes of header length, a JSON header with each tensor's type, shape and byte range, and the bytes.
/// Nothing in a file is executed, and no size in it is believed before it is checked.
/// </remarks>
public static class Safetensors
{
    internal const string FormatName = "safetensors";
    private const string MetadataKey = "__metadata__";

    /// <summary>
    /// Writes tensors to a file. The file is written whole or not at all: when the disk is full or the program dies,
    /// the file that was there before is still there.
    /// </summary>
    /// <param name="path">The file; its folder has to exist.</param>
    /// <param name="tensors">The tensors by name, of any element type.</param>
    /// <param name="metadata">Text to carry along.</param>
    /// <exception cref="WeightFileException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">A tensor has the reserved name <c>__metadata__</c>.</exception>
    public static void Save(
        string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        WeightStream.RequireTensors(tensors);
        WeightStream.Write(path, Writer(tensors, metadata));
    }

    /// <summary>What writes tensors as one file; whatever does not fit the format is refused before it does.</summary>
    internal static Action<Stream> Writer(
        IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        if (tensors.ContainsKey(MetadataKey))
            throw new ArgumentException($"Save: no tensor may be named {MetadataKey}.", nameof(tensors));
        // Widest elements first, so that every tensor starts at a multiple of its element size.
        var order = tensors.OrderByDescending(t => t.Value.DType.Size()).ToList();
        byte[] header = Header(tensors, order, metadata);
        return stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var (_, tensor) in order)
                TensorBytes.Write(stream, tensor);
        };
    }

    /// <summary>Reads all tensors of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the tensors shall live; <see cref="Device.Default"/> if none.</param>
    /// <exception cref="WeightFileException">
    /// The file is missing or damaged, or holds a type that the engine has not.
    /// </exception>
    public static WeightFile Load(string path, Device? device = null)
    {
        var tensors = new OrderedDictionary<string, Tensor>();
        var header = WeightStream.Open(path, stream => LoadInto(tensors, path, stream, device ?? Device.Default));
        return new WeightFile(tensors, header.Metadata, FormatName);
    }

    /// <summary>
    /// Opens a file without reading it: the tensors are the file's own bytes, which the system brings in as they are
    /// used.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Tensors can be written to as any others; the file does not change. Their memory does not count as tensor
    /// memory of
    /// the device. A tensor whose bytes are not aligned to its elements, or whose type has to be converted, is read.
    /// </para>
    /// <para>
    /// While tensors are in use the file must not be cut off (replacing it, as <see cref="Save"/> does, is fine): the
    /// system ends programs that touch what is no longer there. <see cref="Load"/> has no such condition.
    /// </para>
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <exception cref="WeightFileException">As for <see cref="Load"/>.</exception>
    public static WeightFile Map(string path)
    {
        var tensors = new OrderedDictionary<string, Tensor>();
        var header = WeightStream.Open(path, stream =>
        {
            using var mapped = stream is FileStream { Length: > 0 } file ? new MappedFile(file) : null;
            return LoadInto(tensors, path, stream, Device.Cpu, mapped);
        });
        return new WeightFile(tensors, header.Metadata, FormatName);
    }

    /// <summary>Reads what is in a file, without the tensors themselves.</summary>
    /// <exception cref="WeightFileException">The file is missing or damaged.</exception>
    public static SafetensorsHeader Inspect(string path) =>
        WeightStream.Open(path, stream => SafetensorsHeaderReader.Read(path, stream));

    internal static WeightEntry Entry(SafetensorsEntry entry) =>
        new(entry.Name, entry.ElementType, entry.Shape, entry.Bytes, entry.DType);

    /// <summary>Adds a file's tensors, all or none.</summary>
    internal static SafetensorsHeader LoadInto(
        OrderedDictionary<string, Tensor> tensors, string path, Stream stream, Device device, MappedFile? mapped = null)
    {
        var header = SafetensorsHeaderReader.Read(path, stream);
        foreach (var entry in header.Tensors)
            Loadable.Require(path, entry.Name, entry.ElementType, entry.DType, entry.Shape);
        var added = new List<string>();
        try
        {
            foreach (var entry in header.Tensors)
            {
                if (!tensors.TryAdd(entry.Name, ReadTensor(path, stream, header, entry, device, mapped)))
                    throw SafetensorsHeaderReader.Damaged(path, $"tensor '{entry.Name}' is in another file, too.");
                added.Add(entry.Name);
            }
        }
        catch
        {
            foreach (string name in added)
            {
                tensors[name].Dispose();
                tensors.Remove(name);
            }

            throw;
        }

        return header;
    }

    private static Tensor ReadTensor(
        string path, Stream stream, SafetensorsHeader header, SafetensorsEntry entry, Device device, MappedFile? mapped)
    {
        int[] sizes = [.. entry.Shape.Select(s => (int)s)];
        var type = SafetensorsTypes.Stored(entry.ElementType)!.Value;
        long begin = header.HeaderBytes + entry.Begin;
        if (mapped != null && type.IsVerbatim() && begin % type.Size() == 0 && entry.Bytes > 0)
            return mapped.Tensor(sizes, entry.DType!.Value, begin);
        var tensor = Tensor.Empty(sizes, entry.DType!.Value, device, track: false);
        try
        {
            stream.Position = begin;
            if (!TensorBytes.Read(stream, tensor, type))
            {
                throw new WeightFileException(
                    path,
                    $"tensor '{entry.Name}' holds an unsigned number above 2^63 - 1, which this engine cannot hold.",
                    "Convert it before saving.");
            }
        }
        catch
        {
            tensor.Dispose();
            throw;
        }

        return tensor;
    }

    private static byte[] Header(
        IReadOnlyDictionary<string, Tensor> tensors,
        List<KeyValuePair<string, Tensor>> order,
        IReadOnlyDictionary<string, string>? metadata)
    {
        var begins = new Dictionary<string, long>();
        long at = 0;
        foreach (var (name, tensor) in order)
        {
            begins[name] = at;
            at += TensorBytes.Size(tensor);
        }

        var json = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(json))
        {
            writer.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                writer.WriteStartObject(MetadataKey);
                foreach (var (key, value) in metadata)
                    writer.WriteString(key, value);
                writer.WriteEndObject();
            }

            foreach (var (name, tensor) in tensors)
                WriteEntry(writer, name, tensor, begins[name]);
            writer.WriteEndObject();
        }

        // Blanks up to a multiple of 8, so that the data is aligned.
        byte[] header = new byte[(json.WrittenCount + 7) / 8 * 8];
        header.AsSpan().Fill((byte)' ');
        json.WrittenSpan.CopyTo(header);
        return header;
    }

    private static void WriteEntry(Utf8JsonWriter writer, string name, Tensor tensor, long begin)
    {
        writer.WriteStartObject(name);
        writer.WriteString("dtype", SafetensorsTypes.FromDType(tensor.DType));
        writer.WriteStartArray("shape");
        foreach (int size in tensor.Shape)
            writer.WriteNumberValue(size);
        writer.WriteEndArray();
        writer.WriteStartArray("data_offsets");
        writer.WriteNumberValue(begin);
        writer.WriteNumberValue(begin + TensorBytes.Size(tensor));
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

}
