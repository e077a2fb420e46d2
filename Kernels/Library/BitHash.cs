using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library.Cpu;

namespace MomentumCore.Kernels.Library;

/// <summary>Hashes of a tensor's bits, to notice that it is not what it was.</summary>
/// <remarks>
/// The sum over all elements, modulo 2^64, of a scrambling of bits and place. It does not depend on the order of
/// addition, so it may be summed up in the parts that suit a device; and no change of a single element leaves it as it
/// was, because for one place the scrambling is one to one.
/// </remarks>
public static partial class BitHash
{
    // Enough work items for a large device, and enough work for each.
    private const int ElementsPerItem = 64;
    private const int MostItems = 8192;
    private const int Few = 64;

    /// <summary>sums[i] = the hash of the elements i, i + items, … of 32 bits.</summary>
    [Kernel(FloatOnly = true)]
    public static void Of32(Index1D i, ArrayView<int> bits, ArrayView<long> sums, int items, int count)
    {
        ulong sum = 0UL;
        for (int k = i.X; k < count; k = count - k > items ? k + items : count)
            sum = sum + Scrambled((ulong)(uint)bits[k], k);
        sums[i] = (long)sum;
    }

    /// <summary>sums[i] = the hash of the elements i, i + items, … of 64 bits.</summary>
    [Kernel(FloatOnly = true)]
    public static void Of64(Index1D i, ArrayView<long> bits, ArrayView<long> sums, int items, int count)
    {
        ulong sum = 0UL;
        for (int k = i.X; k < count; k = count - k > items ? k + items : count)
            sum = sum + Scrambled((ulong)bits[k], k);
        sums[i] = (long)sum;
    }

    /// <summary>sums[i] = parts[i] + parts[i + items] + …</summary>
    [Kernel(FloatOnly = true)]
    public static void Sum(Index1D i, ArrayView<long> parts, ArrayView<long> sums, int items, int count)
    {
        long sum = 0L;
        for (int k = i.X; k < count; k = k + items)
            sum = sum + parts[k];
        sums[i] = sum;
    }

    /// <summary>most[i] = the largest of parts[i], parts[i + items], …, and 0.</summary>
    [Kernel(FloatOnly = true)]
    public static void Most(Index1D i, ArrayView<long> parts, ArrayView<long> most, int items, int count)
    {
        long found = 0L;
        for (int k = i.X; k < count; k = k + items)
            found = parts[k] > found ? parts[k] : found;
        most[i] = found;
    }

    /// <summary>How many parts a hash of so many elements is summed up in on a device.</summary>
    /// <param name="device">Where they lie.</param>
    /// <param name="count">The number of elements.</param>
    public static int Parts(Device device, int count) => device is CpuDevice
        ? GridPass.Blocks(count)
        : Math.Min((int)(((long)count + ElementsPerItem - 1) / ElementsPerItem), MostItems);

    /// <summary>The hash of elements of 32 or 64 bits, in <see cref="Parts"/>.</summary>
    /// <param name="device">Where they lie.</param>
    /// <param name="elements">The elements.</param>
    /// <param name="parts">What is to be summed up; see <see cref="Total"/>.</param>
    /// <typeparam name="T">Of four bytes or eight.</typeparam>
    public static unsafe void Launch<T>(Device device, ArrayView<T> elements, ArrayView<long> parts)
        where T : unmanaged
    {
        int count = elements.IntLength;
        if (device is CpuDevice cpu)
            cpu.Run(parts.IntLength, GridPass.Block, new BlockHash<T> { Elements = elements, Sums = parts });
        else if (sizeof(T) == sizeof(int))
            Of32(device, parts.IntLength, elements.Cast<int>(), parts, parts.IntLength, count);
        else
            Of64(device, parts.IntLength, elements.Cast<long>(), parts, parts.IntLength, count);
    }

    /// <summary>total[0] = the sum of all parts, which are overwritten.</summary>
    /// <param name="device">Where they lie.</param>
    /// <param name="parts">What to add up.</param>
    /// <param name="total">For the sum.</param>
    public static void Total(Device device, ArrayView<long> parts, ArrayView<long> total)
    {
        int count = parts.IntLength;
        if (count > Few)
        {
            // In place: each work item writes where it alone has read.
            Sum(device, Few, parts, parts, Few, count);
            count = Few;
        }

        Sum(device, 1, parts, total, 1, count);
    }

    /// <summary>most[0] = the largest of all parts, which are overwritten, and 0.</summary>
    /// <param name="device">Where they lie.</param>
    /// <param name="parts">What to compare.</param>
    /// <param name="most">For the largest.</param>
    public static void Largest(Device device, ArrayView<long> parts, ArrayView<long> most)
    {
        int count = parts.IntLength;
        if (count > Few)
        {
            Most(device, Few, parts, parts, Few, count);
            count = Few;
        }

        Most(device, 1, parts, most, 1, count);
    }

    // Odd factors and xors with a right shift can each be undone. The factors are those of SplitMix64.
    internal static ulong Scrambled(ulong bits, int place)
    {
        ulong z = bits + ((ulong)place * 0x9E3779B97F4A7C15UL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    private unsafe struct BlockHash<T> : IRangeBody
        where T : unmanaged
    {
        public ArrayView<T> Elements;
        public ArrayView<long> Sums;

        public readonly void Run(int start, int end)
        {
            for (int block = start; block < end; block++)
            {
                int from = block * GridPass.Block;
                int to = Math.Min(Elements.IntLength - from, GridPass.Block) + from;
                Sums.Pointer[block] = (long)BitHashLanes.Of(Elements.Pointer, from, to);
            }
        }
    }
}
