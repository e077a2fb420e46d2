using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Engine;

/// <summary>Calls elementwise kernels on tensors: broadcasts, chooses the element type, makes the result.</summary>
internal static class Map
{
    /// <summary>A kernel of one input.</summary>
    public delegate void Launch1<TIn, TOut>(Device device, in StridedLayout layout, ArrayView<TIn> x, ArrayView<TOut> y)
        where TIn : unmanaged
        where TOut : unmanaged;

    /// <summary>A kernel of two inputs.</summary>
    public delegate void Launch2<TIn, TOut>(
        Device device, in StridedLayout layout, ArrayView<TIn> a, ArrayView<TIn> b, ArrayView<TOut> y)
        where TIn : unmanaged
        where TOut : unmanaged;

    /// <summary>A kernel of three inputs.</summary>
    public delegate void Launch3<T>(
        Device device, in StridedLayout layout, ArrayView<T> a, ArrayView<T> b, ArrayView<T> c, ArrayView<T> y)
        where T : unmanaged;

    /// <summary>A kernel of one input and a number.</summary>
    public delegate void LaunchScalar<T, TOut>(
        Device device, in StridedLayout layout, ArrayView<T> x, ArrayView<TOut> y, T s)
        where T : unmanaged
        where TOut : unmanaged;

    /// <summary>A kernel of two inputs and a number.</summary>
    public delegate void Launch2Scalar<T>(
        Device device, in StridedLayout layout, ArrayView<T> a, ArrayView<T> b, ArrayView<T> y, T s)
        where T : unmanaged;

    /// <summary>A kernel of two inputs and two numbers.</summary>
    public delegate void Launch2Scalars<T>(
        Device device, in StridedLayout layout, ArrayView<T> a, ArrayView<T> b, ArrayView<T> y, T s, T t)
        where T : unmanaged;

    /// <summary>y = f(x), elementwise, in Float32 or Float64 and, where given, Int32 and Int64.</summary>
    public static Tensor Unary(
        string name,
        Tensor x,
        Launch1<float, float> f32,
        Launch1<double, double> f64,
        Launch1<int, int>? i32 = null,
        Launch1<long, long>? i64 = null)
    {
        var y = x.EmptyLike(x.Shape);
        var layout = StridedLayout.Create(x.Shape.AsSpan(), x.StrideArray, y.StrideArray);
        switch (x.DType)
        {
            case DType.Float32: f32(x.Device, layout, x.View<float>(), y.View<float>()); break;
            case DType.Float64: f64(x.Device, layout, x.View<double>(), y.View<double>()); break;
            case DType.Int32 when i32 != null: i32(x.Device, layout, x.View<int>(), y.View<int>()); break;
            case DType.Int64 when i64 != null: i64(x.Device, layout, x.View<long>(), y.View<long>()); break;
            default: throw Unsupported(name, x.DType);
        }

        GC.KeepAlive(x);
        return y;
    }

    /// <summary>
    /// y = f(x, s) for a number s, elementwise, in Float32 or Float64 and, where given, Int32 and Int64.
    /// </summary>
    /// <exception cref="DTypeException">x holds integers and s is none, or it does not fit.</exception>
    public static Tensor Scalar(
        string name,
        Tensor x,
        double s,
        LaunchScalar<float, float> f32,
        LaunchScalar<double, double> f64,
        LaunchScalar<int, int>? i32 = null,
        LaunchScalar<long, long>? i64 = null)
    {
        var y = x.EmptyLike(x.Shape);
        var layout = StridedLayout.Create(x.Shape.AsSpan(), x.StrideArray, y.StrideArray);
        switch (x.DType)
        {
            case DType.Float32: f32(x.Device, layout, x.View<float>(), y.View<float>(), (float)s); break;
            case DType.Float64: f64(x.Device, layout, x.View<double>(), y.View<double>(), s); break;
            case DType.Int32 when i32 != null:
                i32(x.Device, layout, x.View<int>(), y.View<int>(), (int)Whole(name, s, int.MaxValue, x.DType));
                break;
            case DType.Int64 when i64 != null:
                i64(x.Device, layout, x.View<long>(), y.View<long>(), Whole(name, s, long.MaxValue, x.DType));
                break;
            default: throw Unsupported(name, x.DType);
        }

        GC.KeepAlive(x);
        return y;
    }

    /// <summary>
    /// y = f(a, b), elementwise with broadcasting, in Float32 or Float64 and, where given, Int32 and Int64.
    /// </summary>
    public static Tensor Binary(
        string name,
        Tensor a,
        Tensor b,
        Launch2<float, float> f32,
        Launch2<double, double> f64,
        Launch2<int, int>? i32 = null,
        Launch2<long, long>? i64 = null)
    {
        RequireSame(name, a, b);
        var shape = Shape.Broadcast(a.Shape, b.Shape, name);
        var y = a.EmptyLike(shape);
        var layout = Layout(y, a, b);
        switch (a.DType)
        {
            case DType.Float32: f32(a.Device, layout, a.View<float>(), b.View<float>(), y.View<float>()); break;
            case DType.Float64: f64(a.Device, layout, a.View<double>(), b.View<double>(), y.View<double>()); break;
            case DType.Int32 when i32 != null:
                i32(a.Device, layout, a.View<int>(), b.View<int>(), y.View<int>());
                break;
            case DType.Int64 when i64 != null:
                i64(a.Device, layout, a.View<long>(), b.View<long>(), y.View<long>());
                break;
            default: throw Unsupported(name, a.DType);
        }

        GC.KeepAlive(a);
        GC.KeepAlive(b);
        return y;
    }

