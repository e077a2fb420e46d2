using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>The ways to make a tensor.</summary>
public partial class Tensor
{
    /// <summary>A tensor with a copy of <paramref name="values"/>, outermost axis first.</summary>
    /// <exception cref="ShapeException">The number of values is not that of the shape.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> values, Shape shape, Device? device = null)
        where T : unmanaged
    {
        if (values.Length != shape.ElementCount)
            throw new ShapeException($"From: {values.Length} values do not fill shape {shape}, which has {shape.ElementCount} elements.");
        var tensor = Empty(shape, DTypes.Of<T>(), device ?? Device.Cpu);
        tensor.Device.Upload(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values), tensor.Storage.Buffer, 0);
        return tensor;
    }

    /// <summary>A tensor with a copy of <paramref name="values"/>, outermost axis first.</summary>
    public static Tensor From<T>(T[] values, Shape shape, Device? device = null)
        where T : unmanaged =>
        From<T>(values.AsSpan(), shape, device);

    /// <summary>A vector with a copy of <paramref name="values"/>.</summary>
    public static Tensor From<T>(params T[] values)
        where T : unmanaged =>
        From<T>(values.AsSpan(), [values.Length]);

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
    public static Tensor Full(Shape shape, double value, DType dtype = DType.Float32, Device? device = null)
    {
        var tensor = Empty(shape, dtype, device ?? Device.Cpu);
        tensor.Fill(value);
        return tensor;
    }

    /// <summary>Zeros in the shape, type and on the device of this tensor.</summary>
    public Tensor ZerosLike() => Zeros(Shape, DType, Device);

    /// <summary>Ones in the shape, type and on the device of this tensor.</summary>
    public Tensor OnesLike() => Ones(Shape, DType, Device);
}
