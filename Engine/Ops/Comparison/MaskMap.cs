using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>Calls the comparison kernels, which read any compute type and write a mask (Int32).</summary>
internal static class MaskMap
{
    /// <summary>The mask of a condition on a and b, elementwise with broadcasting.</summary>
    public static Tensor Binary(
        string name,
        Tensor a,
        Tensor b,
        Map.Launch2<float, int> f32,
        Map.Launch2<double, int> f64,
        Map.Launch2<int, int> i32,
        Map.Launch2<long, int> i64)
    {
        var shape = Shape.Broadcast(a.Shape, b.Shape, name);
        var y = Tensor.Empty(shape, DType.Int32, a.Device);
        var layout = Map.Layout(y, a, b);
        switch (a.DType)
        {
            case DType.Float32: f32(a.Device, layout, a.View<float>(), b.View<float>(), y.View<int>()); break;
            case DType.Float64: f64(a.Device, layout, a.View<double>(), b.View<double>(), y.View<int>()); break;
            case DType.Int32: i32(a.Device, layout, a.View<int>(), b.View<int>(), y.View<int>()); break;
            case DType.Int64: i64(a.Device, layout, a.View<long>(), b.View<long>(), y.View<int>()); break;
            default: throw Map.Unsupported(name, a.DType);
        }

        GC.KeepAlive(a);
        GC.KeepAlive(b);
        return y;
    }

    /// <summary>The mask of a condition on x and a number, elementwise.</summary>
    public static Tensor Scalar(
        string name,
        Tensor x,
        double s,
        Map.LaunchScalar<float, int> f32,
        Map.LaunchScalar<double, int> f64,
        Map.LaunchScalar<int, int> i32,
        Map.LaunchScalar<long, int> i64)
    {
        var y = Tensor.Empty(x.Shape, DType.Int32, x.Device);
        var layout = StridedLayout.Create(x.Shape.AsSpan(), x.StrideArray, y.StrideArray);
        switch (x.DType)
        {
            case DType.Float32: f32(x.Device, layout, x.View<float>(), y.View<int>(), (float)s); break;
            case DType.Float64: f64(x.Device, layout, x.View<double>(), y.View<int>(), s); break;
            case DType.Int32:
                i32(x.Device, layout, x.View<int>(), y.View<int>(), (int)Map.Whole(name, s, int.MaxValue, x.DType));
                break;
            case DType.Int64:
                i64(x.Device, layout, x.View<long>(), y.View<int>(), Map.Whole(name, s, long.MaxValue, x.DType));
                break;
            default: throw Map.Unsupported(name, x.DType);
        }

        GC.KeepAlive(x);
        return y;
    }
}
