using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>
/// Reads and writes the files of <c>torch.save</c>, without Python and without running anything in them.
/// </summary>
/// <remarks>
/// <para>
/// Read are the zip format (PyTorch 1.6 and later) and the one before. A file is a tree of dictionaries, lists,
/// numbers,
/// text and tensors; whatever else it asks for is an error that names it. Tensors keep their strides, and those that
/// share memory in the file share it here.
/// </para>
/// <para>
/// Tensors of bool and of 8- and 16-bit integers become Int32, of 32- and 64-bit unsigned ones Int64; complex, sparse
/// and quantized tensors are refused.
/// </para>
/// </remarks>
public static class PyTorchFile
{
    private const int PickleStart = 0x80;

    /// <summary>Elements that the tensors of a file may show more than once, as expanded ones do.</summary>
    private const long MostRepeated = 1 << 24;

    /// <summary>How often the tensors of a file may show its memory, as layers that share their weights do.</summary>
    private const int MostTimes = 64;

    /// <summary>
    /// Reads a file. Tensors are named by their path, as in <c>net.0.weight</c> for <c>{"net": {"0.weight": …}}</c>;
    /// <see cref="WeightFile.Content"/> has the tree itself.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the tensors shall live; <see cref="Device.Default"/> if none.</param>
    /// <exception cref="WeightFileException">
    /// The file is missing or damaged, or asks for something other than tensors and plain containers.
    /// </exception>
    public static WeightFile Load(string path, Device? device = null) =>
        WeightStream.Open(path, stream => Load(path, Open(path, stream), device ?? Device.Default));

    /// <summary>Reads what is in a file, without the tensors' elements.</summary>
    /// <exception cref="WeightFileException">As for <see cref="Load(string, Device?)"/>.</exception>
    public static WeightFileSummary Inspect(string path) =>
        WeightStream.Open(path, stream => Inspect(path, stream, Open(path, stream)));

    /// <summary>
    /// Writes a state dict in the zip format, so that <c>torch.load(path, weights_only=True)</c> opens it. The file is
    /// written whole or not at all; tensors that share memory share it in the file, too.
    /// </summary>
    /// <param name="path">The file; its folder has to exist.</param>
    /// <param name="tensors">The tensors by name, of any element type.</param>
    /// <exception cref="WeightFileException">The file cannot be written.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors)
    {
        WeightStream.RequireTensors(tensors);
        var writer = new TorchWriter(tensors);
        WeightStream.Write(path, writer.Write);
    }

    internal static WeightFileSummary Inspect(string path, Stream stream, ITorchContainer container)
    {
        var tree = new TorchTree(path, container);
        Int128 bytes = 0;
        foreach (var tensor in tree.Tensors.Values)
            bytes += (Int128)tensor.Count * tensor.Type.Size();
        if (bytes > long.MaxValue)
            throw PickleReader.Damaged(path, "its tensors claim more bytes than 2^63 - 1.");
        var entries = tree.Tensors.Select(t => new WeightEntry(
            t.Key,
            PickleGlobals.NameOf(t.Value.Type),
            t.Value.Sizes,
            t.Value.Count * t.Value.Type.Size(),
            t.Value.Type.ToDType()));
        return new WeightFileSummary(container.Format, [.. entries], tree.Texts, stream.Length);
    }

