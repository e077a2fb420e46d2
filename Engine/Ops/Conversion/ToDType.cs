using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The elements as another type; this tensor itself when it holds that type already.</summary>
    /// <remarks>
    /// Floats round to the nearest, ties to even; float to integer cuts off towards zero, saturates, and makes NaN 0;
    /// Int64 to Int32 drops the upper bits. The 16-bit floats convert by way of Float32. The derivative converts back
    /// between Float32 and Float64; other types have no derivatives, so the record ends there.
    /// </remarks>
    public Tensor To(DType dtype) => dtype == DType ? this : new ToDTypeOp(dtype).Apply(this);
}

/// <summary>y = x in another element type; dx = g in the type of x. Keeps nothing.</summary>
internal sealed class ToDTypeOp(DType dtype) : Op, IOpExamples
{
    private DType _before;

    // Differences of a value that was rounded to few bits say nothing; ConversionTests checks the derivative.
    public static IEnumerable<OpExample> Examples =>
        from target in new[] { DType.Float32, DType.Float64, DType.Int32, DType.Int64, DType.Float16, DType.BFloat16 }
        from example in ElementwiseExamples.Of(x => new ToDTypeOp(target).Apply(x))
        select example with
        {
            Label = $"{example.Label} to {target}",
            CheckDerivative = false,
            Options = new Dictionary<string, object> { ["type"] = target },
        };

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0];
        _before = x.DType;
        // Between a 16-bit float and anything but Float32 there is no direct way.
        bool direct = x.DType == dtype || x.DType == DType.Float32 || dtype == DType.Float32 || !(IsHalf(x.DType) || IsHalf(dtype));
        if (!direct)
            x = Convert(x, DType.Float32);
        return Convert(x, dtype);
    }

    protected override Tensor?[] Backward(Tensor g) => [g.To(_before)];

    private static bool IsHalf(DType type) => type is DType.Float16 or DType.BFloat16;

    private static Tensor Convert(Tensor x, DType dtype)
    {
        var y = Tensor.Empty(x.Shape, dtype, x.Device);
        if (dtype == x.DType)
        {
            Tensor.CopyElements(x, y);
            return y;
        }

        var layout = StridedLayout.Create(x.Shape.AsSpan(), x.StrideArray, y.StrideArray);
        switch (x.DType, dtype)
        {
            case (DType.Float32, DType.Float64): Conversions.Widen(x.Device, layout, x.View<float>(), y.View<double>()); break;
            case (DType.Float64, DType.Float32): Conversions.Narrow(x.Device, layout, x.View<double>(), y.View<float>()); break;
            case (DType.Float32, DType.Int32): Conversions.ToInt32(x.Device, layout, x.View<float>(), y.View<int>()); break;
            case (DType.Float64, DType.Int32): Conversions.ToInt32(x.Device, layout, x.View<double>(), y.View<int>()); break;
            case (DType.Int64, DType.Int32): Conversions.ToInt32(x.Device, layout, x.View<long>(), y.View<int>()); break;
            case (DType.Float32, DType.Int64): Conversions.ToInt64(x.Device, layout, x.View<float>(), y.View<long>()); break;
            case (DType.Float64, DType.Int64): Conversions.ToInt64(x.Device, layout, x.View<double>(), y.View<long>()); break;
            case (DType.Int32, DType.Int64): Conversions.ToInt64(x.Device, layout, x.View<int>(), y.View<long>()); break;
            case (DType.Int32, DType.Float32): Conversions.FromInt32(x.Device, layout, x.View<int>(), y.View<float>()); break;
            case (DType.Int32, DType.Float64): Conversions.FromInt32(x.Device, layout, x.View<int>(), y.View<double>()); break;
            case (DType.Int64, DType.Float32): Conversions.FromInt64(x.Device, layout, x.View<long>(), y.View<float>()); break;
            case (DType.Int64, DType.Float64): Conversions.FromInt64(x.Device, layout, x.View<long>(), y.View<double>()); break;
            case (DType.Float16, _): HalfConversions.FromFloat16(x.Device, layout, x.View<Half>().Cast<short>(), y.View<float>()); break;
            case (_, DType.Float16): HalfConversions.ToFloat16(x.Device, layout, x.View<float>(), y.View<Half>().Cast<short>()); break;
            case (DType.BFloat16, _): HalfConversions.FromBFloat16(x.Device, layout, x.View<BFloat16>().Cast<short>(), y.View<float>()); break;
            default: HalfConversions.ToBFloat16(x.Device, layout, x.View<float>(), y.View<BFloat16>().Cast<short>()); break;
        }

        GC.KeepAlive(x);
        return y;
    }
}
