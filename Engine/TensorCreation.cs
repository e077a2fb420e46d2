using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>The ways to make a tensor.</summary>
public partial class Tensor
{
    /// <summary>A tensor with a copy of <paramref name="values"/>, outermost axis first.</summary>
    /// <exception cref="ShapeException">The number of values is not that of the shape.</exception>
    public static unsafe Tensor From<T>(ReadOnlySpan<T> values, Shape shape, Device? device = null)
        where T : unmanaged
    {
        if (values.Length != shape.ElementCount)
            throw new ShapeException(
                $"From: {values.Length} values do not fill shape {shape}, which has {shape.ElementCount} elements.");
        var tensor = Empty(shape, DTypes.Of<T>(), device ?? Device.Default);
        // By address: the bytes may be more than a span counts.
        fixed (T* v = values)
            tensor.Device.Upload((byte*)v, values.Length * (long)sizeof(T), tensor.Storage.Buffer, 0);
        return tensor;
    }

    /// <summary>A tensor with a copy of <paramref name="values"/>, outermost axis first.</summary>
    public static Tensor From<T>(T[] values, Shape shape, Device? device = null)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return From<T>(values.AsSpan(), shape, device);
    }

    /// <summary>A vector with a copy of <paramref name="values"/>.</summary>
    public static Tensor From<T>(params T[] values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return From<T>(values.AsSpan(), [values.Length]);
    }

    /// <summary>A tensor without axes that holds one number.</summary>
    public static Tensor Scalar(double value, DType dtype = DType.Float32, Device? device = null) =>
        Full([], value, dtype, device);

    /// <summary>A tensor of zeros.</summary>
    public static Tensor Zeros(Shape shape, DType dtype = DType.Float32, Device? device = null) =>
        Full(shape, 0, dtype, device);

    /// <summary>A tensor of ones.</summary>
    public static Tensor Ones(Shape shape, DType dtype = DType.Float32, Device? device = null) =>
        Full(shape, 1, dtype, device);

    /// <summary>A tensor whose elements are all <paramref name="value"/>.</summary>
    /// <exception cref="DTypeException">The type does not hold the value: an integer type holds no fractions, and a
    /// finite value must stay finite.</exception>
    public static Tensor Full(Shape shape, double value, DType dtype = DType.Float32, Device? device = null)
    {
        var tensor = Empty(shape, dtype, device ?? Device.Default);
        tensor.Fill(value);
        return tensor;
    }

    /// <summary>start, start + step, … up to, not including, end. Computed in double, then rounded.</summary>
    /// <exception cref="ArgumentException">The step is 0 or leads away from the end, or a number is not
    /// finite.</exception>
    /// <exception cref="DTypeException">The type is an integer one, and a number is no integer or too large for
    /// it.</exception>
    public static Tensor Arange(
        double start, double end, double step = 1, DType dtype = DType.Float32, Device? device = null)
    {
        double count = Math.Ceiling((end - start) / step);
        if (!double.IsFinite(start) || !double.IsFinite(end) || !double.IsFinite(count) || count < 0 || step == 0)
        {
            throw new ArgumentException(
                $"Arange: from {start} to {end} by {step} never ends; " +
                "the numbers must be finite and the step lead to the end.");
        }

        if (count > int.MaxValue)
        {
            throw new ShapeException(
                $"Arange: from {start} to {end} by {step} are {count} numbers; a tensor holds {int.MaxValue}.");
        }

        if (dtype.IsInteger())
        {
            Map.Whole("Arange", step, long.MaxValue, dtype);
            double last = start + (Math.Max(0, count - 1) * step);
            long most = dtype == DType.Int32 ? int.MaxValue : long.MaxValue;
            Map.Whole("Arange", start, most, dtype);
            Map.Whole("Arange", last, most, dtype);
        }

        var y = Empty([(int)count], dtype.Computes(), device ?? Device.Default);
        switch (y.DType)
        {
            case DType.Float32: Sequences.Arange(y.Device, y.Count, y.View<float>(), start, step); break;
            case DType.Float64: Sequences.Arange(y.Device, y.Count, y.View<double>(), start, step); break;
            case DType.Int32: Sequences.Arange(y.Device, y.Count, y.View<int>(), start, step); break;
            default: Sequences.Arange(y.Device, y.Count, y.View<long>(), start, step); break;
        }

        return Rounded(y, dtype);
    }

    /// <summary><paramref name="count"/> numbers from start to end, both included, at equal distances.</summary>
    /// <remarks>Integer types cut off the fractions.</remarks>
    /// <exception cref="ShapeException">The count is negative.</exception>
    /// <exception cref="ArgumentException">An end is not finite.</exception>
    /// <exception cref="DTypeException">The type does not reach an end.</exception>
    public static Tensor Linspace(
        double start, double end, int count, DType dtype = DType.Float32, Device? device = null)
    {
        if (!double.IsFinite(start) || !double.IsFinite(end) || !double.IsFinite(end - start))
        {
            throw new ArgumentException(
                $"Linspace: from {start} to {end} there are no equal distances; the ends must be finite.");
        }

        RequireReach("Linspace", start, dtype);
        RequireReach("Linspace", end, dtype);
        var y = Empty([count], dtype.Computes(), device ?? Device.Default);
        // A single point is the start.
        double step = count > 1 ? (end - start) / (count - 1) : 0;
        double last = count > 1 ? end : start;
        switch (y.DType)
        {
            case DType.Float32: Sequences.Linspace(y.Device, count, y.View<float>(), start, last, step, count); break;
            case DType.Float64: Sequences.Linspace(y.Device, count, y.View<double>(), start, last, step, count); break;
            case DType.Int32: Sequences.Linspace(y.Device, count, y.View<int>(), start, last, step, count); break;
            default: Sequences.Linspace(y.Device, count, y.View<long>(), start, last, step, count); break;
        }

        return Rounded(y, dtype);
    }

    /// <summary>Throws where a finite number would become infinite, or wrap around.</summary>
    private static void RequireReach(string name, double value, DType dtype)
    {
        double most = dtype == DType.Int32 ? 1L << 31 : Math.ScaleB(1, 63);
        if (!dtype.Reaches(value) || (dtype.IsInteger() && !(value >= -most && value < most)))
            throw new DTypeException($"{name}: {value} is beyond what {dtype} holds; use DType.Float64.");
    }

    /// <summary>A matrix with ones on the diagonal and zeros elsewhere.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="columns">The number of columns; as many as rows if none.</param>
    /// <param name="dtype">The element type.</param>
    /// <param name="device">The device; <see cref="Device.Default"/> if none.</param>
    /// <exception cref="ShapeException">A number is negative.</exception>
    public static Tensor Eye(int rows, int? columns = null, DType dtype = DType.Float32, Device? device = null)
    {
        int width = columns ?? rows;
        var y = Empty([rows, width], dtype.Computes(), device ?? Device.Default);
        switch (y.DType)
        {
            case DType.Float32: Sequences.Eye(y.Device, y.Count, y.View<float>(), width); break;
            case DType.Float64: Sequences.Eye(y.Device, y.Count, y.View<double>(), width); break;
            case DType.Int32: Sequences.Eye(y.Device, y.Count, y.View<int>(), width); break;
            default: Sequences.Eye(y.Device, y.Count, y.View<long>(), width); break;
        }

        return Rounded(y, dtype);
    }

    /// <summary>Zeros in the shape, type and on the device of this tensor.</summary>
    public Tensor ZerosLike() => Zeros(Shape, DType, Device);

    /// <summary>Ones in the shape, type and on the device of this tensor.</summary>
    public Tensor OnesLike() => Ones(Shape, DType, Device);
}
