namespace MomentumCore.Kernels.Devices.Emulator;

/// <summary>A kernel did something that no device can do right; the message names the kernel, the work item and what it did.</summary>
public sealed class KernelFaultException : InvalidOperationException
{
    internal KernelFaultException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
