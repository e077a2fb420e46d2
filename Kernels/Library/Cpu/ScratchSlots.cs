using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Working memory for a launch: one slot for each thread that may run at a time, claimed chunk by chunk.
/// </summary>
/// <remarks>A chunk does not know its thread, and a struct that is handed to threads cannot hold a pool.</remarks>
internal readonly unsafe struct ScratchSlots
{
    private const int FlagBytes = 64;
    private readonly byte* _memory;
    private readonly long _slotBytes;
    private readonly int _slots;

    private ScratchSlots(byte* memory, int slots, long slotBytes)
    {
        _memory = memory;
        _slots = slots;
        _slotBytes = slotBytes;
    }

    private long Bytes => (FlagBytes + _slotBytes) * _slots;

    /// <summary>Memory for as many threads as the device runs at a time; one inside of a tile.</summary>
    public static ScratchSlots Rent(CpuDevice device, long slotBytes)
    {
        int slots = CpuWorker.Current == null ? device.Threads : 1;
        long rounded = (slotBytes + 63) / 64 * 64;
        var scratch = new ScratchSlots((byte*)device.ScratchPool.Rent((FlagBytes + rounded) * slots), slots, rounded);
        for (int i = 0; i < slots; i++)
            scratch.Flag(i) = 0;
        return scratch;
    }

    /// <summary>Gives the memory back to the pool it came from; call it on the thread that rented.</summary>
    public void Return(CpuDevice device) => device.ScratchPool.Return(_memory, Bytes);

    /// <summary>A slot that nobody else uses until <see cref="Release"/>.</summary>
    public int Claim()
    {
        for (int i = 0; ; i = (i + 1) % _slots)
        {
            if (Interlocked.CompareExchange(ref Flag(i), 1, 0) == 0)
                return i;
        }
    }

    /// <summary>The memory of a claimed slot, aligned to 64 bytes.</summary>
    public byte* Memory(int slot) => _memory + (FlagBytes * _slots) + (_slotBytes * slot);

    /// <summary>Lets others have a slot.</summary>
    public void Release(int slot) => Volatile.Write(ref Flag(slot), 0);

    private ref int Flag(int slot) => ref Unsafe.AsRef<int>(_memory + (FlagBytes * slot));
}
