using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>
/// Reads and writes NumPy's files: <c>.npy</c> (one array) and <c>.npz</c> (a zip file of arrays by name).
/// </summary>
/// <remarks>
/// Arrays of bool and of 8- and 16-bit integers become Int32, of 32- and 64-bit unsigned ones Int64. Objects, text,
/// dates,
/// structures and complex numbers are refused. An array in Fortran order stays as it lies: its tensor has gaps.
/// </remarks>
public static class NumPyFile
{
    private const string Extension = ".npy";
    internal const string ArrayFormat = "NumPy array";
    internal const string ArchiveFormat = "NumPy archive";

    /// <summary>Reads an array or an archive. A lone array is named after its file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the tensors shall live; <see cref="Device.Default"/> if none.</param>
    /// <exception cref="WeightFileException">
    /// The file is missing or damaged, or holds a type that the engine has not.
    /// </exception>
    public static WeightFile Load(string path, Device? device = null) => WeightStream.Open(path, stream =>
    {
        var tensors = new OrderedDictionary<string, Tensor>();
        string format = IsZip(stream) ? ArchiveFormat : ArrayFormat;
        var loaded = new WeightFile(tensors, new Dictionary<string, string>(), format);
        try
        {
            Visit(path, stream, isLoading: true, (name, header, data) =>
                tensors.Add(name, ReadArray(path, name, header, data, device ?? Device.Default)));
        }
        catch
        {
            loaded.Dispose();
            throw;
        }

        return loaded;
    });

    /// <summary>Reads what is in a file, without the elements.</summary>
    /// <exception cref="WeightFileException">The file is missing or damaged.</exception>
    public static WeightFileSummary Inspect(string path) => WeightStream.Open(path, stream =>
    {
        var entries = new List<WeightEntry>();
        string format = IsZip(stream) ? ArchiveFormat : ArrayFormat;
        Visit(path, stream, isLoading: false, (name, header, _) => entries.Add(
            new WeightEntry(name, header.Descr, header.Shape, (long)header.DataBytes, header.Type?.ToDType())));
        return new WeightFileSummary(format, entries, new Dictionary<string, string>(), stream.Length);
    });

    /// <summary>Writes an archive, as <c>numpy.savez</c> does. The file is written whole or not at all.</summary>
    /// <param name="path">The file; its folder has to exist.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <exception cref="WeightFileException">The file cannot be written.</exception>
    /// <exception cref="ArgumentException">
    /// A name would lead out of the folder into which someone unpacks the archive: it begins with a slash or has .. in it.
    /// </exception>
    /// <exception cref="DTypeException">A tensor holds BFloat16, which NumPy has not; nothing was written.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors)
    {
        WeightStream.RequireTensors(tensors);
        foreach (var (name, tensor) in tensors)
        {
            RequireInside(name);
            RequireType(name, tensor);
        }

        WeightStream.Write(path, stream =>
        {
            var zip = new ZipArchiveWriter(stream);
            foreach (var (name, tensor) in tensors)
            {
                byte[] header = NpyHeader.Of(tensor);
                zip.Add(name + Extension, header.Length + TensorBytes.Size(tensor), s => Write(s, header, tensor));
            }

            zip.Finish();
        });
    }

    /// <summary>Writes one array, as <c>numpy.save</c> does. The file is written whole or not at all.</summary>
    /// <param name="path">The file; its folder has to exist.</param>
    /// <param name="tensor">The tensor.</param>
    /// <exception cref="WeightFileException">The file cannot be written.</exception>
    /// <exception cref="DTypeException">
    /// The tensor holds BFloat16, which NumPy has not; nothing was written.
    /// </exception>
    public static void SaveArray(string path, Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        RequireType(Path.GetFileNameWithoutExtension(path), tensor);
        WeightStream.Write(path, stream => Write(stream, NpyHeader.Of(tensor), tensor));
    }

    /// <summary>Whether a zip file is an archive of arrays.</summary>
    internal static bool IsArchive(ZipArchiveReader zip) =>
        zip.Entries.Count == 0 || zip.Entries.Keys.Any(n => n.EndsWith(Extension, StringComparison.Ordinal));

    private static bool IsZip(Stream stream)
    {
        bool isZip = stream.ReadByte() == 'P';
        stream.Position = 0;
        return isZip;
    }

    private static void Visit(
        string path, Stream stream, bool isLoading, Action<string, NpyHeader, Stream> visit)
    {
        if (!IsZip(stream))
        {
            string name = Path.GetFileNameWithoutExtension(path);
            visit(name, NpyHeader.Read(path, name, stream, stream.Length), stream);
            return;
        }

        var zip = new ZipArchiveReader(path, stream);
        foreach (var entry in zip.Entries.Values)
        {
            if (!entry.Name.EndsWith(Extension, StringComparison.Ordinal))
                throw NpyHeader.Damaged(path, entry.Name, "is none: its name does not end with .npy.");
            string name = entry.Name[..^Extension.Length];
            using var source = zip.Open(entry);
            var header = NpyHeader.Read(path, name, source, entry.Bytes);
            if (isLoading && header.Type is { } type)
                zip.Widen(entry, type.BytesHere(header.DataBytes));
            visit(name, header, source);
            // Inspect has not read to the end, where the checksum is known.
            if (source.Position == entry.Bytes)
                source.RequireEnd();
        }
    }

    private static Tensor ReadArray(string path, string name, NpyHeader header, Stream data, Device device)
    {
        var (shape, dtype) = Loadable.Require(path, name, $"'{header.Descr}'", header.Type?.ToDType(), header.Shape);
        var flat = Tensor.Empty([shape.ElementCount], dtype, device, track: false);
        try
        {
            if (!TensorBytes.Read(data, flat, header.Type!.Value, header.IsBigEndian))
            {
                throw new WeightFileException(
                    path,
                    $"array '{name}' holds an unsigned number above 2^63 - 1, which this engine cannot hold.",
                    "Convert it before saving.");
            }

            int[] reversed = [.. shape.Reverse()];
            long[] strides = header.IsFortranOrder
                ? [.. ((Shape)reversed).ContiguousStrides().Reverse()]
                : shape.ContiguousStrides();
            return flat.Alias(shape, strides, 0, track: false);
        }
        finally
        {
            flat.Dispose();
        }
    }

    private static void Write(Stream stream, byte[] header, Tensor tensor)
    {
        stream.Write(header);
        TensorBytes.Write(stream, tensor);
    }

    /// <summary>The names of tensors are names of files in the archive.</summary>
    private static void RequireInside(string name)
    {
        string[] parts = name.Split('/', '\\');
        if (parts[0].Length == 0 || parts.Contains("..") || name.Contains(':') || name.Any(char.IsControl))
        {
            throw new ArgumentException(
                $"Save: '{name}' cannot be a name in an archive, where it is that of a file: it may not be empty, begin " +
                "with a slash, lead through .., or hold a colon or a control letter. Rename it, or save safetensors.",
                nameof(name));
        }
    }

    private static void RequireType(string name, Tensor tensor)
    {
        if (tensor.DType == DType.BFloat16)
        {
            throw new DTypeException(
                $"Save: tensor '{name}' holds BFloat16, which NumPy has not; convert it with To(DType.Float32) first.");
        }
    }
}
