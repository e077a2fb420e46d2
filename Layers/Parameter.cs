using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// A tensor that training changes: it belongs to its module, not to a <see cref="TensorScope"/>, and it stays the same
/// object when its module changes element type or device.
/// </summary>
public sealed class Parameter : Tensor
{
    /// <summary>
    /// Takes over the memory of a tensor and disposes its handle; pass a <c>Clone()</c> to go on using it.
    /// </summary>
    /// <param name="value">The initial value; its history is dropped. A value with gaps is copied.</param>
    /// <param name="requiresGradient">Whether backward computes a derivative for it; only floats can have one.</param>
    /// <exception cref="GradientException">A gradient is required of an element type without derivatives.</exception>
    public Parameter(Tensor value, bool requiresGradient = true)
        : this(Gapless(value))
    {
        value.Dispose();
        RequiresGradient = requiresGradient;
    }

    private Parameter(Held source)
        : base(source.Storage, source.DType, source.Shape, source.Shape.ContiguousStrides(), source.Offset, false)
    {
    }

    private static Held Gapless(Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        using var detached = value.Detach();
        using var gapless = detached.Gapless();
        gapless.Storage.AddReference();
        return new Held(gapless.Storage, gapless.DType, gapless.Shape, gapless.Offset);
    }

    /// <summary>Memory on its way into a parameter, already counted as one more reference.</summary>
    private readonly record struct Held(Storage Storage, DType DType, Shape Shape, long Offset);
}
