using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// Products and convolutions in tiles have the bits of the plain kernels, on every device and in both precisions.
/// </summary>
[TestFixture]
internal sealed class TiledProductTests
{
    // Below, at and beyond a tile (16 … 256), the steps of a sum (8, 16) and a work item's part (4, 16).
    private static readonly (int Rows, int Columns, int Inner, int Products)[] Sizes =
    [
        (1, 1, 1, 1), (3, 5, 33, 2), (64, 64, 16, 1), (65, 17, 40, 1), (30, 130, 7, 3), (5, 66, 0, 1), (100, 90, 70, 2),
        (12, 270, 27, 1), (270, 10, 20, 1),
    ];

    private static readonly ConvolutionShape[] Shapes =
    [
        Shape(1, 1, 3, 3, 1, 1, 1),
        Shape(2, 3, 9, 8, 70, 3, 3, padding: 1),
        Shape(2, 6, 7, 9, 4, 3, 2, stride: 2, padding: 2, dilation: 2, groups: 2),
        Shape(1, 66, 4, 5, 3, 2, 3, stride: 3, padding: 1),
        Shape(3, 12, 10, 9, 12, 3, 3, padding: 1),
    ];

    private static IEnumerable<Device> Devices => DeviceViews.AllDevices;

    private static IEnumerable<TileShape> Tiles => TileShape.All.ToArray();

    [Test]
    public void A_product_has_the_bits_of_the_plain_kernel(
        [ValueSource(nameof(Devices))] Device device,
        [ValueSource(nameof(Sizes))] (int, int, int, int) size,
        [Values] bool turnLeft,
        [Values] bool turnRight)
    {
        // Groups are slow on the emulator: the widest tile stands for all there.
        foreach (var tile in device == Device.Emulator ? Tiles.Take(1) : Tiles)
            AssertSameBits(device, tile, size, turnLeft, turnRight);
    }

    private static void AssertSameBits(
        Device device, TileShape tile, (int, int, int, int) size, bool turnLeft, bool turnRight)
    {
        var (rows, columns, inner, products) = size;
        // Groups are slow on the emulator: one turn of the small sizes shows its kind.
        if (device == Device.Emulator && (rows * columns > 400 || turnLeft != turnRight))
            return;
        var s = new ProductShape
        {
            Tile = tile,
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
        var config = ProductTiles.Config(tile, rows, columns, products);
        using var views = new DeviceViews(device);
        var (a32, b32, bias32) = (views.Put(Floats(a)), views.Put(Floats(b)), views.Put(Floats(bias)));
        int area = rows * columns, count = products * area;
        var (plain32, tiles32) = (views.Put(new float[count]), views.Put(new float[count]));
        var (a64, b64, bias64) = (views.Put(a), views.Put(b), views.Put(bias));
        var (plain64, tiles64) = (views.Put(new double[count]), views.Put(new double[count]));
        for (int p = 0; p < products; p++)
        {
            MatMul.Multiply(
                device, area, a32.SubView(p * rows * inner, rows * inner), b32, plain32.SubView(p * area, area),
                columns, inner, s.LeftRow, s.LeftColumn, s.RightRow, s.RightColumn);
            MatMul.Multiply(
                device, area, a64.SubView(p * rows * inner, rows * inner), b64, plain64.SubView(p * area, area),
                columns, inner, s.LeftRow, s.LeftColumn, s.RightRow, s.RightColumn);
        }

        MatMul.AddBias(device, count, bias32, plain32, columns);
        MatMul.AddBias(device, count, bias64, plain64, columns);
        TiledProducts.Multiply(device, config, a32, b32, tiles32, bias32, s);
        TiledProducts.Multiply(device, config, a64, b64, tiles64, bias64, s);
        Assert.That(views.Get<float>(4, count), Is.EqualTo(views.Get<float>(3, count)), $"{tile}");
        Assert.That(views.Get<double>(9, count), Is.EqualTo(views.Get<double>(8, count)), $"{tile}");
    }

    [Test]
    public void Convolutions_have_the_bits_of_the_plain_kernels(
        [ValueSource(nameof(Devices))] Device device,
        [ValueSource(nameof(Shapes))] ConvolutionShape s,
        [ValueSource(nameof(Tiles))] TileShape tile)
    {
        if (device == Device.Emulator && (s.OutputCount > 200 || tile.Columns != 256))
            return;
        double[] x = Numbers(s.InputCount, 1), w = Numbers(s.WeightCount, 2), g = Numbers(s.OutputCount, 3);
        AssertSameBits<float, FloatProducts>(device, tile, s, Floats(x), Floats(w), Floats(g));
        AssertSameBits<double, DoubleProducts>(device, tile, s, x, w, g);
    }

    [Test]
    public void Few_channels_make_wide_tiles_and_few_columns_tall_ones()
    {
        var device = Device.Cpu;
        Assert.That(ProductTiles.Choose(device, 12, 6272)?.Columns, Is.EqualTo(256));
        Assert.That(ProductTiles.Choose(device, 32, 6272)?.Columns, Is.EqualTo(128));
        Assert.That(ProductTiles.Choose(device, 512, 512)?.Columns, Is.EqualTo(64));
        Assert.That(ProductTiles.Choose(device, 4096, 10)?.Columns, Is.EqualTo(16));
        Assert.That(ProductTiles.Choose(device, 1, 6272), Is.Null);
        Assert.That(ProductTiles.Choose(device, 1, 6272, products: 8), Is.Not.Null);
        Assert.That(ProductTiles.Choose(Device.Emulator, 512, 512), Is.Null);
    }

    private static void AssertSameBits<T, TKernels>(
        Device device, TileShape tile, ConvolutionShape s, T[] x, T[] w, T[] g)
        where T : unmanaged
        where TKernels : struct, IProductKernels<T>
    {
        using var views = new DeviceViews(device);
        var (input, weight, gradient) = (views.Put(x), views.Put(w), views.Put(g));
        TKernels.Forward(device, input, weight, views.Put(new T[g.Length]), s);
        TKernels.InputGradient(device, gradient, weight, views.Put(new T[x.Length]), s);
        TKernels.WeightGradient(device, input, gradient, views.Put(new T[w.Length]), s);
        InTiles(ConvolutionTiles.Forward(s), weight, input, views.Put(new T[g.Length]));
        InTiles(ConvolutionTiles.InputGradient(s), weight, gradient, views.Put(new T[x.Length]));
        InTiles(ConvolutionTiles.WeightGradient(s), gradient, input, views.Put(new T[w.Length]));
        Assert.That(views.Get<T>(6, g.Length), Is.EqualTo(views.Get<T>(3, g.Length)), "y");
        Assert.That(views.Get<T>(7, x.Length), Is.EqualTo(views.Get<T>(4, x.Length)), "dx");
        Assert.That(views.Get<T>(8, w.Length), Is.EqualTo(views.Get<T>(5, w.Length)), "dw");

        void InTiles(ConvolutionTiles tiles, ArrayView<T> left, ArrayView<T> images, ArrayView<T> result)
        {
            tiles.Tile = tile;
            var config = ProductTiles.Config(tile, tiles.Rows, tiles.Columns, s.Groups);
            TKernels.ConvolveTiles(device, config, left, images, result, tiles);
        }
    }

    [Test]
    public void The_plain_kernels_have_the_bits_of_the_CPU_on_every_device(
        [ValueSource(nameof(Shapes))] ConvolutionShape s)
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
