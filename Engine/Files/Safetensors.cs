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
    private const int ChunkBytes = 1 << 20;
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
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        RequireLittleEndian();
        if (tensors.ContainsKey(MetadataKey))
            throw new ArgumentException($"Save: no tensor may be named {MetadataKey}.", nameof(tensors));
        foreach (var (name, tensor) in tensors)
        {
            if (tensor == null)
                throw new ArgumentException($"Save: the tensor named '{name}' is null; leave it out.", nameof(tensors));
        }

        // Widest elements first, so that every tensor starts at a multiple of its element size.
        var order = tensors.OrderByDescending(t => t.Value.DType.Size()).ToList();
        byte[] header = Header(tensors, order, metadata);
        try
        {
            AtomicFile.Write(path, stream =>
            {
                Span<byte> length = stackalloc byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
                stream.Write(length);
                stream.Write(header);
                foreach (var (_, tensor) in order)
                    WriteTensor(stream, tensor);
            });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightFileException(
                path,
                $"it cannot be written ({error.Message.TrimEnd('.')}).",
                "What was there before is unchanged. Check that the folder exists, is writable and has room.",
                error);
        }
    }

    /// <summary>Reads all tensors of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the tensors shall live; the CPU by default.</param>
    /// <exception cref="WeightFileException">
    /// The file is missing or damaged, or holds a type that the engine has not.
    /// </exception>
    public static WeightFile Load(string path, Device? device = null) => Open(path, stream =>
    {
        var header = SafetensorsHeaderReader.Read(path, stream);
        foreach (var entry in header.Tensors)
            RequireLoadable(path, entry);
        var tensors = new OrderedDictionary<string, Tensor>();
        var loaded = new WeightFile(tensors, header.Metadata);
        try
        {
            foreach (var entry in header.Tensors)
            {
                int[] sizes = [.. entry.Shape.Select(s => (int)s)];
                var tensor = Tensor.Empty(sizes, entry.DType!.Value, device ?? Device.Default, track: false);
                tensors.Add(entry.Name, tensor);
                stream.Position = header.HeaderBytes + entry.Begin;
                ReadTensor(stream, tensor, entry.Bytes);
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
        Open(path, stream => SafetensorsHeaderReader.Read(path, stream));

    private static T Open<T>(string path, Func<Stream, T> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireLittleEndian();
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return read(stream);
        }
        catch (EndOfStreamException error)
        {
            throw SafetensorsHeaderReader.Damaged(path, "it became shorter while it was read.", error);
        }
        catch (WeightFileException)
        {
            throw;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new WeightFileException(
                path,
                $"it cannot be read ({error.Message.TrimEnd('.')}).",
                "Check the path and that you may read it.",
                error);
        }
    }

    private static void RequireLoadable(string path, SafetensorsEntry entry)
    {
        if (entry.DType == null)
        {
            throw new WeightFileException(
                path,
                $"tensor '{entry.Name}' holds {entry.ElementType}, which this engine does not.",
                $"Convert it to {SafetensorsTypes.Loadable} before saving.");
        }

        if (entry.Shape.Count > StridedLayout.MaxRank
            || entry.Shape.Any(s => s > int.MaxValue)
            || entry.Bytes / entry.DType.Value.Size() > int.MaxValue)
        {
            throw new WeightFileException(
                path,
                $"tensor '{entry.Name}' has shape [{string.Join(", ", entry.Shape)}], more than this engine can hold.",
                $"Split it into tensors of at most {StridedLayout.MaxRank} axes and {int.MaxValue:N0} elements.");
        }
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
            at += Bytes(tensor);
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
        writer.WriteNumberValue(begin + Bytes(tensor));
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static long Bytes(Tensor tensor) => (long)tensor.Count * tensor.DType.Size();

    private static void WriteTensor(Stream stream, Tensor tensor)
    {
        using var detached = tensor.Detach();
        using var gapless = detached.IsContiguous ? detached.Detach() : detached.Clone();
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            long bytes = Bytes(tensor), start = gapless.Offset * tensor.DType.Size();
            for (long done = 0; done < bytes; done += ChunkBytes)
            {
                var part = chunk.AsSpan(0, (int)Math.Min(ChunkBytes, bytes - done));
                gapless.Device.Download(gapless.Storage.Buffer, start + done, part);
                stream.Write(part);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static void ReadTensor(Stream stream, Tensor tensor, long bytes)
    {
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            for (long done = 0; done < bytes; done += ChunkBytes)
            {
                var part = chunk.AsSpan(0, (int)Math.Min(ChunkBytes, bytes - done));
                stream.ReadExactly(part);
                tensor.Device.Upload(part, tensor.Storage.Buffer, done);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static void RequireLittleEndian()
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("Safetensors files are little-endian; this machine is not.");
    }
}