    /// <summary>y = f(a, b, s) for a number s, elementwise with broadcasting, in Float32 or Float64.</summary>
    public static Tensor BinaryScalar(
        string name, Tensor a, Tensor b, double s, Launch2Scalar<float> f32, Launch2Scalar<double> f64) =>
        Binary(
            name,
            a,
            b,
            (Device device, in StridedLayout layout, ArrayView<float> u, ArrayView<float> v, ArrayView<float> y) =>
                f32(device, layout, u, v, y, (float)s),
            (Device device, in StridedLayout layout, ArrayView<double> u, ArrayView<double> v, ArrayView<double> y) =>
                f64(device, layout, u, v, y, s));

    /// <summary>y = f(a, b, s, t) for numbers s and t, elementwise with broadcasting, in Float32 or Float64.</summary>
    public static Tensor BinaryScalars(
        string name, Tensor a, Tensor b, double s, double t, Launch2Scalars<float> f32, Launch2Scalars<double> f64) =>
        Binary(
            name,
            a,
            b,
            (Device device, in StridedLayout layout, ArrayView<float> u, ArrayView<float> v, ArrayView<float> y) =>
                f32(device, layout, u, v, y, (float)s, (float)t),
            (Device device, in StridedLayout layout, ArrayView<double> u, ArrayView<double> v, ArrayView<double> y) =>
                f64(device, layout, u, v, y, s, t));

    /// <summary>y = f(a, b, c), elementwise with broadcasting, in Float32 or Float64.</summary>
    public static Tensor Ternary(string name, Tensor a, Tensor b, Tensor c, Launch3<float> f32, Launch3<double> f64)
    {
        RequireSame(name, a, b);
        RequireSame(name, a, c);
        var shape = Shape.Broadcast(Shape.Broadcast(a.Shape, b.Shape, name), c.Shape, name);
        var y = a.EmptyLike(shape);
        var layout = Layout(y, a, b, c);
        switch (a.DType)
        {
            case DType.Float32:
                f32(a.Device, layout, a.View<float>(), b.View<float>(), c.View<float>(), y.View<float>());
                break;
            case DType.Float64:
                f64(a.Device, layout, a.View<double>(), b.View<double>(), c.View<double>(), y.View<double>());
                break;
            default: throw Unsupported(name, a.DType);
        }

        GC.KeepAlive(a);
        GC.KeepAlive(b);
        GC.KeepAlive(c);
        return y;
    }

    /// <summary>Both operands hold the same type on the same device.</summary>
    public static void RequireSame(string name, Tensor a, Tensor b)
    {
        if (a.DType != b.DType)
        {
            throw new DTypeException(
                $"{name}: left holds {a.DType}, right {b.DType}; {Advice(a.DType, b.DType)}.");
        }

        RequireSameDevice(name, a, b);
    }

    /// <summary>Integers go to the floats' type, which weights have; of two kinds of floats the wider one is it.</summary>
    private static string Advice(DType a, DType b)
    {
        if (a.IsInteger() != b.IsInteger())
            return $"convert {(a.IsInteger() ? "left" : "right")} with To(DType.{(a.IsInteger() ? b : a)})";
        var common = a.IsInteger() ? DType.Int64
            : a == DType.Float64 || b == DType.Float64 ? DType.Float64
            : DType.Float32;
        return $"convert with To(DType.{common})";
    }

    /// <summary>Both operands are on the same device.</summary>
    public static void RequireSameDevice(string name, Tensor a, Tensor b)
    {
        if (a.Device != b.Device)
        {
            throw new ArgumentException(
                $"{name}: left is on {a.Device.Name}, right on {b.Device.Name}; move one with To(device).");
        }
    }

    /// <summary>How inputs, broadcast to the result's shape, and the result lie in memory.</summary>
    public static StridedLayout Layout(Tensor y, params ReadOnlySpan<Tensor> inputs)
    {
        var strides = new long[inputs.Length + 1][];
        for (int i = 0; i < inputs.Length; i++)
            strides[i] = inputs[i].BroadcastStrides(y.Shape);
        strides[^1] = y.StrideArray;
        return StridedLayout.Create(y.Shape.AsSpan(), strides);
    }

    /// <summary>A number that meets integers has to be one itself.</summary>
    public static long Whole(string name, double s, long limit, DType dtype) =>
        s == Math.Truncate(s) && Math.Abs(s) <= limit
            ? (long)s
            : throw new DTypeException(
                $"{name}: {s} is no {dtype}, which the tensor holds; convert the tensor with To(DType.Float32) first.");

    /// <summary>The error for an element type that an operation does not compute in.</summary>
    public static DTypeException Unsupported(string name, DType dtype) =>
        new($"{name}: does not compute in {dtype}; convert with To(DType.Float32) first.");
}
