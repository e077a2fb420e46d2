using System.Numerics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library.Cpu;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Launches the kernels of <see cref="Pooling"/>: the CPU goes through plane after plane, with the same result to the bit and
/// without working out for every element where it lies.
/// </summary>
public static unsafe class PoolPlanes
{
    /// <summary>As the kernel <c>Pooling.Max</c>.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="x">The input planes.</param>
    /// <param name="y">The largest of each window.</param>
    /// <param name="map">Its place in the input plane.</param>
    /// <param name="shape">All sizes.</param>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Max<T>(Device device, ArrayView<T> x, ArrayView<T> y, ArrayView<int> map, PoolShape shape)
        where T : unmanaged, INumber<T>
    {
        if (device is CpuDevice cpu)
        {
            long work = (long)shape.OutputSize * (shape.StrideY == 0 ? 1 : shape.KernelHeight * shape.KernelWidth);
            cpu.Run(shape.Planes, work, new MaxPlanes<T> { X = x.Pointer, Y = y.Pointer, Map = map.Pointer, Shape = shape });
        }
        else if (typeof(T) == typeof(float))
        {
            Pooling.Max(device, y.IntLength, x.Cast<float>(), y.Cast<float>(), map, shape);
        }
        else
        {
            Pooling.Max(device, y.IntLength, x.Cast<double>(), y.Cast<double>(), map, shape);
        }
    }

    /// <summary>As the kernel <c>Pooling.Scatter</c>.</summary>
    /// <param name="device">Where the views are.</param>
    /// <param name="g">One for each output.</param>
    /// <param name="map">Where in its plane of dx it is added; below 0 for nowhere.</param>
    /// <param name="dx">Planes, overwritten.</param>
    /// <param name="shape">All sizes.</param>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Scatter<T>(Device device, ArrayView<T> g, ArrayView<int> map, ArrayView<T> dx, PoolShape shape)
        where T : unmanaged, INumber<T>
    {
        if (device is CpuDevice cpu)
        {
            var body = new ScatterPlanes<T>
            {
                G = g.Pointer, Map = map.Pointer, Dx = dx.Pointer, InputSize = shape.InputSize, OutputSize = shape.OutputSize,
            };
            cpu.Run(shape.Planes, (long)shape.InputSize + shape.OutputSize, body);
        }
        else if (typeof(T) == typeof(float))
        {
            Pooling.Scatter(device, shape.Planes, g.Cast<float>(), map, dx.Cast<float>(), shape.InputSize, shape.OutputSize);
        }
        else
        {
            Pooling.Scatter(device, shape.Planes, g.Cast<double>(), map, dx.Cast<double>(), shape.InputSize, shape.OutputSize);
        }
    }
}
