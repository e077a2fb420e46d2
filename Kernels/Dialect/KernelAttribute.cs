namespace MomentumCore.Kernels.Dialect;

/// <summary>
/// Marks a static method as a kernel: code that runs once per index on a device.
/// The class that holds it must be <c>partial</c>; the kernel compiler adds an overload that launches it.
/// </summary>
/// <remarks>
/// A kernel's first parameter is an <see cref="Index1D"/>; the others are <see cref="ArrayView{T}"/>s and plain
/// scalars. It is written for <c>float</c>; the compiler adds the <c>double</c> form. A kernel that touches its views
/// only at its own index (a map) also gets a launcher over strided and broadcast views.
/// </remarks>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelAttribute : Attribute
{
    /// <summary>Also emit the <c>int</c> and <c>long</c> forms of a kernel written for <c>float</c>.</summary>
    public bool Integers { get; init; }

    /// <summary>The kernel is right for <c>float</c> alone (it plays with the bits): emit no other form.</summary>
    public bool FloatOnly { get; init; }
}