    internal static WeightFile Load(string path, ITorchContainer container, Device device)
    {
        var tree = new TorchTree(path, container);
        foreach (var (name, tensor) in tree.Tensors)
            RequireLoadable(path, name, tensor);
        RequireOneType(path, tree);
        RequireFewRepeated(path, tree, container);
        var storages = new Dictionary<string, Tensor>();
        var tensors = new OrderedDictionary<string, Tensor>();
        try
        {
            foreach (var (name, tensor) in tree.Tensors)
            {
                if (storages.ContainsKey(tensor.Storage.Key))
                    continue;
                container.Expect(tensor.Storage.Key, tensor.Type);
                storages[tensor.Storage.Key] = ReadStorage(path, name, container, tensor, device);
            }

            var made = new Dictionary<TorchTensor, Tensor>(ReferenceEqualityComparer.Instance);
            foreach (var (name, tensor) in tree.Tensors)
            {
                if (!made.TryGetValue(tensor, out var view))
                    made[tensor] = view = View(path, name, tensor, storages[tensor.Storage.Key]);
                tensors[name] = view;
            }

            var content = new TorchValues(path, t => made[t]).Make(container.Root);
            return new WeightFile(tensors, tree.Texts, container.Format, content);
        }
        catch
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }
        finally
        {
            // The views hold the memory now.
            foreach (var storage in storages.Values)
                storage.Dispose();
        }
    }

    private static ITorchContainer Open(string path, Stream stream)
    {
        int first = stream.ReadByte();
        if (first == PickleStart)
            return new TorchLegacy(path, stream);
        if (first != 'P')
            throw PickleReader.Damaged(path, "it begins neither like a zip file nor like a pickle.");
        var zip = new ZipArchiveReader(path, stream);
        return TorchZip.FolderOf(zip) != null
            ? new TorchZip(path, zip)
            : throw PickleReader.Damaged(path, "it is a zip file without a data.pkl, so none of PyTorch's.");
    }

    private static void RequireLoadable(string path, string name, TorchTensor tensor)
    {
        string type = PickleGlobals.NameOf(tensor.Type);
        Loadable.Require(path, name, type, tensor.Type.ToDType(), tensor.Sizes);
        if (tensor.Count > Math.Max(tensor.Storage.Count, MostRepeated))
        {
            throw new WeightFileException(
                path,
                $"tensor '{name}' repeats {tensor.Storage.Count:N0} elements to {tensor.Count:N0}.",
                "Save what it repeats, and expand it after loading.");
        }
    }

    /// <summary>
    /// Memory is converted to one type of this engine, so that elements of another size would lie elsewhere in it.
    /// </summary>
    private static void RequireOneType(string path, TorchTree tree)
    {
        var types = new Dictionary<string, StoredType>();
        foreach (var (name, tensor) in tree.Tensors)
        {
            if (types.TryAdd(tensor.Storage.Key, tensor.Type) || types[tensor.Storage.Key] == tensor.Type)
                continue;
            throw new WeightFileException(
                path,
                $"tensor '{name}' of {PickleGlobals.NameOf(tensor.Type)} shares its memory with a tensor of another " +
                $"type, {PickleGlobals.NameOf(types[tensor.Storage.Key])}.",
                "Save a copy of one of them (tensor.clone() in PyTorch).");
        }
    }

    /// <summary>What one tensor may repeat, many must not either: whoever copies them would fill the disk.</summary>
    private static void RequireFewRepeated(string path, TorchTree tree, ITorchContainer container)
    {
        Int128 repeated = 0, shown = 0, held = 0;
        var seen = new HashSet<string>();
        foreach (var tensor in tree.Tensors.Values)
        {
            repeated += Math.Max(0, tensor.Count - tensor.Storage.Count);
            shown += tensor.Count;
            if (seen.Add(tensor.Storage.Key))
                held += container.StorageBytes(tensor.Storage.Key) / tensor.Type.Size();
        }

        if (repeated > MostRepeated || shown > (MostTimes * held) + MostRepeated)
        {
            throw new WeightFileException(
                path,
                $"its tensors together repeat {held:N0} elements to {shown:N0}.",
                "Save what they repeat, and expand it after loading.");
        }
    }

    private static Tensor ReadStorage(
        string path, string name, ITorchContainer container, TorchTensor tensor, Device device)
    {
        var type = tensor.Type;
        long count = container.StorageBytes(tensor.Storage.Key) / type.Size();
        var (shape, dtype) = Loadable.Require(path, name, PickleGlobals.NameOf(type), type.ToDType(), [count]);
        var storage = Tensor.Empty(shape, dtype, device, track: false);
        try
        {
            if (!container.ReadStorage(tensor.Storage.Key, type, storage))
            {
                throw new WeightFileException(
                    path,
                    $"tensor '{name}' holds an unsigned number above 2^63 - 1, which this engine cannot hold.",
                    "Convert it before saving.");
            }
        }
        catch
        {
            storage.Dispose();
            throw;
        }

        return storage;
    }

    private static Tensor View(string path, string name, TorchTensor tensor, Tensor storage)
    {
        int[] sizes = [.. tensor.Sizes.Select(s => (int)s)];
        Shape shape = sizes;
        long[] strides = shape.ContiguousStrides();
        if (shape.ElementCount == 0)
            return storage.Alias(shape, strides, 0, track: false);
        // How far it is to the next of one element does not matter, and may be anything.
        for (int axis = 0; axis < sizes.Length; axis++)
        {
            if (sizes[axis] > 1)
                strides[axis] = tensor.Strides[axis];
        }

        // Seen with the memory as it is now, whatever was believed while the pickle was read.
        Int128 last = (Int128)tensor.Storage.First + tensor.Offset;
        for (int axis = 0; axis < sizes.Length; axis++)
            last += (Int128)(sizes[axis] - 1) * strides[axis];
        if (last >= storage.Count)
            throw PickleReader.Damaged(path, $"tensor '{name}' reaches beyond the {storage.Count:N0} elements it has.");
        return storage.Alias(shape, strides, tensor.Storage.First + tensor.Offset, track: false);
    }
}
