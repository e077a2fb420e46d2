using System.Numerics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library.Cpu;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Launches the maps of <see cref="Normalization"/> whose numbers belong to channels, of gapless [rows, channels, inner]: the
/// CPU runs hand-written vector twins, to the bit the same.
/// </summary>
public static unsafe class ChannelMap
{
    /// <summary>As the kernel <c>Normalization.Apply</c>: y = scale · x + shift.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="x">Gapless [rows, channels, inner].</param>
    /// <param name="scale">One for each channel.</param>
    /// <param name="shift">One for each channel.</param>
    /// <param name="y">Like x.</param>
    /// <param name="inner">Elements of a channel in a row.</param>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Apply<T>(
        Device device, ArrayView<T> x, ArrayView<T> scale, ArrayView<T> shift, ArrayView<T> y, int inner)
        where T : unmanaged, INumber<T>
    {
        if (x.Length == 0)
            return;
        if (device is CpuDevice cpu)
        {
            OnCpu<T, ChannelLanes.Affine<T>>(
                cpu, new() { X = x.Pointer, Y = y.Pointer }, [scale, shift], x.Length, scale.IntLength, inner);
            return;
        }

        var layout = Layout(x.Length, scale.IntLength, inner, [true, false, false, true]);
        if (typeof(T) == typeof(float))
            Normalization.Apply(device, layout, x.Cast<float>(), scale.Cast<float>(), shift.Cast<float>(), y.Cast<float>());
        else
            Normalization.Apply(device, layout, x.Cast<double>(), scale.Cast<double>(), shift.Cast<double>(), y.Cast<double>());
    }

    /// <summary>As the kernel <c>Normalization.ApplyGradient</c>: dx = a g + (k x + d).</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="g">Gapless [rows, channels, inner].</param>
    /// <param name="x">Like g.</param>
    /// <param name="a">One for each channel.</param>
    /// <param name="k">One for each channel.</param>
    /// <param name="d">One for each channel.</param>
    /// <param name="dx">Like g.</param>
    /// <param name="inner">Elements of a channel in a row.</param>
    /// <typeparam name="T">float or double.</typeparam>
    public static void ApplyGradient<T>(
        Device device, ArrayView<T> g, ArrayView<T> x, ArrayView<T> a, ArrayView<T> k, ArrayView<T> d, ArrayView<T> dx, int inner)
        where T : unmanaged, INumber<T>
    {
        if (x.Length == 0)
            return;
        if (device is CpuDevice cpu)
        {
            OnCpu<T, ChannelLanes.Gradient<T>>(
                cpu, new() { G = g.Pointer, X = x.Pointer, Y = dx.Pointer }, [a, k, d], x.Length, a.IntLength, inner);
            return;
        }

        var layout = Layout(x.Length, a.IntLength, inner, [true, true, false, false, false, true]);
        if (typeof(T) == typeof(float))
        {
            Normalization.ApplyGradient(
                device, layout, g.Cast<float>(), x.Cast<float>(), a.Cast<float>(), k.Cast<float>(), d.Cast<float>(),
                dx.Cast<float>());
        }
        else
        {
            Normalization.ApplyGradient(
                device, layout, g.Cast<double>(), x.Cast<double>(), a.Cast<double>(), k.Cast<double>(), d.Cast<double>(),
                dx.Cast<double>());
        }
    }

    private static void OnCpu<T, TMap>(
        CpuDevice cpu, TMap map, ReadOnlySpan<ArrayView<T>> perChannel, long count, int channels, int inner)
        where T : unmanaged, INumber<T>
        where TMap : unmanaged, ChannelLanes.IMap<T>
    {
        // Short runs of a channel: its numbers are repeated, so that vectors run across channels.
        int period = ChannelLanes.Period<T>(channels, inner);
        long bytes = (long)perChannel.Length * period * sizeof(T);
        T* numbers = period == 0 ? null : (T*)cpu.ScratchPool.Rent(bytes);
        for (int i = 0; i < perChannel.Length; i++)
        {
            T* each = perChannel[i].Pointer;
            if (period > 0)
                ChannelLanes.Repeat(each, each = numbers + ((long)i * period), channels, inner, period);
            map.SetNumbers(i, each);
        }

        if (period > 0)
        {
            var body = new ChannelLanes.OfPeriods<T, TMap> { Map = map, Period = period, Count = count };
            cpu.Run((int)((count + period - 1) / period), period, body);
            cpu.ScratchPool.Return(numbers, bytes);
        }
        else
        {
            var body = new ChannelLanes.OfRuns<T, TMap> { Map = map, Channels = channels, Inner = inner };
            cpu.Run((int)(count / inner), inner, body);
        }
    }

    private static StridedLayout Layout(long count, int channels, int inner, ReadOnlySpan<bool> isWhole)
    {
        int rows = (int)(count / channels / inner);
        var strides = new long[isWhole.Length][];
        for (int i = 0; i < strides.Length; i++)
            strides[i] = isWhole[i] ? [(long)channels * inner, inner, 1] : [0, 1, 0];
        return StridedLayout.Create([rows, channels, inner], strides);
    }
}
