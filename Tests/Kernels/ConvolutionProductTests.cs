using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Tests.Kernels;

/// <summary>The CPU's convolutions against the plain kernels, and their promise about bits.</summary>
[TestFixture]
internal sealed unsafe class ConvolutionProductTests
{
    private delegate void Launch<T>(
        Device device, ArrayView<T> a, ArrayView<T> b, ArrayView<T> bias, ArrayView<T> y, in ConvolutionShape shape)
        where T : unmanaged;

    private static readonly ConvolutionShape[] Shapes =
    [
        // Sums and images of more than one block, images that share a panel, more channels than a band.
        Shape(3, 60, 9, 10, 50, 3, 3),
        Shape(5, 70, 4, 4, 140, 3, 3, padding: 1),
        Shape(2, 3, 33, 35, 16, 3, 3, padding: 1),
        Shape(2, 8, 30, 31, 6, 5, 3, stride: 2, padding: 2),
        Shape(3, 12, 13, 11, 18, 3, 3, stride: 2, padding: 1, groups: 3),
        Shape(2, 6, 17, 9, 12, 3, 2, padding: 2, dilation: 2, groups: 2),
        Shape(2, 5, 20, 18, 7, 3, 3, stride: 3, padding: 1, dilation: 2),
        Shape(4, 40, 14, 14, 30, 1, 1),
        Shape(4, 40, 5, 5, 60, 1, 1),
        Shape(2, 20, 14, 15, 30, 1, 1, stride: 2),
        Shape(3, 16, 12, 13, 16, 3, 3, padding: 1, groups: 16),
        Shape(3, 16, 12, 13, 32, 3, 3, stride: 2, padding: 1, groups: 16),
        Shape(1, 2, 40, 41, 3, 40, 41),
        Shape(2, 4, 1, 300, 5, 1, 7, padding: 0),
        Shape(9, 300, 2, 2, 20, 2, 2, padding: 1),
    ];

    [TestCaseSource(nameof(Shapes))]
    public void They_agree_with_the_plain_kernels(ConvolutionShape s)
    {
        float[] x = Values(s.InputCount, 1), w = Values(s.WeightCount, 2), g = Values(s.OutputCount, 3);
        float[] outputBias = Values(s.OutputChannels, 4), inputBias = Values(s.InputChannels, 5);
        float[] y = new float[s.OutputCount], dx = new float[s.InputCount], dw = new float[s.WeightCount];
        fixed (float* px = x, pw = w, pg = g, py = y, pdx = dx, pdw = dw)
        {
            Convolution.Forward(Device.Cpu, y.Length, View(px, x), View(pw, w), View(py, y), s);
            Convolution.InputGradient(Device.Cpu, dx.Length, View(pg, g), View(pw, w), View(pdx, dx), s);
            Convolution.WeightGradient(Device.Cpu, dw.Length, View(px, x), View(pg, g), View(pdw, dw), s);
        }

        AddBias(y, outputBias, s.OutputHeight * s.OutputWidth);
        AddBias(dx, inputBias, s.InputHeight * s.InputWidth);
        double forward = Math.Sqrt(s.WeightCount / s.OutputChannels), back = Math.Sqrt(s.WeightCount / s.InputChannels);
        double weights = Math.Sqrt(s.OutputCount / s.OutputChannels);
        AssertClose(Run<float>(ConvolutionProduct.Forward, x, w, outputBias, y.Length, s), y, forward, "y");
        AssertClose(Run<float>(ConvolutionProduct.InputGradient, g, w, inputBias, dx.Length, s), dx, back, "dx");
        AssertClose(Run<float>(ConvolutionProduct.WeightGradient, x, g, [], dw.Length, s), dw, weights, "dw");
        double[] x64 = Widen(x), w64 = Widen(w), g64 = Widen(g);
        AssertClose(Run<double>(ConvolutionProduct.Forward, x64, w64, Widen(outputBias), y.Length, s), y, forward, "y");
        AssertClose(
            Run<double>(ConvolutionProduct.InputGradient, g64, w64, Widen(inputBias), dx.Length, s), dx, back, "dx");
        AssertClose(Run<double>(ConvolutionProduct.WeightGradient, x64, g64, [], dw.Length, s), dw, weights, "dw");
    }

