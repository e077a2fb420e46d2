using System.Reflection;
using System.Runtime.InteropServices;

namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>The few functions of OpenCL 1.2 that we call, found wherever the system keeps its loader.</summary>
internal static unsafe partial class OpenClNative
{
    private const string Library = "OpenCL";

    /// <summary>The names under which systems keep their loader.</summary>
    public static readonly IReadOnlyList<string> Names =
        ["libOpenCL.so.1", "OpenCL.dll", "libOpenCL.so", "/System/Library/Frameworks/OpenCL.framework/OpenCL"];

    /// <summary>The first function that we call, and the last ones that OpenCL got: a loader with these has all.</summary>
    private static readonly string[] Needed =
        ["clGetPlatformIDs", "clEnqueueMarkerWithWaitList", "clEnqueueBarrierWithWaitList"];

    static OpenClNative() => NativeLibrary.SetDllImportResolver(typeof(OpenClNative).Assembly, Resolve);

    [LibraryImport(Library)]
    public static partial int clGetPlatformIDs(uint count, nint* platforms, uint* available);

    [LibraryImport(Library)]
    public static partial int clGetDeviceIDs(nint platform, ulong type, uint count, nint* devices, uint* available);

    [LibraryImport(Library)]
    public static partial int clGetDeviceInfo(nint device, uint name, nuint size, void* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial nint clCreateContext(nint* properties, uint count, nint* devices, nint callback, nint user, int* status);

    [LibraryImport(Library)]
    public static partial nint clCreateCommandQueue(nint context, nint device, ulong properties, int* status);

    [LibraryImport(Library)]
    public static partial nint clCreateBuffer(nint context, ulong flags, nuint size, void* host, int* status);

    [LibraryImport(Library)]
    public static partial int clReleaseMemObject(nint memory);

    [LibraryImport(Library)]
    public static partial nint clCreateProgramWithSource(nint context, uint count, byte** texts, nuint* lengths, int* status);

    [LibraryImport(Library)]
    public static partial nint clCreateProgramWithBinary(
        nint context, uint count, nint* devices, nuint* lengths, byte** binaries, int* binaryStatus, int* status);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int clBuildProgram(nint program, uint count, nint* devices, string options, nint callback, nint user);

    [LibraryImport(Library)]
    public static partial int clGetProgramInfo(nint program, uint name, nuint size, void* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial int clGetProgramBuildInfo(nint program, nint device, uint name, nuint size, void* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial int clReleaseProgram(nint program);

    [LibraryImport(Library)]
    public static partial int clReleaseKernel(nint kernel);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint clCreateKernel(nint program, string name, int* status);

    [LibraryImport(Library)]
    public static partial int clSetKernelArg(nint kernel, uint index, nuint size, void* value);

    [LibraryImport(Library)]
    public static partial int clEnqueueNDRangeKernel(
        nint queue, nint kernel, uint dimensions, nuint* offset, nuint* global, nuint* local, uint waits, nint* waitFor, nint* done);

    [LibraryImport(Library)]
    public static partial int clEnqueueReadBuffer(
        nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* target, uint waits, nint* waitFor, nint* done);

    [LibraryImport(Library)]
    public static partial int clEnqueueWriteBuffer(
        nint queue, nint buffer, uint blocking, nuint offset, nuint size, void* source, uint waits, nint* waitFor, nint* done);

    [LibraryImport(Library)]
    public static partial int clFlush(nint queue);

    [LibraryImport(Library)]
    public static partial int clFinish(nint queue);

    [LibraryImport(Library)]
    public static partial int clRetainCommandQueue(nint queue);

    [LibraryImport(Library)]
    public static partial int clReleaseCommandQueue(nint queue);

    [LibraryImport(Library)]
    public static partial int clSetEventCallback(
        nint work, int status, delegate* unmanaged[Stdcall]<nint, int, nint, void> done, nint user);

    [LibraryImport(Library)]
    public static partial int clGetEventProfilingInfo(nint work, uint name, nuint size, void* value, nuint* needed);

    [LibraryImport(Library)]
    public static partial nint clCreateUserEvent(nint context, int* status);

    [LibraryImport(Library)]
    public static partial int clSetUserEventStatus(nint work, int status);

    [LibraryImport(Library)]
    public static partial int clEnqueueBarrierWithWaitList(nint queue, uint waits, nint* waitFor, nint* done);

    [LibraryImport(Library)]
    public static partial int clEnqueueMarkerWithWaitList(nint queue, uint waits, nint* waitFor, nint* done);

    [LibraryImport(Library)]
    public static partial int clWaitForEvents(uint count, nint* works);

    [LibraryImport(Library)]
    public static partial int clRetainEvent(nint work);

    [LibraryImport(Library)]
    public static partial int clReleaseEvent(nint work);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) => name == Library ? Find(Names) : 0;

    /// <summary>The first of these libraries that the machine has and that is a loader of OpenCL 1.2, or 0.</summary>
    public static nint Find(IReadOnlyList<string> names)
    {
        foreach (string name in names)
        {
            if (!NativeLibrary.TryLoad(name, out nint handle))
                continue;
            if (Needed.All(function => NativeLibrary.TryGetExport(handle, function, out _)))
                return handle;
            NativeLibrary.Free(handle);
        }

        return 0;
    }
}
