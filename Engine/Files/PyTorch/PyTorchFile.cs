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

    /// <summary>Elements that a tensor may show more than once, as an expanded one does.</summary>
    private const long MostRepeated = 1 << 24;

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
        var entries = tree.Tensors.Select(t => new WeightEntry(
            t.Key,
            PickleGlobals.NameOf(t.Value.Type),
            t.Value.Sizes,
            (long)Int128.Min((Int128)t.Value.Count * t.Value.Type.Size(), long.MaxValue),
            t.Value.Type.ToDType()));
        return new WeightFileSummary(container.Format, [.. entries], tree.Texts, stream.Length);
    }

    internal static WeightFile Load(string path, ITorchContainer container, Device device)
    {
        var tree = new TorchTree(path, container);
        foreach (var (name, tensor) in tree.Tensors)
            RequireLoadable(path, name, tensor);
        var storages = new Dictionary<string, Tensor>();
        var tensors = new OrderedDictionary<string, Tensor>();
        try
        {
            foreach (var (name, tensor) in tree.Tensors)
            {
                if (storages.ContainsKey(tensor.Storage.Key))
                    continue;
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
        if (tensor.Type.ToDType() != storage.DType)
        {
            throw PickleReader.Damaged(
                path, $"tensor '{name}' shares its memory with a tensor of another type.");
        }

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

        return storage.Alias(shape, strides, tensor.Storage.First + tensor.Offset, track: false);
    }
}
