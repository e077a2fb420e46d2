using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Engine;

/// <summary>
/// What one needs around kernels of one's own: running them on tensors, and checking them in one call.
/// </summary>
/// <remarks>See <c>docs/kernels.md</c> and <c>docs/tutorials/own-kernel.cs</c>.</remarks>
public static partial class Kernel
{
    /// <summary>A launch that a check repeats: device, number of work items, and the views.</summary>
    public delegate void Launch<T>(Device device, int count, ArrayView<T>[] views)
        where T : unmanaged;

    /// <summary>A kernel of one input over strided views, as the kernel compiler writes it.</summary>
    public delegate void Unary<T>(Device device, in StridedLayout layout, ArrayView<T> x, ArrayView<T> y)
        where T : unmanaged;

    /// <summary>A kernel of two inputs over strided views, as the kernel compiler writes it.</summary>
    public delegate void Binary<T>(
        Device device, in StridedLayout layout, ArrayView<T> a, ArrayView<T> b, ArrayView<T> y)
        where T : unmanaged;

    /// <summary>A kernel of three inputs over strided views, as the kernel compiler writes it.</summary>
    public delegate void Ternary<T>(
        Device device, in StridedLayout layout, ArrayView<T> a, ArrayView<T> b, ArrayView<T> c, ArrayView<T> y)
        where T : unmanaged;

    /// <summary>y = k(x), elementwise, for a kernel that touches its views (x, y) only at its own index.</summary>
    /// <param name="x">Any shape and strides, Float32 or Float64.</param>
    /// <param name="f32">The kernel.</param>
    /// <param name="f64">The same name again: its double form.</param>
    /// <exception cref="DTypeException">The elements are of another type.</exception>
    /// <exception cref="GradientException">It would be recorded, but a kernel alone has no derivative.</exception>
    /// <example><code>Kernel.Map(x, Mine.Swish, Mine.Swish)</code></example>
    public static Tensor Map(Tensor x, Unary<float> f32, Unary<double> f64)
    {
        RequireUnrecorded(x);
        return Engine.Map.Unary(nameof(Kernel), x, f32.Invoke, f64.Invoke);
    }

    /// <summary>y = k(a, b), elementwise with broadcasting, for a kernel over views (a, b, y).</summary>
    /// <inheritdoc cref="Map(Tensor, Unary{float}, Unary{double})"/>
    /// <param name="a">Any shape and strides, Float32 or Float64.</param>
    /// <param name="b">Of the same type on the same device; its shape broadcasts with a's.</param>
    /// <param name="f32">The kernel.</param>
    /// <param name="f64">The same name again: its double form.</param>
    public static Tensor Map(Tensor a, Tensor b, Binary<float> f32, Binary<double> f64)
    {
        RequireUnrecorded(a, b);
        return Engine.Map.Binary(nameof(Kernel), a, b, f32.Invoke, f64.Invoke);
    }

    /// <summary>y = k(a, b, c), elementwise with broadcasting, for a kernel over views (a, b, c, y).</summary>
    /// <inheritdoc cref="Map(Tensor, Unary{float}, Unary{double})"/>
    /// <param name="a">Any shape and strides, Float32 or Float64.</param>
    /// <param name="b">Of the same type on the same device; the shapes broadcast.</param>
    /// <param name="c">As b.</param>
    /// <param name="f32">The kernel.</param>
    /// <param name="f64">The same name again: its double form.</param>
    public static Tensor Map(Tensor a, Tensor b, Tensor c, Ternary<float> f32, Ternary<double> f64)
    {
        RequireUnrecorded(a, b, c);
        return Engine.Map.Ternary(nameof(Kernel), a, b, c, f32.Invoke, f64.Invoke);
    }

    private static void RequireUnrecorded(params ReadOnlySpan<Tensor> inputs)
    {
        foreach (var input in inputs)
        {
            ArgumentNullException.ThrowIfNull(input);
            if (NoGrad.IsRecording && input.RequiresGradient)
            {
                throw new GradientException(
                    "Kernel.Map: a kernel alone has no derivative (in a Backward: the operation has no second " +
                    "derivative). Call it from the Forward of an Op whose Backward differentiates it, or under NoGrad.");
            }
        }
    }
}
