using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>Operations that overwrite a tensor's elements. They are not recorded.</summary>
public partial class Tensor
{
    /// <summary>True when no other tensor sees this memory, so that it may be overwritten.</summary>
    internal bool OwnsMemoryAlone => Storage.IsUnshared && IsContiguous && Count * (long)DType.Size() == Storage.Bytes;

    /// <summary>Writes one value to all elements.</summary>
    /// <exception cref="GradientException">The tensor takes part in a recorded computation.</exception>
    /// <exception cref="DTypeException">
    /// The tensor holds integers and the value is none of them, or a finite value would become infinite.
    /// </exception>
    public void Fill(double value)
    {
        RequireWritable(nameof(Fill));
        if (DType.IsInteger())
            RequireInteger(value);
        else
            RequireReach(nameof(Fill), value, DType);
        var layout = Kernels.Devices.StridedLayout.Create(Shape.AsSpan(), _strides);
        switch (DType)
        {
            case DType.Float32: Elementwise.Fill(Device, layout, View<float>(), (float)value); break;
            case DType.Float64: Elementwise.Fill(Device, layout, View<double>(), value); break;
            case DType.Int32: Elementwise.Fill(Device, layout, View<int>(), (int)value); break;
            case DType.Int64: Elementwise.Fill(Device, layout, View<long>(), (long)value); break;
            case DType.Float16:
                Elementwise.FillHalves(
                    Device, layout, View<Half>().Cast<short>(), BitConverter.HalfToInt16Bits((Half)value));
                break;
            default:
                Elementwise.FillHalves(
                    Device, layout, View<BFloat16>().Cast<short>(), (short)((BFloat16)(float)value).Bits);
                break;
        }

        Storage.MarkWritten();
        GC.KeepAlive(this);
    }

    /// <summary>
    /// Overwrites the elements with those of another tensor, which is broadcast to this shape and may see the same
    /// memory.
    /// </summary>
    /// <exception cref="GradientException">The tensor takes part in a recorded computation.</exception>
    /// <exception cref="ShapeException">The source does not broadcast to this shape, or this view repeats
    /// elements.</exception>
    public void CopyFrom(Tensor source)
    {
        ArgumentNullException.ThrowIfNull(source);
        RequireWritable(nameof(CopyFrom));
        using var expanded = source.BroadcastAlias(Shape, nameof(CopyFrom));
        if (Count > 0 && Enumerable.Range(0, Rank).Any(axis => _strides[axis] == 0 && Shape[axis] > 1))
        {
            throw new ShapeException(
                $"{nameof(CopyFrom)}: this tensor of shape {Shape} is an expanded view, where several elements share " +
                "one place in memory; copy into a Clone() of it.");
        }

        // Read all before the first write where both see the same memory.
        bool overlaps = ReferenceEquals(source.Storage, Storage);
        using var values = overlaps ? expanded.Clone() : expanded.Detach();
        CopyElements(values, this);
        Storage.MarkWritten();
    }

    /// <summary>this += other, same shape.</summary>
    internal void AddInPlace(Tensor other)
    {
        if (other.Shape != Shape || other.DType != DType)
            throw new ShapeException($"AddInPlace: {other.DType} {other.Shape} does not fit {DType} {Shape}.");
        var layout = Kernels.Devices.StridedLayout.Create(Shape.AsSpan(), _strides, other._strides, _strides);
        switch (DType)
        {
            case DType.Float32:
                Arithmetic.Add(Device, layout, View<float>(), other.View<float>(), View<float>());
                break;
            case DType.Float64:
                Arithmetic.Add(Device, layout, View<double>(), other.View<double>(), View<double>());
                break;
            default: throw new DTypeException($"AddInPlace: wants Float32 or Float64; got {DType}.");
        }

        Storage.MarkWritten();
        GC.KeepAlive(other);
    }

    private void RequireInteger(double value)
    {
        // As doubles the largest integers round up to the first that does not fit.
        double end = DType == DType.Int32 ? 1L << 31 : Math.ScaleB(1, 63);
        if (value != Math.Truncate(value) || !(value >= -end && value < end))
        {
            throw new DTypeException(
                $"{nameof(Fill)}: {value} is no {DType}, which the tensor holds; use To(DType.Float32) first for " +
                "other numbers.");
        }
    }

    internal void RequireWritable(string operation)
    {
        if (Producer != null || (RequiresGradient && NoGrad.IsRecording))
        {
            throw new GradientException(
                $"{operation}: this tensor takes part in a recorded computation, which overwriting would falsify; " +
                "do it under NoGrad, or on Detach() or Clone().");
        }
    }
}
