using System.Numerics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// A step of exact arithmetic on the CPU with all that goes with it, block by block, so that the numbers are still in the
/// nearest cache when they are hashed and their low bits packed.
/// </summary>
internal static class GridPass
{
    /// <summary>Elements of a block: whole words of packed bits, and what a first-level cache holds of three views.</summary>
    public const int Block = 4096;

    /// <summary>The blocks of so many elements.</summary>
    public static int Blocks(int count) => (int)(((long)count + Block - 1) / Block);

    /// <summary>
    /// Runs a step with what goes with it, if the device is the CPU, its views have no gaps, and something goes with it.
    /// </summary>
    /// <param name="device">Where to run.</param>
    /// <param name="layout">The elements.</param>
    /// <param name="views">How many views the step touches.</param>
    /// <param name="step">The loop of the step over a range of elements.</param>
    /// <param name="edges">What goes with it.</param>
    /// <returns>False if nothing was done: the step's kernel has to run.</returns>
    public static bool TryRun<TStep, TReal, TWhole>(
        Device device, in StridedLayout layout, int views, TStep step, in GridEdges<TReal, TWhole> edges)
        where TStep : unmanaged, IRangeBody
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
        where TWhole : unmanaged, IBinaryInteger<TWhole>
    {
        if (device is not CpuDevice cpu || !layout.IsContiguous || edges.IsEmpty)
            return false;
        Run(cpu, layout.Count, views, step, edges);
        return true;
    }

    /// <summary>Runs a step with what goes with it.</summary>
    /// <param name="device">Where to run.</param>
    /// <param name="count">The number of elements.</param>
    /// <param name="views">How many views the step touches.</param>
    /// <param name="step">The loop of the step over a range of elements.</param>
    /// <param name="edges">What goes with it.</param>
    public static void Run<TStep, TReal, TWhole>(
        CpuDevice device, int count, int views, TStep step, in GridEdges<TReal, TWhole> edges)
        where TStep : unmanaged, IRangeBody
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
        where TWhole : unmanaged, IBinaryInteger<TWhole> =>
        device.Run(
            Blocks(count), Block * views, new Blocked<TStep, TReal, TWhole> { Step = step, Edges = edges, Count = count });

    private struct Blocked<TStep, TReal, TWhole> : IRangeBody
        where TStep : unmanaged, IRangeBody
        where TReal : unmanaged, IFloatingPointIeee754<TReal>
        where TWhole : unmanaged, IBinaryInteger<TWhole>
    {
        public TStep Step;
        public GridEdges<TReal, TWhole> Edges;
        public int Count;

        public void Run(int start, int end)
        {
            for (int block = start; block < end; block++)
            {
                int from = block * Block;
                int to = Math.Min(Count - from, Block) + from;
                Edges.RunBefore(from, to);
                Step.Run(from, to);
                Edges.RunAfter(block, from, to);
            }
        }
    }
}
