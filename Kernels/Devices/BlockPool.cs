using System.Numerics;

namespace MomentumCore.Kernels.Devices;

/// <summary>Keeps freed blocks of memory by size class, so that a training step reuses the memory of the last one.</summary>
internal abstract class BlockPool
{
    private const long Alignment = 64;
    private const int ClassesPerDoubling = 4;
    private readonly Lock _lock = new();
    private readonly Stack<nint>?[] _free = new Stack<nint>?[64 * ClassesPerDoubling];
    private long _loaned;
    private long _loanedPeak;
    private long _retained;

    public nint Rent(long bytes)
    {
        long size = ClassSize(bytes, out int sizeClass);
        lock (_lock)
        {
            _loaned += size;
            _loanedPeak = Math.Max(_loanedPeak, _loaned);
            if (_free[sizeClass] is { Count: > 0 } stack)
            {
                _retained -= size;
                return stack.Pop();
            }
        }

        nint block = Allocate(size);
        if (block == 0)
        {
            Trim();
            block = Allocate(size);
        }

        if (block != 0)
            return block;
        lock (_lock)
            _loaned -= size;
        throw new OutOfMemoryException(
            $"{Owner} has no room for a tensor of {bytes:N0} bytes; use a smaller batch or model, or a memory mode that recomputes.");
    }

    public void Return(nint block, long bytes)
    {
        long size = ClassSize(bytes, out int sizeClass);
        lock (_lock)
        {
            _loaned -= size;
            // Never keep more than the program has shown it needs at once.
            if (_retained + size + _loaned <= _loanedPeak)
            {
                _retained += size;
                (_free[sizeClass] ??= new Stack<nint>()).Push(block);
                return;
            }
        }

        Free(block);
    }

    /// <summary>Gives all waiting blocks back.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            foreach (var stack in _free)
            {
                while (stack is { Count: > 0 })
                    Free(stack.Pop());
            }

            _retained = 0;
            _loanedPeak = _loaned;
        }
    }

    /// <summary>Whose memory this is, for the error when it runs out.</summary>
    protected abstract string Owner { get; }

    /// <summary>A new block, or 0 when there is no room.</summary>
    protected abstract nint Allocate(long bytes);

    /// <summary>Gives a block back for good.</summary>
    protected abstract void Free(nint block);

    /// <summary>The size of the class that holds <paramref name="bytes"/>: four classes to each doubling.</summary>
    private static long ClassSize(long bytes, out int sizeClass)
    {
        long units = Math.Max(1, (bytes + Alignment - 1) / Alignment);
        int log = BitOperations.Log2((ulong)units);
        if (log < 2)
        {
            sizeClass = (int)units;
            return units * Alignment;
        }

        int shift = log - 2;
        long quarters = (units + (1L << shift) - 1) >> shift;
        sizeClass = ((log - 1) * ClassesPerDoubling) + (int)(quarters - 4);
        return (quarters << shift) * Alignment;
    }
}
