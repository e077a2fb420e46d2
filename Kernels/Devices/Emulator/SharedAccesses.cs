using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Devices.Emulator;

/// <summary>The shared memory of a group, and who has used which byte of it since the last barrier.</summary>
/// <remarks>
/// A reference to an element says nothing about reading or writing, so a write is what has changed bits by the time its
/// work item waits or ends. Memory starts as NaN, so that the first write of an element shows.
/// </remarks>
internal sealed unsafe class SharedAccesses
{
    private const int Nobody = -1;
    private const int Several = -2;

    private readonly Emulation _emulation;
    private readonly Block _dynamic;
    private readonly List<Block> _blocks = [];
    private readonly List<Touched> _touched = [];
    private int _segment;

    public SharedAccesses(Emulation emulation, int dynamicBytes)
    {
        _emulation = emulation;
        _dynamic = new Block(dynamicBytes, "dynamic shared memory", emulation.Name("dynamic shared memory"));
    }

    private enum Use
    {
        Read,
        Write,
        Atomic,
    }

    /// <summary>The array whose size the launch gave.</summary>
    public (nint Start, nint Watch, int Bytes) Dynamic => (_dynamic.Start, _dynamic.Watch, _dynamic.Bytes);

    /// <summary>The n-th array that the kernel allocates; all work items get the same.</summary>
    public (nint Start, nint Watch, int Bytes) Get(int number, int bytes, string name)
    {
        if (number == _blocks.Count)
            _blocks.Add(new Block(bytes, name, _emulation.Name(name)));
        var block = _blocks[number];
        return (block.Start, block.Watch, block.Bytes);
    }

    /// <summary>A new group: memory has no particular content.</summary>
    public void Clear()
    {
        foreach (var block in _blocks)
            block.Clear();
        _dynamic.Clear();
        NextPhase();
    }

    /// <summary>All have reached a barrier: what was used before does not matter any more.</summary>
    public void NextPhase()
    {
        foreach (var block in _blocks)
            block.Forget();
        _dynamic.Forget();
    }

    public void Touch(byte* element, int size)
    {
        if (Find(element) is not { } block)
            return;
        int at = (int)(element - (byte*)block.Start);
        if (block.Segments[at] == _segment)
            return;
        block.Segments[at] = _segment;
        _touched.Add(new Touched(block, at, size, Bits(element, size), false));
    }

    public void TouchAtomically(byte* element)
    {
        for (int i = _touched.Count - 1; i >= 0; i--)
        {
            if ((byte*)_touched[i].Block.Start + _touched[i].At == element)
            {
                _touched[i] = _touched[i] with { IsAtomic = true };
                return;
            }
        }
    }

    /// <summary>A work item has come to a barrier or to its end: what it touched is compared with what others did.</summary>
    /// <exception cref="KernelFaultException">Two work items used the same element, and one changed it.</exception>
    public void EndSegment(int item, Func<int, string> describe)
    {
        _segment++;
        foreach (var touch in _touched)
        {
            bool changed = Bits((byte*)touch.Block.Start + touch.At, touch.Size) != touch.Before;
            var use = touch.IsAtomic ? Use.Atomic : changed ? Use.Write : Use.Read;
            for (int b = touch.At; b < touch.At + touch.Size; b++)
            {
                if (Conflict(touch.Block, b, item, use) is not { } other)
                    continue;
                _touched.Clear();
                string who = other.Item == Several ? "several other work items" : describe(other.Item);
                throw new KernelFaultException(
                    $"Kernel '{_emulation.Kernel}': {describe(item)} {Past(use)} element {touch.At / touch.Size} of {touch.Block.Name}, which " +
                    $"{who} {Past(other.Use)} since the last barrier; put a Group.Barrier() between the two.");
            }

            for (int b = touch.At; b < touch.At + touch.Size; b++)
                touch.Block.Note(b, item, use);
        }

        _touched.Clear();
    }

    private static string Past(Use use) => use switch
    {
        Use.Read => "read",
        Use.Write => "wrote",
        _ => "changed by an atomic",
    };

    private static (int Item, Use Use)? Conflict(Block block, int at, int item, Use use)
    {
        foreach (var other in (ReadOnlySpan<Use>)[Use.Write, Use.Atomic, Use.Read])
        {
            int who = block.Users[(int)other][at];
            bool harmless = who == Nobody || who == item || (use == other && use != Use.Write);
            if (!harmless)
                return (who, other);
        }

        return null;
    }

    private static ulong Bits(byte* element, int size)
    {
        ulong bits = 0;
        Unsafe.CopyBlockUnaligned(&bits, element, (uint)size);
        return bits;
    }

    private Block? Find(byte* element)
    {
        foreach (var block in _blocks)
        {
            if (block.Contains(element))
                return block;
        }

        return _dynamic.Contains(element) ? _dynamic : null;
    }

    private readonly record struct Touched(Block Block, int At, int Size, ulong Before, bool IsAtomic);

    private sealed class Block
    {
        private readonly byte[] _memory;

        public Block(int bytes, string name, nint watch)
        {
            Bytes = bytes;
            Name = name;
            Watch = watch;
            _memory = GC.AllocateUninitializedArray<byte>(Math.Max(1, bytes), pinned: true);
            Start = (nint)Unsafe.AsPointer(ref _memory[0]);
            Segments = new int[bytes];
            Segments.AsSpan().Fill(-1);
            Users = [new int[bytes], new int[bytes], new int[bytes]];
            Clear();
            Forget();
        }

        public int Bytes { get; }

        public string Name { get; }

        public nint Watch { get; }

        public nint Start { get; }

        /// <summary>The segment in which a byte was last touched.</summary>
        public int[] Segments { get; }

        /// <summary>For each use, who has used a byte since the last barrier.</summary>
        public int[][] Users { get; }

        public bool Contains(byte* element) => element >= (byte*)Start && element < (byte*)Start + Bytes;

        public void Clear() => _memory.AsSpan().Fill(0xFF);

        public void Forget()
        {
            foreach (int[] users in Users)
                users.AsSpan().Fill(Nobody);
        }

        public void Note(int at, int item, Use use)
        {
            ref int user = ref Users[(int)use][at];
            user = user == Nobody || user == item ? item : Several;
        }
    }
}
