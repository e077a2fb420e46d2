using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Dialect;

/// <summary>What a kernel sees of a buffer: a run of elements, addressed from 0. It owns nothing.</summary>
/// <typeparam name="T">The element type.</typeparam>
/// <remarks>
/// On the CPU and on OpenCL no index is checked: a launch compares lengths once, and then the kernel is trusted. The
/// emulator checks every index: run the kernel on <see cref="MomentumCore.Kernels.Devices.Device.Emulator"/>, named before
/// the first kernel runs or with <c>MOMENTUM_CHECKED_VIEWS=1</c>.
/// </remarks>
public readonly unsafe struct ArrayView<T>
    where T : unmanaged
{
    // On the CPU the address of the first element; on another device its offset in bytes from the start of the buffer.
    private readonly T* _start;

    /// <summary>A view of memory that somebody else owns and keeps alive.</summary>
    /// <param name="start">The first element.</param>
    /// <param name="length">The number of elements.</param>
    public ArrayView(T* start, long length)
    {
        _start = start;
        Length = length;
    }

    private ArrayView(nint buffer, T* start, long length)
    {
        Buffer = buffer;
        _start = start;
        Length = length;
    }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>
    /// The device's handle of the memory, or 0 for memory that this process can address freely; on the emulator the
    /// number under which a launch watches the view.
    /// </summary>
    internal nint Buffer { get; }

    /// <summary>Elements from the start of the device's buffer to this view.</summary>
    internal long OffsetInBuffer => (long)_start / sizeof(T);

    /// <summary>A view of memory that only a device can address.</summary>
    internal static ArrayView<T> OnDevice(nint buffer, long offset, long length) =>
        new(buffer, (T*)(offset * sizeof(T)), length);

    /// <summary>A view whose every access the emulator is told of.</summary>
    internal static ArrayView<T> Watched(nint watch, T* start, long length) => new(watch, start, length);

    /// <summary>The same elements, watched under a number of a launch.</summary>
    internal ArrayView<T> WatchedAs(nint watch) => new(watch, _start, Length);

    /// <summary>The address of the first element, whoever may use it.</summary>
    internal T* Unchecked => _start;

    /// <summary>The number of elements as an <c>int</c>.</summary>
    public int IntLength => checked((int)Length);

    /// <summary>The address of the first element, for hand-written CPU code.</summary>
    public T* Pointer => Buffer == 0 ? _start : throw NotHere();

    /// <summary>The element at an index.</summary>
    public ref T this[Index1D index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (ViewChecks.AreOn && Buffer != 0)
                Elsewhere(Buffer, _start, index.X, Length);
            Check(index.X);
            return ref _start[index.X];
        }
    }

    /// <summary>The element at an index.</summary>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (ViewChecks.AreOn && Buffer != 0)
                Elsewhere(Buffer, _start, index, Length);
            Check(index);
            return ref _start[index];
        }
    }

    /// <summary>The element at an index.</summary>
    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (ViewChecks.AreOn && Buffer != 0)
                Elsewhere(Buffer, _start, index, Length);
            Check(index);
            return ref _start[index];
        }
    }

    /// <summary>The part of this view that begins at <paramref name="start"/>.</summary>
    /// <param name="start">The first element of the part.</param>
    /// <param name="length">The number of elements of the part.</param>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie inside this view.</exception>
    public ArrayView<T> SubView(long start, long length)
    {
        if (start < 0 || length < 0 || start > Length - length)
            throw new ArgumentOutOfRangeException(nameof(start), $"SubView({start}, {length}) of a view of {Length}.");
        return new ArrayView<T>(Buffer, _start + start, length);
    }

    /// <summary>The elements from <paramref name="start"/> on, <paramref name="step"/> apart; for generated loops.</summary>
    [System.ComponentModel.EditorBrowsable(System.ComponentModel.EditorBrowsableState.Never)]
    public StridedView<T> Strided(long start, long step) => new(_start + start, step);

    /// <summary>A view of one element, which may lie before this view where steps are negative; for generated loops.</summary>
    [System.ComponentModel.EditorBrowsable(System.ComponentModel.EditorBrowsableState.Never)]
    public ArrayView<T> Element(long offset) => new(Buffer, _start + offset, 1);

    /// <summary>The same bytes seen as elements of another type.</summary>
    /// <typeparam name="TOther">The other element type.</typeparam>
    public ArrayView<TOther> Cast<TOther>()
        where TOther : unmanaged =>
        new(Buffer, (TOther*)_start, Length * sizeof(T) / sizeof(TOther));

    /// <summary>The elements as a span, for hand-written CPU code.</summary>
    public Span<T> AsSpan() => new(Pointer, IntLength);

    private static InvalidOperationException NotHere() =>
        new("This view lies in a device's own memory; the CPU cannot address it.");

    // Static: a call on the view itself would keep it from living in registers.
    private static void Elsewhere(nint watch, T* start, long index, long length)
    {
        if (WorkItem.Running is not { } item)
            throw NotHere();
        item.Touch(watch, start + index, sizeof(T), index, length);
    }

    // In a Debug build of this library alone, so never in its packages.
    [System.Diagnostics.Conditional("DEBUG")]
    private void Check(long index)
    {
        if ((ulong)index >= (ulong)Length)
            throw new IndexOutOfRangeException($"Kernel index {index} is outside a view of {Length} elements.");
    }
}
