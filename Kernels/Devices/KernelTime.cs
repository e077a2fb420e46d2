namespace MomentumCore.Kernels.Devices;

/// <summary>What a <see cref="DeviceProfile"/> measured of one kernel, or of copies one way.</summary>
/// <param name="Name">The kernel and its element type, or the way of the copies.</param>
/// <param name="Count">How often it ran.</param>
/// <param name="Milliseconds">How long all runs took together.</param>
public readonly record struct KernelTime(string Name, long Count, double Milliseconds);
