using System.Numerics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library.Cpu;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// What goes with a step of exact arithmetic besides the step: before it, bits that were set aside come back into w;
/// after it, x and w are hashed, and low bits of w set aside. On the CPU all of it is one pass over memory.
/// </summary>
/// <typeparam name="TReal">float or double.</typeparam>
/// <typeparam name="TWhole">int beside float, long beside double.</typeparam>
public readonly unsafe record struct GridEdges<TReal, TWhole>
    where TReal : unmanaged, IFloatingPointIeee754<TReal>
    where TWhole : unmanaged, IBinaryInteger<TWhole>
{
    /// <summary>x after the step.</summary>
    public required ArrayView<TReal> X { get; init; }

    /// <summary>w.</summary>
    public required ArrayView<TWhole> W { get; init; }

    /// <summary>Where the bits lie that come back, a plane of whole words for each; of no length if there are none.</summary>
    public ArrayView<int> Returning { get; init; }

    /// <summary>How many bits of each element come back.</summary>
    public int ReturningBits { get; init; }

    /// <summary>Where the bits go that are set aside; of no length to forget them.</summary>
    public ArrayView<int> Leaving { get; init; }

    /// <summary>By how many bits w is shifted after the step.</summary>
    public int LeavingBits { get; init; }

    /// <summary>For the parts of the hash of x, <see cref="BitHash.Parts"/> of them; of no length to take none.</summary>
    public ArrayView<long> HashOfX { get; init; }

    /// <summary>For the parts of the hash of w; of no length to take none.</summary>
    public ArrayView<long> HashOfW { get; init; }

    /// <summary>Whether there is nothing besides the step.</summary>
    internal bool IsEmpty => ReturningBits == 0 && IsEmptyAfter;

    private bool IsEmptyAfter => LeavingBits == 0 && HashOfX.Length == 0 && HashOfW.Length == 0;

    private int Words => (W.IntLength + 31) / 32;

    /// <summary>What comes before a step that is launched by itself.</summary>
    internal void LaunchBefore(Device device)
    {
        if (ReturningBits == 0)
            return;
        if (device is CpuDevice cpu)
        {
            var before = this with { LeavingBits = 0, HashOfX = default, HashOfW = default };
            GridPass.Run(cpu, W.IntLength, 1, default(NoStep), before);
        }
        else if (typeof(TWhole) == typeof(int))
        {
            MomentumGrid.Unpack(device, W.IntLength, W.Cast<int>(), Returning, Words, ReturningBits);
        }
        else
        {
            MomentumGridWide.Unpack(device, W.IntLength, W.Cast<long>(), Returning, Words, ReturningBits);
        }
    }

    /// <summary>What comes after a step that is launched by itself.</summary>
    /// <param name="device">Where to run.</param>
    /// <param name="hasHashOfX">Whether the step has hashed x already.</param>
    internal void LaunchAfter(Device device, bool hasHashOfX = false)
    {
        if (IsEmptyAfter)
            return;
        if (device is CpuDevice cpu)
        {
            GridPass.Run(cpu, W.IntLength, 2, default(NoStep), this with { ReturningBits = 0 });
            return;
        }

        if (!hasHashOfX)
            Hash(device, X, HashOfX);
        Hash(device, W, HashOfW);
        if (typeof(TWhole) == typeof(int))
            LaunchNarrow(device);
        else
            LaunchWide(device);
    }

    /// <summary>What comes before a step over a range, on the CPU.</summary>
    internal void RunBefore(int from, int to)
    {
        if (ReturningBits > 0)
            LowBits.BringBack(W.Pointer, Returning.Pointer, Words, ReturningBits, from, to);
    }

    /// <summary>What comes after a step over a range, on the CPU.</summary>
    internal void RunAfter(int block, int from, int to)
    {
        if (HashOfX.Length > 0)
            HashOfX.Pointer[block] = (long)BitHashLanes.Of(X.Pointer, from, to);
        if (HashOfW.Length > 0)
            HashOfW.Pointer[block] = (long)BitHashLanes.Of(W.Pointer, from, to);
        if (LeavingBits > 0)
        {
            int* planes = Leaving.Length == 0 ? null : Leaving.Pointer;
            LowBits.SetAside(X.Pointer, W.Pointer, planes, Words, LeavingBits, from, to);
        }
    }

    private void LaunchNarrow(Device device)
    {
        var (x, w) = (X.Cast<float>(), W.Cast<int>());
        if (LeavingBits > 0 && Leaving.Length > 0)
            MomentumGrid.Pack(device, Words, x, w, Leaving, Words, LeavingBits, W.IntLength);
        else if (LeavingBits > 0)
            MomentumGrid.Shift(device, W.IntLength, x, w, LeavingBits);
    }

    private void LaunchWide(Device device)
    {
        var (x, w) = (X.Cast<double>(), W.Cast<long>());
        if (LeavingBits > 0 && Leaving.Length > 0)
            MomentumGridWide.Pack(device, Words, x, w, Leaving, Words, LeavingBits, W.IntLength);
        else if (LeavingBits > 0)
            MomentumGridWide.Shift(device, W.IntLength, x, w, LeavingBits);
    }

    private static void Hash<T>(Device device, ArrayView<T> elements, ArrayView<long> parts)
        where T : unmanaged
    {
        if (parts.Length > 0)
            BitHash.Launch(device, elements, parts);
    }

    private struct NoStep : IRangeBody
    {
        public readonly void Run(int start, int end)
        {
        }
    }
}
