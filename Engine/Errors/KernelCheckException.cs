namespace MomentumCore.Engine;

/// <summary>
/// A kernel failed <see cref="Kernel.Check(Func{Tensor[], Tensor}, int, double, double, double)"/>; the message says
/// where and how.
/// </summary>
public sealed class KernelCheckException(string message) : Exception(message);
