using System.Text;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>Builds a kernel's program with the driver's compiler.</summary>
internal static unsafe class OpenClProgram
{
    private const uint BuildLog = 0x1183;

    /// <summary>The kernel object.</summary>
    /// <exception cref="OpenClException">The driver refuses the source; the message has the log and the source.</exception>
    public static nint Build(nint context, nint device, string deviceName, KernelInfo kernel)
    {
        string source = kernel.OpenClSource
            ?? throw new NotSupportedException($"Kernel {kernel.Name} has no OpenCL form; it runs on the CPU alone.");
        byte[] text = Encoding.UTF8.GetBytes(source);
        int status;
        nint program;
        fixed (byte* t = text)
        {
            byte* start = t;
            nuint length = (nuint)text.Length;
            program = OpenClNative.clCreateProgramWithSource(context, 1, &start, &length, &status);
        }

        OpenClException.Check(status, "clCreateProgramWithSource");
        // No -cl-fast flags: the results are to be the same bits as everywhere.
        string exact = OpenClInfo.RoundsDivisionCorrectly(device) ? " -cl-fp32-correctly-rounded-divide-sqrt" : "";
        status = OpenClNative.clBuildProgram(program, 1, &device, "-cl-std=CL1.2" + exact, 0, 0);
        if (status != 0)
        {
            throw new OpenClException(
                $"{deviceName} cannot build kernel {kernel.Name}: {OpenClException.Describe(status)}.{Environment.NewLine}" +
                $"{Log(program, device)}{Environment.NewLine}{Numbered(source)}",
                status);
        }

        nint handle = OpenClNative.clCreateKernel(program, kernel.Name, &status);
        OpenClException.Check(status, $"clCreateKernel({kernel.Name})");
        _ = OpenClNative.clReleaseProgram(program); // the kernel keeps it
        return handle;
    }

    private static string Log(nint program, nint device)
    {
        nuint size;
        if (OpenClNative.clGetProgramBuildInfo(program, device, BuildLog, 0, null, &size) != 0 || size == 0)
            return "";
        var bytes = new byte[size];
        fixed (byte* b = bytes)
            _ = OpenClNative.clGetProgramBuildInfo(program, device, BuildLog, size, b, null);
        return Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim();
    }

    private static string Numbered(string source) =>
        string.Join(Environment.NewLine, source.Split('\n').Select((line, i) => $"{i + 1,4}  {line}"));
}
