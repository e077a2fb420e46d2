using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>Products and convolutions in tiles have the bits of the plain kernels, on every device and in both precisions.</summary>
[TestFixture]
internal sealed class TiledProductTests
{
    // Below, at and beyond a tile (64), the steps of a sum (32) and a work item's part (4, 16).
    private static readonly (int Rows, int Columns, int Inner, int Products)[] Sizes =
        [(1, 1, 1, 1), (3, 5, 33, 2), (64, 64, 32, 1), (65, 17, 40, 1), (30, 130, 7, 3), (5, 66, 0, 1), (100, 90, 70, 2)];

    private static readonly ConvolutionShape[] Shapes =
    [
        Shape(1, 1, 3, 3, 1, 1, 1),
        Shape(2, 3, 9, 8, 70, 3, 3, padding: 1),
        Shape(2, 6, 7, 9, 4, 3, 2, stride: 2, padding: 2, dilation: 2, groups: 2),
        Shape(1, 66, 4, 5, 3, 2, 3, stride: 3, padding: 1),
    ];

    private static IEnumerable<Device> Devices => DeviceViews.AllDevices;

    [Test]
    public void A_product_has_the_bits_of_the_plain_kernel(
        [ValueSource(nameof(Devices))] Device device, [ValueSource(nameof(Sizes))] (int, int, int, int) size, [Values] bool turnLeft, [Values] bool turnRight)
    {
        var (rows, columns, inner, products) = size;
        // Groups are slow on the emulator: one turn of the small sizes shows its kind.
        if (device == Device.Emulator && (rows * columns > 400 || turnLeft != turnRight))
            return;
        var s = new ProductShape
        {
            Rows = rows,
            Columns = columns,
            Inner = inner,
            HasBias = 1,
            LeftRow = turnLeft ? 1 : inner,
            LeftColumn = turnLeft ? rows : 1,
            RightRow = turnRight ? 1 : columns,
            RightColumn = turnRight ? inner : 1,
            LeftStep = rows * inner,
            RightStep = 0,
            ResultStep = rows * columns,
        };
        double[] a = Numbers(products * rows * inner, 1), b = Numbers(inner * columns, 2), bias = Numbers(columns, 3);
        var config = ProductTiles.Config(rows, columns, products);
        using var views = new DeviceViews(device);
        var (a32, b32, bias32) = (views.Put(Floats(a)), views.Put(Floats(b)), views.Put(Floats(bias)));
        var (plain32, tiles32) = (views.Put(new float[products * rows * columns]), views.Put(new float[products * rows * columns]));
        var (a64, b64, bias64) = (views.Put(a), views.Put(b), views.Put(bias));
        var (plain64, tiles64) = (views.Put(new double[products * rows * columns]), views.Put(new double[products * rows * columns]));
        for (int p = 0; p < products; p++)
        {
            MatMul.Multiply(
                device, rows * columns, a32.SubView(p * rows * inner, rows * inner), b32, plain32.SubView(p * rows * columns, rows * columns),
                columns, inner, s.LeftRow, s.LeftColumn, s.RightRow, s.RightColumn);
            MatMul.Multiply(
                device, rows * columns, a64.SubView(p * rows * inner, rows * inner), b64, plain64.SubView(p * rows * columns, rows * columns),
                columns, inner, s.LeftRow, s.LeftColumn, s.RightRow, s.RightColumn);
        }

        MatMul.AddBias(device, products * rows * columns, bias32, plain32, columns);
        MatMul.AddBias(device, products * rows * columns, bias64, plain64, columns);
        TiledProducts.Multiply(device, config, a32, b32, tiles32, bias32, s);
        TiledProducts.Multiply(device, config, a64, b64, tiles64, bias64, s);
        Assert.That(views.Get<float>(4, products * rows * columns), Is.EqualTo(views.Get<float>(3, products * rows * columns)));
        Assert.That(views.Get<double>(9, products * rows * columns), Is.EqualTo(views.Get<double>(8, products * rows * columns)));
    }

