using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// Changing the element type and the device of what a module holds. Parameters stay the same objects.
/// </summary>
public abstract partial class Module
{
    /// <summary>Converts the float parameters and buffers (and gradients) to a float type; integers stay.</summary>
    /// <returns>This module.</returns>
    /// <exception cref="DTypeException">The type is no float type.</exception>
    public Module To(DType dtype)
    {
        if (dtype.IsInteger())
            throw new DTypeException($"{Name}: To wants a float type; got {dtype}. Use Type({dtype}) for all types.");
        return Convert(t => t.DType.IsInteger() ? t : t.To(dtype));
    }

    /// <summary>Moves all parameters and buffers (and gradients) to a device.</summary>
    /// <returns>This module.</returns>
    public Module To(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return Convert(t => t.To(device));
    }

    /// <summary>Converts all parameters and buffers to an element type, integers too.</summary>
    /// <remarks>Parameters of an integer type have no derivatives: they stop requiring a gradient.</remarks>
    /// <returns>This module.</returns>
    public Module Type(DType dtype)
    {
        if (dtype.IsInteger())
            RequiresGradient(false).ZeroGradient();
        return Convert(t => t.To(dtype));
    }

    /// <summary>Converts the float parameters and buffers to Float32.</summary>
    public Module Float() => To(DType.Float32);

    /// <summary>Converts the float parameters and buffers to Float64.</summary>
    public Module Double() => To(DType.Float64);

    /// <summary>
    /// Converts the float parameters and buffers to Float16: to hold, save and load; it does not compute.
    /// </summary>
    public Module Half() => To(DType.Float16);

    /// <summary>
    /// Converts the float parameters and buffers to BFloat16: to hold, save and load; it does not compute.
    /// </summary>
    public Module BFloat16() => To(DType.BFloat16);

    /// <summary>Moves all parameters and buffers to the CPU.</summary>
    public Module Cpu() => To(Device.Cpu);

    /// <summary>
    /// Gives all parameters and buffers new memory on a device, without copying: the values are arbitrary.
    /// </summary>
    /// <remarks>For modules that are filled by <see cref="LoadStateDict"/> next. Gradients are forgotten.</remarks>
    /// <returns>This module.</returns>
    public Module ToEmpty(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        ZeroGradient();
        return Convert(t => Tensor.Empty(t.Shape, t.DType, device));
    }

    private Module Convert(Func<Tensor, Tensor> convert)
    {
        using var noGrad = NoGrad.Begin();
        foreach (var tensor in Parameters().Concat(Buffers()))
        {
            using var scope = TensorScope.Begin();
            var converted = convert(tensor);
            if (ReferenceEquals(converted, tensor))
                continue;
            var gradient = tensor.Gradient is { } g ? convert(g) : null;
            tensor.ReplaceStorage(converted);
            tensor.SetGradient(gradient);
        }

        return this;
    }
}
