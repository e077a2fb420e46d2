using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Devices.Emulator;

/// <summary>A work item of the emulator: where it is, what it touches, and where it waits.</summary>
/// <param name="emulation">The launch.</param>
/// <param name="group">The group, or null for an indexed kernel.</param>
/// <param name="place">Where in its group it is.</param>
internal sealed unsafe class EmulatedItem(Emulation emulation, EmulatedGroup? group, Index3D place) : WorkItem
{
    private readonly List<(byte[] Memory, nint Watch)> _local = [];
    private int _index;
    private int _nextLocal;

    /// <summary>How many shared arrays it has asked for.</summary>
    public int SharedArrays { get; set; }

    /// <summary>Whether it has come to the end.</summary>
    public bool IsFinished { get; set; }

    /// <summary>The barrier at which it waits.</summary>
    public (string File, int Line) Site { get; private set; }

    /// <summary>What it passed to a vote.</summary>
    public bool Ballot { get; private set; }

    /// <summary>The bits that it passed to a broadcast.</summary>
    public Int128 Value { get; private set; }

    public override Index3D GroupIndex => group == null ? throw NoGroup() : place;

    public override Index3D GroupSize => Grouped.Size;

    public override Index3D GridIndex => Grouped.Place;

    public override Index3D GridSize => Grouped.GridSize;

    private EmulatedGroup Grouped => group ?? throw NoGroup();

    private static InvalidOperationException NoGroup() =>
        new("a kernel that begins with an index has no group; leave the index out and launch it with a KernelConfig.");

    /// <summary>The item of an indexed kernel moves on; that of a group starts.</summary>
    public void Begin(int index)
    {
        _index = index;
        _nextLocal = 0;
        SharedArrays = 0;
        IsFinished = false;
    }

    public override void Barrier(string file, int line)
    {
        Site = (file, line);
        Grouped.Wait(this);
    }

    public override int Vote(bool vote, string file, int line)
    {
        Ballot = vote;
        Barrier(file, line);
        return Grouped.Votes;
    }

    public override T Broadcast<T>(T value, int from, string file, int line)
    {
        Int128 bits = 0;
        Unsafe.WriteUnaligned(ref Unsafe.As<Int128, byte>(ref bits), value);
        Value = bits;
        Barrier(file, line);
        bits = Grouped.ValueOf(from);
        return Unsafe.ReadUnaligned<T>(ref Unsafe.As<Int128, byte>(ref bits));
    }

    public override ArrayView<T> Shared<T>(int length, string file, int line)
    {
        var (start, watch, _) = Grouped.Shared.Get(SharedArrays++, checked(length * sizeof(T)), $"shared memory of {Path.GetFileName(file)}:{line}");
        return ArrayView<T>.Watched(watch, (T*)start, length);
    }

    public override ArrayView<T> DynamicShared<T>()
    {
        var (start, watch, bytes) = Grouped.Shared.Dynamic;
        return ArrayView<T>.Watched(watch, (T*)start, bytes / sizeof(T));
    }

    public override ArrayView<T> Local<T>(int length)
    {
        int bytes = checked(length * sizeof(T));
        if (_nextLocal == _local.Count)
            _local.Add((GC.AllocateUninitializedArray<byte>(bytes, pinned: true), emulation.Name("local memory")));
        if (_local[_nextLocal].Memory.Length < bytes)
            _local[_nextLocal] = (GC.AllocateUninitializedArray<byte>(bytes, pinned: true), _local[_nextLocal].Watch);
        var (memory, watch) = _local[_nextLocal++];
        memory.AsSpan().Fill(0xFF);
        return ArrayView<T>.Watched(watch, (T*)Unsafe.AsPointer(ref memory[0]), length);
    }

    public override void Touch(nint watch, void* element, int size, long index, long length)
    {
        if ((ulong)index >= (ulong)length)
            throw emulation.OutOfBounds(this, watch, index, length);
        group?.Shared.Touch((byte*)element, size);
    }

    public override void TouchAtomically(void* element) => group?.Shared.TouchAtomically((byte*)element);

    public override string ToString() =>
        group == null ? $"work item {_index}" : $"work item {place} of group {group.Place}";
}
