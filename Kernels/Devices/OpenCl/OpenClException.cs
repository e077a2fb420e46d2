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

    internal static string Describe(int status) => status switch
    {
        -1 => "CL_DEVICE_NOT_FOUND (-1)",
        -2 => "CL_DEVICE_NOT_AVAILABLE (-2)",
        -4 => "CL_MEM_OBJECT_ALLOCATION_FAILURE (-4): the device is out of memory",
        -5 => "CL_OUT_OF_RESOURCES (-5)",
        -6 => "CL_OUT_OF_HOST_MEMORY (-6)",
        -11 => "CL_BUILD_PROGRAM_FAILURE (-11)",
        -14 => "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST (-14): work launched before it failed on the device",
        -45 => "CL_INVALID_PROGRAM_EXECUTABLE (-45)",
        -46 => "CL_INVALID_KERNEL_NAME (-46)",
        -48 => "CL_INVALID_KERNEL (-48)",
        -49 => "CL_INVALID_ARG_INDEX (-49)",
        -51 => "CL_INVALID_ARG_SIZE (-51)",
        -52 => "CL_INVALID_KERNEL_ARGS (-52)",
        -54 => "CL_INVALID_WORK_GROUP_SIZE (-54)",
        -61 => "CL_INVALID_BUFFER_SIZE (-61)",
        _ => $"OpenCL status {status}",
    };
}