    [Test]
    public void Convolutions_have_the_bits_of_the_plain_kernels(
        [ValueSource(nameof(Devices))] Device device, [ValueSource(nameof(Shapes))] ConvolutionShape s)
    {
        if (device == Device.Emulator && s.OutputCount > 200)
            return;
        double[] x = Numbers(s.InputCount, 1), w = Numbers(s.WeightCount, 2), g = Numbers(s.OutputCount, 3);
        int outputs = s.OutputChannels / s.Groups, inputs = s.InputChannels / s.Groups;
        var forward = ProductTiles.Config(outputs, s.Images * s.OutputHeight * s.OutputWidth, s.Groups);
        var back = ProductTiles.Config(inputs, s.Images * s.InputHeight * s.InputWidth, s.Groups);
        var weights = ProductTiles.Config(outputs, inputs * s.KernelHeight * s.KernelWidth, s.Groups);
        using var views = new DeviceViews(device);
        var (x32, w32, g32) = (views.Put(Floats(x)), views.Put(Floats(w)), views.Put(Floats(g)));
        Convolution.Forward(device, s.OutputCount, x32, w32, views.Put(new float[s.OutputCount]), s);
        TiledProducts.Forward(device, forward, x32, w32, views.Put(new float[s.OutputCount]), s);
        Convolution.InputGradient(device, s.InputCount, g32, w32, views.Put(new float[s.InputCount]), s);
        TiledProducts.InputGradient(device, back, g32, w32, views.Put(new float[s.InputCount]), s);
        Convolution.WeightGradient(device, s.WeightCount, x32, g32, views.Put(new float[s.WeightCount]), s);
        TiledProducts.WeightGradient(device, weights, x32, g32, views.Put(new float[s.WeightCount]), s);
        Assert.That(views.Get<float>(4, s.OutputCount), Is.EqualTo(views.Get<float>(3, s.OutputCount)));
        Assert.That(views.Get<float>(6, s.InputCount), Is.EqualTo(views.Get<float>(5, s.InputCount)));
        Assert.That(views.Get<float>(8, s.WeightCount), Is.EqualTo(views.Get<float>(7, s.WeightCount)));

        var (x64, w64, g64) = (views.Put(x), views.Put(w), views.Put(g));
        Convolution.Forward(device, s.OutputCount, x64, w64, views.Put(new double[s.OutputCount]), s);
        TiledProducts.Forward(device, forward, x64, w64, views.Put(new double[s.OutputCount]), s);
        Convolution.InputGradient(device, s.InputCount, g64, w64, views.Put(new double[s.InputCount]), s);
        TiledProducts.InputGradient(device, back, g64, w64, views.Put(new double[s.InputCount]), s);
        Convolution.WeightGradient(device, s.WeightCount, x64, g64, views.Put(new double[s.WeightCount]), s);
        TiledProducts.WeightGradient(device, weights, x64, g64, views.Put(new double[s.WeightCount]), s);
        Assert.That(views.Get<double>(13, s.OutputCount), Is.EqualTo(views.Get<double>(12, s.OutputCount)));
        Assert.That(views.Get<double>(15, s.InputCount), Is.EqualTo(views.Get<double>(14, s.InputCount)));
        Assert.That(views.Get<double>(17, s.WeightCount), Is.EqualTo(views.Get<double>(16, s.WeightCount)));
    }

    [Test]
    public void The_plain_kernels_have_the_bits_of_the_CPU_on_every_device([ValueSource(nameof(Shapes))] ConvolutionShape s)
    {
        float[][] expected = Plain(Device.Cpu, s);
        foreach (var device in Devices.Where(d => d is not CpuDevice))
        {
            float[][] actual = Plain(device, s);
            for (int i = 0; i < expected.Length; i++)
                Assert.That(actual[i], Is.EqualTo(expected[i]), $"{device}, kernel {i}");
        }
    }

    [Test]
    public void Devices_agree_with_the_form_of_the_CPU_within_rounding([ValueSource(nameof(Devices))] Device device)
    {
        if (device is CpuDevice)
            return;
        using var scope = TensorScope.Begin();
        var random = new RandomSource(3);
        foreach (var (rows, columns, inner) in new[] { (70, 90, 300), (16, 2, 50), (1, 130, 5) })
        {
            var a = Tensor.Randn([2, 3, rows, inner], source: random);
            var b = Tensor.Randn([3, columns, inner], source: random).Transpose(1, 2);
            float[] here = a.MatMul(b).ToArray<float>(), there = a.To(device).MatMul(b.To(device)).ToArray<float>();
            // Each sum rounds once for each product: 2⁻²⁴ of the size of a sum of that many numbers near 1.
            Assert.That(there, Is.EqualTo(here).Within(2e-6 * Math.Sqrt(inner)));
            var again = a.To(device).MatMul(b.To(device)).ToArray<float>();
            Assert.That(again, Is.EqualTo(there));
        }
    }

    private static float[][] Plain(Device device, ConvolutionShape s)
    {
        using var views = new DeviceViews(device);
        var x = views.Put(Floats(Numbers(s.InputCount, 1)));
        var w = views.Put(Floats(Numbers(s.WeightCount, 2)));
        var g = views.Put(Floats(Numbers(s.OutputCount, 3)));
        int rows = s.OutputChannels, inner = s.WeightCount / rows;
        Convolution.Forward(device, s.OutputCount, x, w, views.Put(new float[s.OutputCount]), s);
        Convolution.InputGradient(device, s.InputCount, g, w, views.Put(new float[s.InputCount]), s);
        Convolution.WeightGradient(device, s.WeightCount, x, g, views.Put(new float[s.WeightCount]), s);
        MatMul.Multiply(device, rows * rows, w, w, views.Put(new float[rows * rows]), rows, inner, inner, 1, 1, inner);
        return
        [
            views.Get<float>(3, s.OutputCount), views.Get<float>(4, s.InputCount), views.Get<float>(5, s.WeightCount),
            views.Get<float>(6, rows * rows),
        ];
    }

    private static ConvolutionShape Shape(
        int images, int inputs, int height, int width, int outputs, int kernelHeight, int kernelWidth,
        int stride = 1, int padding = 0, int dilation = 1, int groups = 1) => new()
        {
            Images = images,
            InputChannels = inputs,
            InputHeight = height,
            InputWidth = width,
            OutputChannels = outputs,
            OutputHeight = ((height + (2 * padding) - (dilation * (kernelHeight - 1)) - 1) / stride) + 1,
            OutputWidth = ((width + (2 * padding) - (dilation * (kernelWidth - 1)) - 1) / stride) + 1,
            KernelHeight = kernelHeight,
            KernelWidth = kernelWidth,
            StrideY = stride,
            StrideX = stride,
            PaddingY = padding,
            PaddingX = padding,
            DilationY = dilation,
            DilationX = dilation,
            Groups = groups,
        };

    private static double[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (2 * random.NextDouble()) - 1)];
    }

    private static float[] Floats(double[] values) => [.. values.Select(v => (float)v)];
}
