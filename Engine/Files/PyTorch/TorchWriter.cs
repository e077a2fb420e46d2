using System.Globalization;
using System.Text;

namespace MomentumCore.Engine;

/// <summary>
/// Writes a state dict as <c>torch.save</c> does: a zip file with a pickle of protocol 2, and a file for each storage.
/// </summary>
/// <remarks>
/// The pickle has only instructions that <c>torch.load(weights_only=True)</c> knows. Tensors that share memory here
/// share it in the file: tied weights stay tied.
/// </remarks>
internal sealed class TorchWriter
{
    private const string Folder = "archive";

    private readonly IReadOnlyDictionary<string, Tensor> _tensors;
    private readonly Dictionary<Storage, Part> _parts = [];
    private readonly MemoryStream _pickle = new();

    public TorchWriter(IReadOnlyDictionary<string, Tensor> tensors)
    {
        _tensors = tensors;
        foreach (var tensor in tensors.Values)
            Plan(tensor);
    }

    public void Write(Stream stream)
    {
        var zip = new ZipArchiveWriter(stream);
        zip.Add($"{Folder}/data.pkl", Pickle());
        zip.Add($"{Folder}/byteorder", "little"u8.ToArray());
        foreach (var part in _parts.Values)
            zip.Add($"{Folder}/data/{part.Key}", part.Count * part.Tensor.DType.Size(), part.Write);
        zip.Add($"{Folder}/version", "3\n"u8.ToArray());
        zip.Finish();
    }

    /// <summary>Notes which run of a storage has to be written.</summary>
    private void Plan(Tensor tensor)
    {
        long first = tensor.Offset, last = tensor.Offset - 1;
        if (tensor.Count > 0)
        {
            last = first;
            for (int axis = 0; axis < tensor.Rank; axis++)
                last += (tensor.Shape[axis] - 1) * tensor.Strides[axis];
        }

        string key = _parts.Count.ToString(CultureInfo.InvariantCulture);
        if (!_parts.TryAdd(tensor.Storage, new Part(key, tensor, first, last)))
            _parts[tensor.Storage].Cover(first, last);
    }

    private byte[] Pickle()
    {
        _pickle.SetLength(0);
        Code(0x80, 2);
        Global("collections", "OrderedDict");
        Code(')', 'R', '(');
        foreach (var (name, tensor) in _tensors)
        {
            Text(name);
            Tensor(tensor);
        }

        Code('u', '.');
        return _pickle.ToArray();
    }

    /// <summary>_rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks).</summary>
    private void Tensor(Tensor tensor)
    {
        var part = _parts[tensor.Storage];
        Global("torch._utils", "_rebuild_tensor_v2");
        Code('(', '(');
        Text("storage");
        Global("torch", PickleGlobals.StorageNameOf(StoredTypes.From(tensor.DType)));
        Text(part.Key);
        Text("cpu");
        Integer(part.Count);
        Code('t', 'Q');
        Integer(part.IsGapless ? 0 : tensor.Offset - part.First);
        Code('(');
        foreach (int size in tensor.Shape)
            Integer(size);
        Code('t', '(');
        foreach (long stride in part.IsGapless ? tensor.Shape.ContiguousStrides() : tensor.StrideArray)
            Integer(stride);
        Code('t', 0x89);
        Global("collections", "OrderedDict");
        Code(')', 'R', 't', 'R');
    }

    private void Code(params ReadOnlySpan<int> codes)
    {
        foreach (int code in codes)
            _pickle.WriteByte((byte)code);
    }

    private void Global(string module, string name)
    {
        Code('c');
        _pickle.Write(Encoding.ASCII.GetBytes($"{module}\n{name}\n"));
    }

    private void Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Code('X');
        _pickle.Write(BitConverter.GetBytes(bytes.Length));
        _pickle.Write(bytes);
    }

    private void Integer(long value)
    {
        if (value <= int.MaxValue)
        {
            Code('J');
            _pickle.Write(BitConverter.GetBytes((int)value));
        }
        else
        {
            Code(0x8a, 8);
            _pickle.Write(BitConverter.GetBytes(value));
        }
    }

    /// <summary>
    /// What is written of one storage: a run of its memory, or the elements of the only tensor that uses it.
    /// </summary>
    private sealed class Part(string key, Tensor tensor, long first, long last)
    {
        private long _last = last;

        public string Key { get; } = key;

        public Tensor Tensor { get; } = tensor;

        public long First { get; private set; } = first;

        /// <summary>One tensor, whose elements are written in order, without what lies between or around.</summary>
        public bool IsGapless { get; private set; } = true;

        public long Count => IsGapless ? Tensor.Count : _last + 1 - First;

        public void Cover(long first, long last)
        {
            IsGapless = false;
            // A tensor without elements needs none of the memory.
            if (last < first)
                return;
            if (_last < First)
                (First, _last) = (first, last);
            First = Math.Min(First, first);
            _last = Math.Max(_last, last);
        }

        public void Write(Stream stream)
        {
            if (IsGapless)
                TensorBytes.Write(stream, Tensor);
            else
                TensorBytes.WriteMemory(stream, Tensor, First, Count);
        }
    }
}
