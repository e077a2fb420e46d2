using System.Numerics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library.Cpu;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Launches the searches for the largest magnitude of each row, in pieces: the CPU runs hand-written vector twins of
/// <see cref="Momentum"/>'s kernels, with the same results. What was found before stays where it is larger.
/// </summary>
public static unsafe class LargestOf
{
    /// <summary>The most elements of one piece of a row.</summary>
    public const int Block = 16 * 1024;

    /// <summary>largest[i] = the larger of itself and the largest |a − b| in piece i of the rows; NaN when there is one.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="a">The first <paramref name="count"/> elements are looked at.</param>
    /// <param name="b">As many.</param>
    /// <param name="largest">One element for each of the <see cref="Blocks"/>.</param>
    /// <param name="count">How many elements there are, a multiple of <paramref name="row"/>.</param>
    /// <param name="row">Elements of a row, 1 or more.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public static void Difference(
        Device device, ArrayView<float> a, ArrayView<float> b, ArrayView<float> largest, int count, int row)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new LargestLanes.Differences<float>(Pointer(a, count), Pointer(b, count)), largest, count, row);
        else
            Momentum.LargestDifference(device, Blocks(count, row), a, b, largest, Block, row);
    }

    /// <inheritdoc cref="Difference(Device, ArrayView{float}, ArrayView{float}, ArrayView{float}, int, int)"/>
    public static void Difference(
        Device device, ArrayView<double> a, ArrayView<double> b, ArrayView<double> largest, int count, int row)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new LargestLanes.Differences<double>(Pointer(a, count), Pointer(b, count)), largest, count, row);
        else
            Momentum.LargestDifference(device, Blocks(count, row), a, b, largest, Block, row);
    }

    /// <summary>largest[i] = the larger of itself and the largest |a| in piece i of the rows; NaN when there is one.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="a">The first <paramref name="count"/> elements are looked at.</param>
    /// <param name="largest">One element for each of the <see cref="Blocks"/>.</param>
    /// <param name="count">How many elements there are, a multiple of <paramref name="row"/>.</param>
    /// <param name="row">Elements of a row, 1 or more.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public static void Magnitude(Device device, ArrayView<float> a, ArrayView<float> largest, int count, int row)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new LaneSum.Values<float> { X = Pointer(a, count) }, largest, count, row);
        else
            Momentum.LargestMagnitude(device, Blocks(count, row), a, largest, Block, row);
    }

    /// <inheritdoc cref="Magnitude(Device, ArrayView{float}, ArrayView{float}, int, int)"/>
    public static void Magnitude(Device device, ArrayView<double> a, ArrayView<double> largest, int count, int row)
    {
        if (device is CpuDevice cpu)
            Launch(cpu, new LaneSum.Values<double> { X = Pointer(a, count) }, largest, count, row);
        else
            Momentum.LargestMagnitude(device, Blocks(count, row), a, largest, Block, row);
    }

    /// <summary>As <see cref="Magnitude(Device, ArrayView{float}, ArrayView{float}, int, int)"/> of three views in turn.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="a">The first <paramref name="count"/> elements are looked at.</param>
    /// <param name="b">As many.</param>
    /// <param name="c">As many.</param>
    /// <param name="largest">One element for each of the <see cref="Blocks"/>.</param>
    /// <param name="count">How many elements there are, a multiple of <paramref name="row"/>.</param>
    /// <param name="row">Elements of a row, 1 or more.</param>
    /// <exception cref="ArgumentException">A view is too short.</exception>
    public static void Magnitude(
        Device device, ArrayView<float> a, ArrayView<float> b, ArrayView<float> c, ArrayView<float> largest, int count, int row)
    {
        if (device is CpuDevice cpu)
        {
            Launch(cpu, new LargestLanes.Three<float>(Pointer(a, count), Pointer(b, count), Pointer(c, count)), largest, count, row);
            return;
        }

        Magnitude(device, a, largest, count, row);
        Magnitude(device, b, largest, count, row);
        Magnitude(device, c, largest, count, row);
    }

    /// <inheritdoc cref="Magnitude(Device, ArrayView{float}, ArrayView{float}, ArrayView{float}, ArrayView{float}, int, int)"/>
    public static void Magnitude(
        Device device, ArrayView<double> a, ArrayView<double> b, ArrayView<double> c, ArrayView<double> largest, int count, int row)
    {
        if (device is CpuDevice cpu)
        {
            Launch(cpu, new LargestLanes.Three<double>(Pointer(a, count), Pointer(b, count), Pointer(c, count)), largest, count, row);
            return;
        }

        Magnitude(device, a, largest, count, row);
        Magnitude(device, b, largest, count, row);
        Magnitude(device, c, largest, count, row);
    }

    /// <summary>
    /// The rows that moved the most as a share of their size: one for each element of <paramref name="shares"/>, of as many parts
    /// of all rows, as <see cref="Momentum"/>.LargestShare finds them; which part a row belongs to is up to the device.
    /// </summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="position">How far positions moved, <paramref name="pieces"/> numbers for each row, the largest of which counts.</param>
    /// <param name="velocity">How far velocities did.</param>
    /// <param name="size">What that is a share of.</param>
    /// <param name="shares">The largest share of each part.</param>
    /// <param name="where">Its row.</param>
    /// <param name="gamma">What velocities are multiplied by.</param>
    /// <param name="pieces">Of a row.</param>
    public static void Share<T>(
        Device device, ArrayView<T> position, ArrayView<T> velocity, ArrayView<T> size, ArrayView<T> shares,
        ArrayView<int> where, double gamma, int pieces)
        where T : unmanaged
    {
        int rows = size.IntLength / pieces, items = shares.IntLength;
        if (device is CpuDevice cpu && pieces == 1)
        {
            if (typeof(T) == typeof(float))
                Launch(cpu, position.Cast<float>(), velocity.Cast<float>(), size.Cast<float>(), shares.Cast<float>(), where, (float)gamma);
            else
                Launch(cpu, position.Cast<double>(), velocity.Cast<double>(), size.Cast<double>(), shares.Cast<double>(), where, gamma);
        }
        else if (typeof(T) == typeof(float))
        {
            Momentum.LargestShare(
                device, items, position.Cast<float>(), velocity.Cast<float>(), size.Cast<float>(), shares.Cast<float>(), where,
                (float)gamma, pieces, rows, items);
        }
        else
        {
            Momentum.LargestShare(
                device, items, position.Cast<double>(), velocity.Cast<double>(), size.Cast<double>(), shares.Cast<double>(), where,
                gamma, pieces, rows, items);
        }
    }

    private static void Launch<T>(
        CpuDevice cpu, ArrayView<T> position, ArrayView<T> velocity, ArrayView<T> size, ArrayView<T> shares, ArrayView<int> where,
        T gamma)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        int rows = size.IntLength, items = shares.IntLength;
        var lanes = new ShareLanes<T>
        {
            Position = Pointer(position, rows), Velocity = Pointer(velocity, rows), Size = Pointer(size, rows),
            Shares = shares.Pointer, Where = where.Pointer, Gamma = gamma, Rows = rows, Items = items,
        };
        cpu.Run(items, (rows / items) + 1, lanes);
    }

    /// <summary>How many pieces all rows have.</summary>
    /// <param name="count">How many elements there are.</param>
    /// <param name="row">Elements of a row.</param>
    public static int Blocks(int count, int row) => count / row * Pieces(row);

    /// <summary>How many pieces a row has.</summary>
    /// <param name="row">Elements of a row.</param>
    public static int Pieces(int row) => ((row - 1) / Block) + 1;

    private static void Launch<T, TTerm>(CpuDevice cpu, TTerm term, ArrayView<T> largest, int count, int row)
        where T : unmanaged, INumber<T>
        where TTerm : unmanaged, LaneSum.ITerm<T>
    {
        int blocks = Blocks(count, row);
        var body = new LargestLanes.OfRows<T, TTerm> { Term = term, Largest = Pointer(largest, blocks), Row = row };
        cpu.Run(blocks, Math.Min(row, Block), body);
    }

    private static T* Pointer<T>(ArrayView<T> view, int count)
        where T : unmanaged =>
        view.Length >= count
            ? view.Pointer
            : throw new ArgumentException($"LargestOf: a view of {view.Length} elements does not hold {count}.");
}
