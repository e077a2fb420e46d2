using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Engine;

/// <summary>
/// An n-dimensional array on a device: a cheap view (shape, strides, offset) over shared memory, and a place in the
/// record that derivatives are computed from.
/// </summary>
/// <remarks>
/// The operations are methods of this class, one file each in <c>Engine/Ops</c>. A tensor belongs to the
/// <see cref="TensorScope"/> that was open when it was made; <see cref="Dispose"/> frees it earlier.
/// </remarks>
public partial class Tensor : IDisposable
{
    private readonly Shape _shape;
    private readonly long[] _strides;
    private Storage? _storage;

    internal Tensor(Storage storage, DType dtype, Shape shape, long[] strides, long offset, bool track = true)
    {
        _storage = storage;
        _shape = shape;
        _strides = strides;
        DType = dtype;
        Offset = offset;
        if (track)
            TensorScope.Track(this);
    }

    /// <summary>The sizes of the axes, outermost first.</summary>
    public Shape Shape => _shape;

    /// <summary>The type of the elements.</summary>
    public DType DType { get; private protected set; }

    /// <summary>The number of axes.</summary>
    public int Rank => _shape.Rank;

    /// <summary>The number of elements.</summary>
    public int Count => _shape.ElementCount;

    /// <summary>The device that holds the elements.</summary>
    public Device Device => Storage.Device;

    /// <summary>
    /// For each axis, how many elements of memory lie from one index to the next; 0 for a repeated axis.
    /// </summary>
    public ReadOnlySpan<long> Strides => _strides;

    /// <summary>True when the elements lie in memory in order and without gaps.</summary>
    public bool IsContiguous
    {
        get
        {
            long step = 1;
            for (int axis = Rank - 1; axis >= 0; axis--)
            {
                if (_shape[axis] != 1 && _strides[axis] != step && Count > 0)
                    return false;
                step *= _shape[axis];
            }

            return true;
        }
    }

    /// <summary>True after <see cref="Dispose"/>.</summary>
    public bool IsDisposed => _storage == null;

    /// <summary>
    /// How often the memory was written since it was made; backward uses it to detect overwritten values.
    /// </summary>
    public int Version => Storage.Version;

    internal long[] StrideArray => _strides;

    internal long Offset { get; private protected set; }

    internal TensorScope? Scope { get; set; }

    internal Storage Storage => _storage ?? throw new ObjectDisposedException(
        nameof(Tensor),
        $"This tensor of shape {_shape} was freed, by Dispose or by the TensorScope it was made in; use " +
        "scope.Keep(tensor) to hand it out of a scope.");

    /// <summary>A tensor without recorded history over the same memory.</summary>
    public Tensor Detach() => Alias(_shape, _strides, Offset);

    /// <summary>
    /// Frees this tensor now. The memory goes back when no other view and no recorded operation needs it.
    /// </summary>
    public void Dispose()
    {
        var storage = Interlocked.Exchange(ref _storage, null);
        if (storage == null)
            return;
        storage.Release();
        DisposeAutograd();
        GC.SuppressFinalize(this);
    }

    /// <summary>
    /// A tensor with undefined contents, for a kernel that writes every element: <see cref="Zeros"/> would write them once
    /// more.
    /// </summary>
    /// <param name="shape">Its shape.</param>
    /// <param name="dtype">Its element type.</param>
    /// <param name="device">Where; the default device if null.</param>
    /// <remarks>
    /// What is read before it is written may be anything, other numbers in every run. <see cref="Kernel.Check(Func{Tensor[],
    /// Tensor}, int, double, double, double)"/> finds elements that an operation leaves unwritten.
    /// </remarks>
    public static Tensor Empty(Shape shape, DType dtype = DType.Float32, Device? device = null) =>
        Empty(shape, dtype, device ?? Device.Default, track: true);

    /// <inheritdoc cref="Empty(Shape, DType, Device?)"/>
    internal static Tensor Empty(Shape shape, DType dtype, Device device, bool track)
    {
        var storage = new Storage(device, Math.Max(1L, shape.ElementCount) * dtype.Known().Size());
        return new Tensor(storage, dtype, shape, shape.ContiguousStrides(), 0, track);
    }

    /// <summary>An uninitialised tensor like this one but for the shape.</summary>
    internal Tensor EmptyLike(Shape shape) => Empty(shape, DType, Device);

    /// <summary>Another view of the same memory, without history.</summary>
    internal Tensor Alias(Shape shape, long[] strides, long offset, bool track = true)
    {
        var storage = Storage;
        storage.AddReference();
        return new Tensor(storage, DType, shape, strides, offset, track);
    }

    /// <summary>
    /// The elements as kernels see them, from the first one to the end of the memory (strided) or exactly (contiguous).
    /// </summary>
    /// <exception cref="DTypeException">The elements are not of type <typeparamref name="T"/>.</exception>
    /// <remarks>
    /// For launching kernels of one's own. The view does not own the memory. A launch that takes it in its own call, as
    /// <c>F(device, n, x.View&lt;float&gt;())</c>, is safe: the memory of the last 16 views of a thread stays, also when
    /// nothing names the tensor any more. A view that is kept for later needs its tensor: inside a
    /// <see cref="TensorScope"/>, in a <c>using</c>, or with <see cref="GC.KeepAlive"/> after the launch. After
    /// <see cref="Dispose"/> the view must not be used.
    /// </remarks>
    public ArrayView<T> View<T>()
        where T : unmanaged
    {
        if (DTypes.Of<T>() != DType)
            throw new DTypeException(
                $"This tensor holds {DType}, not {typeof(T).Name}; convert it with To(DType.{DTypes.Of<T>()}).");
        var storage = Storage;
        // A scope keeps its tensors itself.
        if (Scope == null)
            ViewKeeper.Keep(storage);
        long length = IsContiguous ? Count : (storage.Bytes / DType.Size()) - Offset;
        return storage.Buffer.View<T>(Offset, length);
    }

    /// <summary>
    /// Runs a check of this tensor's device when the host next reads from it; see <see cref="Device.WhenRead"/>.
    /// </summary>
    internal void WhenRead(Action check) => Device.WhenRead(check);

    /// <summary>The first element in this process's memory, of a gapless tensor on the CPU.</summary>
    internal unsafe byte* HostPointer => Storage.Buffer.View<byte>(Offset * DType.Size(), 0).Pointer;

    /// <summary>Swaps the memory under this handle; used when a module changes type or device.</summary>
    internal void ReplaceStorage(Tensor source)
    {
        if (source.Shape != _shape)
            throw new ShapeException($"The new value has shape {source.Shape}; this tensor has {_shape}.");
        using var gapless = source.IsContiguous
            ? source.Alias(source.Shape, source.StrideArray, source.Offset, track: false)
            : source.Clone();
        var storage = gapless.Storage;
        storage.AddReference();
        var old = Interlocked.Exchange(ref _storage, storage);
        old?.Release();
        DType = gapless.DType;
        Offset = gapless.Offset;
        _shape.ContiguousStrides().CopyTo(_strides, 0);
    }
}
