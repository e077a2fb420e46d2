using System.Runtime.InteropServices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.Cpu;

/// <summary>Groups of a grouped kernel, one after the other on a thread, in memory that the thread keeps.</summary>
internal readonly unsafe struct GroupRange<TBody>(TBody body, KernelConfig config) : IRangeBody
    where TBody : unmanaged, IGroupBody
{
    private readonly TBody _body = body;
    private readonly KernelConfig _config = config;

    public void Run(int start, int end)
    {
        var body = _body;
        long own = (body.MemoryBytes(_config.GroupDim.Size) + 63) & ~63L;
        byte* memory = GroupMemory.Rent(own + _config.SharedMemory.Bytes);
        for (int group = start; group < end; group++)
            body.Run(_config, group, memory, memory + own);
    }
}

/// <summary>The memory in which a thread runs its groups; it grows to the largest need.</summary>
internal sealed unsafe class GroupMemory
{
    [ThreadStatic]
    private static GroupMemory? s_mine;

    private void* _start;
    private long _bytes;

    ~GroupMemory() => NativeMemory.AlignedFree(_start);

    public static byte* Rent(long bytes)
    {
        var mine = s_mine ??= new GroupMemory();
        if (mine._bytes < bytes)
        {
            NativeMemory.AlignedFree(mine._start);
            mine._start = null;
            mine._bytes = 0;
            mine._start = NativeMemory.AlignedAlloc((nuint)bytes, 64);
            mine._bytes = bytes;
        }

        return (byte*)mine._start;
    }
}
