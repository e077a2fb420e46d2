namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>An OpenCL driver refused something; the message names the call, the status and, for a build, the log.</summary>
public sealed class OpenClException(string message, int status) : InvalidOperationException(message)
{
    /// <summary>The driver's status number.</summary>
    public int Status { get; } = status;

    /// <summary>The kernel that it was about, or null.</summary>
    public KernelInfo? Kernel { get; init; }

    /// <summary>What the driver's compiler said, or null.</summary>
    public string? BuildLog { get; init; }

    internal static void Check(int status, string call)
    {
        if (status != 0)
            throw new OpenClException($"{call} failed with {Describe(status)}.", status);
    }

    /// <summary>As <see cref="Check(int, string)"/>, for a kernel: the message also says where its C# stands.</summary>
    internal static void Check(int status, string call, KernelInfo kernel)
    {
        if (status == 0)
            return;
        throw new OpenClException(
            $"{call} failed for kernel {kernel.FullName}{Place(kernel)} with {Describe(status)}. " +
            $"The exception's Kernel.OpenClSource is what was compiled.",
            status)
        {
            Kernel = kernel,
        };
    }

    /// <summary>Where a kernel's C# stands, to go after its name.</summary>
    internal static string Place(KernelInfo kernel) => kernel.Location.Length == 0 ? "" : $" at {kernel.Location}";

    /// <summary>A status by its name and number, with what it means where the name alone does not say it.</summary>
    internal static string Describe(int status)
    {
        if (OpenClStatus.Name(status) is not { } name)
            return $"OpenCL status {status}";
        string meaning = status switch
        {
            -4 => ": the device is out of memory",
            -14 => ": work launched before it failed on the device",
            _ => "",
        };
        return $"{name} ({status}){meaning}";
    }
}
