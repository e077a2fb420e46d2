using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library.Cpu;

namespace MomentumCore.Kernels.Library;

/// <content>Launches steps together with what goes with them: in one pass on the CPU, in few kernels elsewhere.</content>
public static partial class MomentumGrid
{
    /// <summary><c>Begin</c>, and the hashes of what it gives.</summary>
    public static void LaunchBegin(
        Device device,
        in StridedLayout layout,
        in GridEdges<float, int> edges,
        ArrayView<float> x,
        float unit,
        float perUnit,
        float limit)
    {
        var step = new BeginFloat32Body
        {
            F_x = x, F_nextX = edges.X, F_w = edges.W, F_unit = unit, F_perUnit = perUnit, F_limit = limit,
        };
        if (GridPass.TryRun(device, layout, 3, step, edges))
            return;

        Begin(device, layout, x, edges.X, edges.W, unit, perUnit, limit);
        edges.LaunchAfter(device);
    }

    /// <summary><c>BeginMoving</c>, and the hashes of what it gives.</summary>
    public static void LaunchBeginMoving(
        Device device,
        in StridedLayout layout,
        in GridEdges<float, int> edges,
        ArrayView<float> x,
        ArrayView<float> v,
        float unit,
        float perUnit,
        float perVelocity,
        float limit)
    {
        var step = new BeginMovingFloat32Body
        {
            F_x = x, F_v = v, F_nextX = edges.X, F_w = edges.W, F_unit = unit, F_perUnit = perUnit,
            F_perVelocity = perVelocity, F_limit = limit,
        };
        if (GridPass.TryRun(device, layout, 4, step, edges))
            return;

        BeginMoving(device, layout, x, v, edges.X, edges.W, unit, perUnit, perVelocity, limit);
        edges.LaunchAfter(device);
    }

    /// <summary><c>Step</c>, then the hash of x' and the bits that are set aside.</summary>
    public static void LaunchStep(
        Device device,
        in StridedLayout layout,
        in GridEdges<float, int> edges,
        ArrayView<float> x,
        ArrayView<float> f,
        float gain,
        float scale,
        float unit,
        float limit,
        int number,
        int towards)
    {
        var step = new StepFloat32Body
        {
            F_x = x, F_w = edges.W, F_f = f, F_nextX = edges.X, F_gain = gain, F_scale = scale, F_unit = unit,
            F_limit = limit, F_number = number, F_towards = towards,
        };
        if (GridPass.TryRun(device, layout, 4, step, edges))
            return;

        int parts = edges.HashOfX.IntLength;
        bool hashes = parts > 0 && layout.IsContiguous && device is not CpuDevice;
        if (hashes)
        {
            StepWatched(
                device, parts, x, edges.W, f, edges.X, edges.HashOfX, parts, layout.Count, gain, scale, unit, limit,
                number, towards);
        }
        else
        {
            Step(device, layout, x, edges.W, f, edges.X, gain, scale, unit, limit, number, towards);
        }

        edges.LaunchAfter(device, hashes);
    }

    /// <summary><c>UndoPosition</c> after the bits have come back, then the hash of x.</summary>
    public static void LaunchUndoPosition(
        Device device,
        in StridedLayout layout,
        in GridEdges<float, int> edges,
        ArrayView<float> nextX,
        float scale,
        float unit)
    {
        var step = new UndoPositionFloat32Body
        {
            F_nextX = nextX, F_w = edges.W, F_x = edges.X, F_scale = scale, F_unit = unit,
        };
        if (GridPass.TryRun(device, layout, 3, step, edges))
            return;

        edges.LaunchBefore(device);
        UndoPosition(device, layout, nextX, edges.W, edges.X, scale, unit);
        edges.LaunchAfter(device);
    }

    /// <summary><c>UndoVelocity</c>, then the hash of w.</summary>
    public static void LaunchUndoVelocity(
        Device device,
        in StridedLayout layout,
        in GridEdges<float, int> edges,
        ArrayView<float> f,
        float gain,
        int towards)
    {
        var step = new UndoVelocityFloat32Body
        {
            F_x = edges.X, F_w = edges.W, F_f = f, F_gain = gain, F_towards = towards,
        };
        if (GridPass.TryRun(device, layout, 3, step, edges))
            return;

        UndoVelocity(device, layout, edges.X, edges.W, f, gain, towards);
        edges.LaunchAfter(device);
    }

    /// <summary><c>Undo</c> after the bits have come back.</summary>
    public static void LaunchUndo(
        Device device,
        in StridedLayout layout,
        in GridEdges<float, int> edges,
        ArrayView<float> f,
        float gain,
        float scale,
        float unit,
        int towards)
    {
        int shift = edges.ReturningBits;
        var step = new UndoFloat32Body
        {
            F_x = edges.X, F_w = edges.W, F_f = f, F_gain = gain, F_shift = shift, F_scale = scale, F_unit = unit,
            F_towards = towards,
        };
        if (GridPass.TryRun(device, layout, 3, step, edges))
            return;

        edges.LaunchBefore(device);
        Undo(device, layout, edges.X, edges.W, f, gain, shift, scale, unit, towards);
        edges.LaunchAfter(device);
    }

    /// <summary><c>UndoWithAdjoint</c> after the bits have come back, then the hash of x.</summary>
    public static void LaunchUndoWithAdjoint(
        Device device,
        in StridedLayout layout,
        in GridEdges<float, int> edges,
        ArrayView<float> f,
        ArrayView<float> gx,
        ArrayView<float> g,
        ArrayView<float> j,
        float gain,
        float scale,
        float unit,
        float gamma,
        float rate,
        float previousRate,
        int towards)
    {
        int shift = edges.ReturningBits;
        var step = new UndoWithAdjointFloat32Body
        {
            F_x = edges.X, F_w = edges.W, F_f = f, F_gx = gx, F_g = g, F_j = j, F_gain = gain, F_shift = shift,
            F_scale = scale, F_unit = unit, F_gamma = gamma, F_rate = rate, F_previousRate = previousRate,
            F_towards = towards,
        };
        if (GridPass.TryRun(device, layout, 6, step, edges))
            return;

        edges.LaunchBefore(device);
        int parts = edges.HashOfX.IntLength;
        bool hashes = parts > 0 && layout.IsContiguous && device is not CpuDevice;
        if (hashes)
        {
            UndoWithAdjointWatched(
                device, parts, edges.X, edges.W, f, gx, g, j, edges.HashOfX, parts, layout.Count, gain, shift, scale,
                unit, gamma, rate, previousRate, towards);
        }
        else
        {
            UndoWithAdjoint(
                device, layout, edges.X, edges.W, f, gx, g, j, gain, shift, scale, unit, gamma, rate, previousRate,
                towards);
        }

        edges.LaunchAfter(device, hashes);
    }

    /// <summary><c>Worst</c> in <see cref="BitHash.Parts"/>.</summary>
    public static void LaunchWorst(Device device, ArrayView<float> x, ArrayView<int> w, ArrayView<long> worst)
    {
        if (device is CpuDevice cpu)
        {
            cpu.Run(
                worst.IntLength, GridPass.Block, new WorstOfBlocks<float, int> { X = x, W = w, Parts = worst });
        }
        else
        {
            Worst(device, worst.IntLength, x, w, worst, worst.IntLength, x.IntLength);
        }
    }
}
