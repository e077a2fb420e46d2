using System.Numerics.Tensors;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Engine;

/// <summary>The ways to read a tensor's elements from C#.</summary>
public partial class Tensor
{
    /// <summary>A copy of the elements, outermost axis first.</summary>
    /// <exception cref="DTypeException">The elements are not of type <typeparamref name="T"/>.</exception>
    /// <exception cref="ShapeException">There are more elements than a .NET array holds.</exception>
    public unsafe T[] ToArray<T>()
        where T : unmanaged
    {
        RequireElement<T>();
        RequireArray(nameof(ToArray));
        var values = new T[Count];
        using var gapless = IsContiguous ? Alias(Shape, _strides, Offset, track: false) : Clone();
        // By address: the bytes may be more than a span counts.
        fixed (T* v = values)
            Device.Download(gapless.Storage.Buffer, gapless.Offset * DType.Size(), (byte*)v, Bytes(gapless));
        return values;
    }

    /// <summary>The only element, as a double.</summary>
    /// <exception cref="ShapeException">There is not exactly one element.</exception>
    public double Item()
    {
        if (Count != 1)
            throw new ShapeException($"Item: wants exactly one element; this tensor has shape {Shape}.");
        return DType switch
        {
            DType.Float32 => ToArray<float>()[0],
            DType.Float64 => ToArray<double>()[0],
            DType.Int32 => ToArray<int>()[0],
            DType.Int64 => ToArray<long>()[0],
            DType.Float16 => (double)ToArray<Half>()[0],
            _ => (float)ToArray<BFloat16>()[0],
        };
    }

    /// <summary>The elements themselves, without a copy. It is valid while the tensor lives.</summary>
    /// <remarks>
    /// Writing through it is not seen by the check for overwritten values; use the in-place operations for that.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The tensor has gaps, or is not on the CPU.</exception>
    public Span<T> AsSpan<T>()
        where T : unmanaged
    {
        RequireElement<T>();
        RequireCpu();
        if (!IsContiguous)
            throw new InvalidOperationException(
                $"AsSpan: the elements of this tensor (shape {Shape}) do not lie in one run; call Contiguous() first.");
        return View<T>().AsSpan()[..Count];
    }

    /// <summary>
    /// The elements themselves as a .NET tensor span, strides and all, without a copy. It is valid while the tensor
    /// lives.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tensor is not on the CPU.</exception>
    public unsafe TensorSpan<T> AsTensorSpan<T>()
        where T : unmanaged
    {
        RequireElement<T>();
        RequireCpu();
        if (Rank == 0)
            return new TensorSpan<T>(View<T>().Pointer, 1, [1], [0]);
        nint[] lengths = [.. Shape.Select(s => (nint)s)];
        // .NET's tensor span writes the stride of an axis of one element, and all strides of nothing, as 0.
        nint[] strides = [.. _strides.Select((s, axis) => Shape[axis] == 1 || Count == 0 ? 0 : (nint)s)];
        return new TensorSpan<T>(View<T>().Pointer, (nint)View<T>().Length, lengths, strides);
    }

    private void RequireElement<T>()
        where T : unmanaged
    {
        if (DTypes.Of<T>() != DType)
            throw new DTypeException(
                $"This tensor holds {DType}, not {typeof(T).Name}; convert it with To(DType.{DTypes.Of<T>()}).");
    }

    private void RequireArray(string name)
    {
        if (Count > Array.MaxLength)
        {
            throw new ShapeException(
                $"{name}: this tensor has {Count:N0} elements; a .NET array holds at most {Array.MaxLength:N0}. " +
                "Copy it in parts, with Slice.");
        }
    }

    private void RequireCpu()
    {
        if (Device is not CpuDevice)
            throw new InvalidOperationException(
                $"This tensor lives on {Device.Name}; only CPU memory can be seen as a span.");
    }
}
