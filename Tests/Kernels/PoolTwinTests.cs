using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>The CPU's way through pooled planes gives the bits of the kernels that other devices run.</summary>
[TestFixture]
internal sealed class PoolTwinTests
{
    private static readonly PoolShape[] Shapes =
    [
        Shape(5, 16, 16, kernel: 3, stride: 2, padding: 1),
        Shape(3, 7, 5, kernel: 2, stride: 2),
        Shape(2, 6, 9, kernel: 3, stride: 1, padding: 1, dilation: 2),
        Shape(2, 5, 4, kernel: 3, stride: 1, padding: 1, dilation: 3),
        Shape(1, 1, 1, kernel: 1, stride: 1),
        Shape(7, 4, 4, kernel: 4, stride: 4),
        new() { Planes = 3, InputHeight = 5, InputWidth = 7, OutputHeight = 3, OutputWidth = 4, DilationY = 1, DilationX = 1 },
        new() { Planes = 2, InputHeight = 3, InputWidth = 2, OutputHeight = 4, OutputWidth = 5, DilationY = 1, DilationX = 1 },
    ];

    [Test]
    public void Max_and_its_scatter(
        [Range(0, 7)] int number, [Values(DType.Float32, DType.Float64)] DType dtype, [Values] bool special)
    {
        using var scope = TensorScope.Begin();
        var s = Shapes[number];
        var random = new Random(number);
        double[] values = [.. Enumerable.Range(0, s.Planes * s.InputSize).Select(_ => Math.Round(4 * random.NextDouble()) - 2)];
        if (special)
        {
            for (int i = 0; i < values.Length; i += 3)
                values[i] = i % 2 == 0 ? double.NaN : double.NegativeInfinity;
        }

        var x = TestTensors.Make(values, [values.Length], dtype);
        Tensor y = Outputs(), wanted = Outputs(), dx = x.ZerosLike() + 7, wantedDx = x.ZerosLike() + 7;
        Tensor map = Tensor.Full(y.Shape, -9, DType.Int32), wantedMap = Tensor.Full(y.Shape, -9, DType.Int32);
        var g = y.ZerosLike() + 0.1;
        if (dtype == DType.Float32)
        {
            PoolPlanes.Max(x.Device, x.View<float>(), y.View<float>(), map.View<int>(), s);
            Pooling.Max(x.Device, y.Count, x.View<float>(), wanted.View<float>(), wantedMap.View<int>(), s);
            PoolPlanes.Scatter(x.Device, g.View<float>(), map.View<int>(), dx.View<float>(), s);
            Pooling.Scatter(
                x.Device, s.Planes, g.View<float>(), map.View<int>(), wantedDx.View<float>(), s.InputSize, s.OutputSize);
        }
        else
        {
            PoolPlanes.Max(x.Device, x.View<double>(), y.View<double>(), map.View<int>(), s);
            Pooling.Max(x.Device, y.Count, x.View<double>(), wanted.View<double>(), wantedMap.View<int>(), s);
            PoolPlanes.Scatter(x.Device, g.View<double>(), map.View<int>(), dx.View<double>(), s);
            Pooling.Scatter(
                x.Device, s.Planes, g.View<double>(), map.View<int>(), wantedDx.View<double>(), s.InputSize, s.OutputSize);
        }

        Assert.That(y.Values(), Is.EqualTo(wanted.Values()));
        Assert.That(map.ToArray<int>(), Is.EqualTo(wantedMap.ToArray<int>()));
        Assert.That(dx.Values(), Is.EqualTo(wantedDx.Values()));

        Tensor Outputs() => Tensor.Zeros([s.Planes * s.OutputSize], dtype);
    }

    private static PoolShape Shape(int planes, int height, int width, int kernel, int stride, int padding = 0, int dilation = 1) => new()
    {
        Planes = planes,
        InputHeight = height,
        InputWidth = width,
        OutputHeight = ((height + (2 * padding) - (dilation * (kernel - 1)) - 1) / stride) + 1,
        OutputWidth = ((width + (2 * padding) - (dilation * (kernel - 1)) - 1) / stride) + 1,
        KernelHeight = kernel,
        KernelWidth = kernel,
        StrideY = stride,
        StrideX = stride,
        PaddingY = padding,
        PaddingX = padding,
        DilationY = dilation,
        DilationX = dilation,
    };
}
