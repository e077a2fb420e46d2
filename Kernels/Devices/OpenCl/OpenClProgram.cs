using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>Turns a kernel's source into a kernel object: from the cache on disk, or with the driver's compiler.</summary>
internal sealed unsafe partial class OpenClProgram(
    nint context, nint device, string deviceName, OpenClFacts facts, OpenClBinaryCache cache)
{
    private const uint BuildLog = 0x1183;
    private const uint BinarySizes = 0x1165;
    private const uint Binaries = 0x1166;

    /// <summary>Lines of source that an error shows whole; of a longer one it shows the places in the log.</summary>
    private const int WholeSourceLines = 60;

    private const int LinesAround = 3;

    // No -cl-fast flags: the results are to be the same bits as everywhere.
    private readonly string _options =
        "-cl-std=CL1.2" + (facts.RoundsDivision ? " -cl-fp32-correctly-rounded-divide-sqrt" : "");

    private readonly Dictionary<KernelInfo, nint> _programs = [];
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);

    /// <summary>Programs that the driver compiled.</summary>
    public int Compiled { get; private set; }

    /// <summary>Programs that came from the cache.</summary>
    public int Loaded { get; private set; }

    /// <summary>The kernel object.</summary>
    /// <exception cref="OpenClException">The driver refuses the source; the message has the log and the source.</exception>
    public nint Build(KernelInfo kernel)
    {
        if (kernel.OpenClSource == null)
            throw new NotSupportedException($"Kernel {kernel.FullName} has no OpenCL form; it runs on the CPU alone.");
        if (!facts.HasLongAtomics && kernel.OpenClSource.Contains(OpenClFacts.LongAtomics, StringComparison.Ordinal))
        {
            throw new NotSupportedException(
                $"{deviceName} has no atomic functions for 64 bits (no {OpenClFacts.LongAtomics}), which kernel " +
                $"{kernel.FullName}{OpenClException.Place(kernel)} needs; use Atomic on int, uint or float there, or another device.");
        }

        if (!_programs.TryGetValue(kernel, out nint program))
            program = Program(kernel);
        int status;
        nint handle = OpenClNative.clCreateKernel(program, kernel.Entry, &status);
        OpenClException.Check(status, $"clCreateKernel on {deviceName}", kernel);
        return handle;
    }

    /// <summary>The program of a kernel and its family; where that cannot be built, of the kernel alone.</summary>
    private nint Program(KernelInfo kernel)
    {
        var source = OpenClSource.Of(kernel);
        nint program;
        try
        {
            if (_refused.Contains(source.Text))
                source = OpenClSource.Alone(kernel);
            program = Program(source, kernel);
        }
        catch (OpenClException) when (source.Kernels.Count > 1)
        {
            // The error of another kernel is not this one's, and this one's own error shows its own source.
            _refused.Add(source.Text);
            source = OpenClSource.Alone(kernel);
            program = Program(source, kernel);
        }

        foreach (var member in source.Kernels)
            _programs.TryAdd(member, program);
        return program;
    }

    private nint Program(OpenClSource source, KernelInfo kernel)
    {
        string text = source.Kernels.Count > 1 ? source.Text : kernel.OpenClSource!;
        byte[] key = OpenClBinaryCache.Key(text, _options, facts);
        if (cache.Load(key) is { } binary && FromBinary(binary) is var loaded and not 0)
        {
            if (Has(loaded, kernel))
            {
                Loaded++;
                return loaded;
            }

            _ = OpenClNative.clReleaseProgram(loaded);
        }

        nint program = FromSource(text, kernel);
        if (cache.IsOn && Has(program, kernel))
            cache.Store(key, Binary(program));
        Compiled++;
        return program;
    }

    private static bool Has(nint program, KernelInfo kernel)
    {
        int status;
        nint handle = OpenClNative.clCreateKernel(program, kernel.Entry, &status);
        if (status != 0)
            return false;
        _ = OpenClNative.clReleaseKernel(handle);
        return true;
    }

    private nint FromSource(string source, KernelInfo kernel)
    {
        byte[] text = Encoding.UTF8.GetBytes(source);
        int status;
        nint program;
        fixed (byte* t = text)
        {
            byte* start = t;
            nuint length = (nuint)text.Length;
            program = OpenClNative.clCreateProgramWithSource(context, 1, &start, &length, &status);
        }

        OpenClException.Check(status, $"clCreateProgramWithSource on {deviceName}", kernel);
        nint target = device;
        status = OpenClNative.clBuildProgram(program, 1, &target, _options, 0, 0);
        if (status == 0)
            return program;
        string log = Log(program);
        _ = OpenClNative.clReleaseProgram(program);
        throw new OpenClException(
            $"{deviceName} cannot build kernel {kernel.FullName}{OpenClException.Place(kernel)}: " +
            $"{OpenClException.Describe(status)}.{Environment.NewLine}{log}{Environment.NewLine}" +
            $"The generated source:{Environment.NewLine}{Numbered(source, log)}",
            status)
        {
            Kernel = kernel,
            BuildLog = log,
        };
    }

    /// <summary>The program, or 0 where the driver does not take the binary.</summary>
    private nint FromBinary(byte[] binary)
    {
        int status, binaryStatus;
        nint program, target = device;
        fixed (byte* b = binary)
        {
            byte* start = b;
            nuint length = (nuint)binary.Length;
            program = OpenClNative.clCreateProgramWithBinary(context, 1, &target, &length, &start, &binaryStatus, &status);
        }

        if (status != 0 || program == 0)
            return 0;
        if (binaryStatus == 0 && OpenClNative.clBuildProgram(program, 1, &target, _options, 0, 0) == 0)
            return program;
        _ = OpenClNative.clReleaseProgram(program);
        return 0;
    }

    /// <summary>What the driver made of the source; nothing where it keeps that to itself.</summary>
    private static byte[] Binary(nint program)
    {
        nuint size;
        if (OpenClNative.clGetProgramInfo(program, BinarySizes, (nuint)sizeof(nuint), &size, null) != 0 || size == 0)
            return [];
        var bytes = new byte[size];
        fixed (byte* b = bytes)
        {
            byte* start = b;
            return OpenClNative.clGetProgramInfo(program, Binaries, (nuint)sizeof(byte*), &start, null) == 0 ? bytes : [];
        }
    }

    private string Log(nint program)
    {
        nuint size;
        if (OpenClNative.clGetProgramBuildInfo(program, device, BuildLog, 0, null, &size) != 0 || size == 0)
            return "";
        var bytes = new byte[size];
        fixed (byte* b = bytes)
            _ = OpenClNative.clGetProgramBuildInfo(program, device, BuildLog, size, b, null);
        return Encoding.UTF8.GetString(bytes).TrimEnd('\0').Trim();
    }

    /// <summary>The source with line numbers: all of a short one, of a long one what the log speaks of.</summary>
    private static string Numbered(string source, string log)
    {
        string[] lines = source.Split('\n');
        var named = LineInLog().Matches(log)
            .Select(m => int.TryParse(m.Groups["line"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int l) ? l : 0)
            .Where(l => l > 0 && l <= lines.Length).ToList();
        bool whole = lines.Length <= WholeSourceLines || named.Count == 0;
        var shown = Enumerable.Range(1, lines.Length)
            .Where(number => whole || named.Exists(l => Math.Abs(l - number) <= LinesAround))
            .Select(number => $"{number,4}  {lines[number - 1]}");
        string text = string.Join(Environment.NewLine, shown);
        return whole ? text : $"{text}{Environment.NewLine}(the whole of it: the exception's Kernel.OpenClSource)";
    }

    // clang and most drivers write file:line:column.
    [GeneratedRegex(@":(?<line>\d+):\d+:")]
    private static partial Regex LineInLog();
}
