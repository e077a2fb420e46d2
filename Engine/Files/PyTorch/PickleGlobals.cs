namespace MomentumCore.Engine;

/// <summary>
/// The only names that a pickle may use: tensors and plain containers. None of them runs code of a file.
/// </summary>
internal static class PickleGlobals
{
    private static readonly Dictionary<string, PickleGlobal> Allowed = Make();

    public static PickleGlobal? Find(string fullName) => Allowed.GetValueOrDefault(fullName);

    /// <summary>Why a name that PyTorch itself writes is not read, or null for any other name.</summary>
    public static string? WhyNot(string fullName) => fullName switch
    {
        "torch._utils._rebuild_sparse_tensor" or "torch._utils._rebuild_sparse_csr_tensor" =>
            "It holds a sparse tensor; make it dense in PyTorch with tensor.to_dense().",
        "torch._utils._rebuild_qtensor" =>
            "It holds a quantized tensor; make it float in PyTorch with tensor.dequantize().",
        "torch._utils._rebuild_meta_tensor_no_storage" =>
            "It holds a tensor on the meta device, which has no values.",
        "numpy.core.multiarray._reconstruct" or "numpy._core.multiarray._reconstruct" =>
            "It holds a NumPy array; make it a tensor in PyTorch with torch.from_numpy(array), or leave it out.",
        _ when fullName.StartsWith("__torch__.", StringComparison.Ordinal) =>
            "It is a TorchScript program; in PyTorch save its torch.jit.load(path).state_dict().",
        _ => null,
    };

    private static Dictionary<string, PickleGlobal> Make()
    {
        var all = new Dictionary<string, PickleGlobal>();
        void Add(PickleCallable callable, object? value, params string[] names)
        {
            foreach (string name in names)
                all[name] = new PickleGlobal(name, callable, value);
        }

        Add(PickleCallable.OrderedMap, null, "collections.OrderedDict", "collections.Counter");
        Add(PickleCallable.OrderedMap, null, "builtins.dict", "__builtin__.dict");
        Add(PickleCallable.Set, null, "builtins.set", "__builtin__.set", "builtins.frozenset", "__builtin__.frozenset");
        Add(PickleCallable.Bytes, null, "builtins.bytes", "__builtin__.bytes");
        Add(PickleCallable.Bytes, null, "builtins.bytearray", "__builtin__.bytearray");
        Add(PickleCallable.Encode, null, "_codecs.encode");
        // A number that NumPy computed, such as a loss: bytes of a type with a name.
        Add(PickleCallable.NumPyType, null, "numpy.dtype");
        Add(PickleCallable.NumPyScalar, null, "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar");
        Add(PickleCallable.Tuple, null, "torch.Size");
        Add(PickleCallable.Text, null, "torch.device", "torch.serialization._get_layout");
        Add(PickleCallable.RebuildTensor, null, "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2");
        Add(PickleCallable.RebuildTensorOfType, null, "torch._utils._rebuild_tensor_v3");
        Add(PickleCallable.RebuildParameter, null, "torch._utils._rebuild_parameter");
        Add(PickleCallable.RebuildParameter, null, "torch._utils._rebuild_parameter_with_state");
        Add(PickleCallable.RebuildFromType, null, "torch._tensor._rebuild_from_type_v2");
        Add(PickleCallable.TensorType, null, "torch.Tensor", "torch._tensor.Tensor", "torch.tensor.Tensor");
        Add(PickleCallable.TensorType, null, "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer");
        foreach (var (name, type) in StorageTypes)
        {
            Add(PickleCallable.StorageType, type, $"torch.{name}Storage", $"torch.cuda.{name}Storage");
            Add(PickleCallable.TensorType, type, $"torch.{name}Tensor", $"torch.cuda.{name}Tensor");
        }

        // A storage without a type counts bytes.
        Add(PickleCallable.StorageType, StoredType.UInt8, "torch.storage.UntypedStorage", "torch.UntypedStorage");
        foreach (var (name, type) in ElementTypes)
            Add(PickleCallable.Constant, type, $"torch.{name}");
        return all;
    }

    private static (string Name, StoredType Type)[] StorageTypes =>
    [
        ("Bool", StoredType.Bool), ("Byte", StoredType.UInt8), ("Char", StoredType.Int8),
        ("Short", StoredType.Int16), ("Int", StoredType.Int32), ("Long", StoredType.Int64),
        ("Half", StoredType.Float16), ("BFloat16", StoredType.BFloat16), ("Float", StoredType.Float32),
        ("Double", StoredType.Float64), ("ComplexFloat", StoredType.Complex64),
        ("ComplexDouble", StoredType.Complex128),
    ];

    private static (string Name, StoredType Type)[] ElementTypes =>
    [
        ("bool", StoredType.Bool), ("uint8", StoredType.UInt8), ("int8", StoredType.Int8),
        ("uint16", StoredType.UInt16), ("int16", StoredType.Int16), ("uint32", StoredType.UInt32),
        ("int32", StoredType.Int32), ("uint64", StoredType.UInt64), ("int64", StoredType.Int64),
        ("float16", StoredType.Float16), ("bfloat16", StoredType.BFloat16), ("float32", StoredType.Float32),
        ("float64", StoredType.Float64), ("complex64", StoredType.Complex64), ("complex128", StoredType.Complex128),
    ];

    /// <summary>PyTorch's name of an element type, such as <c>float32</c>.</summary>
    public static string NameOf(StoredType type) => ElementTypes.First(t => t.Type == type).Name;

    /// <summary>PyTorch's storage class of an element type, such as <c>FloatStorage</c>.</summary>
    public static string StorageNameOf(StoredType type) => StorageTypes.First(t => t.Type == type).Name + "Storage";
}
