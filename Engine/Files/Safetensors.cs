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
        if (tensors.ContainsKey(MetadataKey))
            throw new ArgumentException($"Save: no tensor may be named {MetadataKey}.", nameof(tensors));
        // Widest elements first, so that every tensor starts at a multiple of its element size.
        var order = tensors.OrderByDescending(t => t.Value.DType.Size()).ToList();
        byte[] header = Header(tensors, order, metadata);
        WeightStream.Write(path, stream =>
        {
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            foreach (var (_, tensor) in order)
                TensorBytes.Write(stream, tensor);
        });
    }

    /// <summary>Reads all tensors of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the tensors shall live; <see cref="Device.Default"/> if none.</param>
    /// <exception cref="WeightFileException">
    /// The file is missing or damaged, or holds a type that the engine has not.
    /// </exception>
    public static WeightFile Load(string path, Device? device = null) => WeightStream.Open(path, stream =>
    {
        var header = SafetensorsHeaderReader.Read(path, stream);
        foreach (var entry in header.Tensors)
            Loadable.Require(path, entry.Name, entry.ElementType, entry.DType, entry.Shape);
        var tensors = new OrderedDictionary<string, Tensor>();
        var loaded = new WeightFile(tensors, header.Metadata, FormatName);
        try
        {
            foreach (var entry in header.Tensors)
            {
                int[] sizes = [.. entry.Shape.Select(s => (int)s)];
                var tensor = Tensor.Empty(sizes, entry.DType!.Value, device ?? Device.Default, track: false);
                tensors.Add(entry.Name, tensor);
                stream.Position = header.HeaderBytes + entry.Begin;
                if (!TensorBytes.Read(stream, tensor, SafetensorsTypes.Stored(entry.ElementType)!.Value))
                {
                    throw new WeightFileException(
                        path,
                        $"tensor '{entry.Name}' holds an unsigned number above 2^63 - 1, which this engine cannot hold.",
                        "Convert it before saving.");
                }
            }
        }
        catch
        {
            loaded.Dispose();
            throw;
        }

        return loaded;
    });

    /// <summary>Reads what is in a file, without the tensors themselves.</summary>
    /// <exception cref="WeightFileException">The file is missing or damaged.</exception>
    public static SafetensorsHeader Inspect(string path) =>
        WeightStream.Open(path, stream => SafetensorsHeaderReader.Read(path, stream));

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
