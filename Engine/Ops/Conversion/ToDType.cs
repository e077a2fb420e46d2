using MomentumCore.Kernels.Dialect;
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
        bool isDirect = x.DType == dtype || x.DType == DType.Float32 || dtype == DType.Float32;
        if (!isDirect && (IsHalf(x.DType) || IsHalf(dtype)))
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

        switch (x.DType, dtype)
        {
            case (DType.Float32, DType.Float64): Run<float, double>(x, y, Conversions.Widen); break;
            case (DType.Float64, DType.Float32): Run<double, float>(x, y, Conversions.Narrow); break;
            case (DType.Float32, DType.Int32): Run<float, int>(x, y, Conversions.ToInt32); break;
            case (DType.Float64, DType.Int32): Run<double, int>(x, y, Conversions.ToInt32); break;
            case (DType.Int64, DType.Int32): Run<long, int>(x, y, Conversions.ToInt32); break;
            case (DType.Float32, DType.Int64): Run<float, long>(x, y, Conversions.ToInt64); break;
            case (DType.Float64, DType.Int64): Run<double, long>(x, y, Conversions.ToInt64); break;
            case (DType.Int32, DType.Int64): Run<int, long>(x, y, Conversions.ToInt64); break;
            case (DType.Int32, DType.Float32): Run<int, float>(x, y, Conversions.FromInt32); break;
            case (DType.Int32, DType.Float64): Run<int, double>(x, y, Conversions.FromInt32); break;
            case (DType.Int64, DType.Float32): Run<long, float>(x, y, Conversions.FromInt64); break;
            case (DType.Int64, DType.Float64): Run<long, double>(x, y, Conversions.FromInt64); break;
            case (DType.Float16, _): Run<short, float>(x, y, HalfConversions.FromFloat16); break;
            case (_, DType.Float16): Run<float, short>(x, y, HalfConversions.ToFloat16); break;
            case (DType.BFloat16, _): Run<short, float>(x, y, HalfConversions.FromBFloat16); break;
            default: Run<float, short>(x, y, HalfConversions.ToBFloat16); break;
        }

        GC.KeepAlive(x);
        return y;
    }

    private static void Run<TIn, TOut>(Tensor x, Tensor y, Map.Launch1<TIn, TOut> kernel)
        where TIn : unmanaged
        where TOut : unmanaged =>
        kernel(x.Device, Map.Layout(y, x), Elements<TIn>(x), Elements<TOut>(y));

    // Kernels see the 16-bit floats by their bits.
    private static ArrayView<T> Elements<T>(Tensor x)
        where T : unmanaged => x.DType switch
    {
        DType.Float16 => x.View<Half>().Cast<T>(),
        DType.BFloat16 => x.View<BFloat16>().Cast<T>(),
        _ => x.View<T>(),
    };
}
