namespace MomentumCore.Kernels.Devices.OpenCl;

/// <summary>Buffers of an OpenCL context. The queue runs in order, so a buffer may be reused as soon as it is freed.</summary>
internal sealed unsafe class OpenClMemoryPool(nint context, string device) : BlockPool
{
    private const ulong ReadWrite = 1;

    protected override string Owner => device;

    protected override nint Allocate(long bytes)
    {
        int status;
        nint memory = OpenClNative.clCreateBuffer(context, ReadWrite, (nuint)bytes, null, &status);
        return status == 0 ? memory : 0;
    }

    protected override void Free(nint block) => _ = OpenClNative.clReleaseMemObject(block);
}