    [TestCaseSource(nameof(Shapes))]
    public void An_image_has_the_same_bits_in_any_batch(ConvolutionShape s)
    {
        float[] x = Values(s.InputCount, 1), w = Values(s.WeightCount, 2), g = Values(s.OutputCount, 3);
        float[] y = Run<float>(ConvolutionProduct.Forward, x, w, [], s.OutputCount, s);
        float[] dx = Run<float>(ConvolutionProduct.InputGradient, g, w, [], s.InputCount, s);
        var one = s;
        one.Images = 1;
        for (int n = 0; n < s.Images; n++)
        {
            var (input, output) = (Part(n, one.InputCount), Part(n, one.OutputCount));
            Assert.That(
                Run<float>(ConvolutionProduct.Forward, x[input], w, [], one.OutputCount, one), Is.EqualTo(y[output]));
            Assert.That(
                Run<float>(ConvolutionProduct.InputGradient, g[output], w, [], one.InputCount, one),
                Is.EqualTo(dx[input]));
        }
    }

    [TestCaseSource(nameof(Shapes))]
    public void The_bits_do_not_depend_on_the_number_of_threads(ConvolutionShape s)
    {
        float[] x = Values(s.InputCount, 1), w = Values(s.WeightCount, 2), g = Values(s.OutputCount, 3);
        CpuDevice single = new(1), five = new(5);
        void AssertSame(Launch<float> launch, float[] a, float[] b, int count) =>
            Assert.That(Run(launch, a, b, [], count, s, five), Is.EqualTo(Run(launch, a, b, [], count, s, single)));
        AssertSame(ConvolutionProduct.Forward, x, w, s.OutputCount);
        AssertSame(ConvolutionProduct.InputGradient, g, w, s.InputCount);
        AssertSame(ConvolutionProduct.WeightGradient, x, g, s.WeightCount);
    }

    private static ConvolutionShape Shape(
        int images,
        int inputChannels,
        int height,
        int width,
        int outputChannels,
        int kernelHeight,
        int kernelWidth,
        int stride = 1,
        int padding = 0,
        int dilation = 1,
        int groups = 1) => new()
        {
            Images = images,
            InputChannels = inputChannels,
            InputHeight = height,
            InputWidth = width,
            OutputChannels = outputChannels,
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

    private static T[] Run<T>(
        Launch<T> launch, T[] a, T[] b, T[] bias, int count, ConvolutionShape s, CpuDevice? device = null)
        where T : unmanaged
    {
        var result = new T[count];
        fixed (T* pa = a, pb = b, pBias = bias, py = result)
            launch(device ?? Device.Cpu, View(pa, a), View(pb, b), View(pBias, bias), View(py, result), s);
        return result;
    }

    private static void AssertClose<T>(T[] actual, float[] expected, double scale, string what)
        where T : unmanaged, IConvertible =>
        Support.TestTensors.AssertClose(
            [.. actual.Select(v => v.ToDouble(null))], Widen(expected), 4e-6 * scale, 4e-6 * scale, what);

    private static void AddBias(float[] y, float[] bias, int plane)
    {
        for (int i = 0; i < y.Length; i++)
            y[i] += bias[i / plane % bias.Length];
    }

    private static Range Part(int n, int size) => (n * size)..((n + 1) * size);

    private static ArrayView<T> View<T>(T* start, T[] values)
        where T : unmanaged =>
        new(start, values.Length);

    private static double[] Widen(float[] values) => [.. values.Select(v => (double)v)];

    private static float[] Values(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
    }
}
