using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Tests.Reversible;

/// <summary>
/// For every γ and depth of the promise: trained networks, any number of threads and OpenCL have the bits of Store too.
/// </summary>
[TestFixture]
internal sealed class ExactPromiseTests
{
    private const int Width = 6;

    [Test]
    public void A_trained_network_comes_back_through_the_same_bits_and_has_the_gradients_of_Store(
        [ValueSource(typeof(Promise), nameof(Promise.Gammas))] double gamma,
        [ValueSource(typeof(Promise), nameof(Promise.Depths))] int depth)
    {
        using var net = Trainable(depth, Promise.Gamma(gamma, depth));
        using var optimizer = new Adam(net.Parameters(), Math.Min(0.01, 0.1 / depth));
        using var x = Nets.Random([8, Width], 5, dtype: DType.Float32);
        using var target = Nets.Random([8, Width], 6, dtype: DType.Float32);
        var losses = new List<double>();
        for (int step = 0; step < (depth <= 64 ? 25 : depth <= 300 ? 10 : 4); step++)
        {
            using var scope = TensorScope.Begin();
            optimizer.ZeroGradient();
            var loss = net.Call(x).MseLoss(target);
            loss.Backward();
            losses.Add(loss.Item());
            optimizer.Step();
        }

        Assert.That(losses[^1], Is.LessThan(losses[0]), "it has learnt");
        AssertHasTheBitsOfStore(net, x.Clone());
    }

    [Test]
    public void Three_threads_have_the_bits_of_one(
        [ValueSource(typeof(Promise), nameof(Promise.Gammas))] double gamma,
        [ValueSource(typeof(Promise), nameof(Promise.Depths))] int depth)
    {
        // Enough elements for three threads to have a share each.
        int[] shape = depth <= 64 ? [300, 37] : [60, 37];
        (double[], double[]?[]) Run(int threads, MemoryMode mode)
        {
            var device = new CpuDevice(threads);
            using var scope = TensorScope.Begin();
            using var net = new MomentumNet(InTurn(37, 11, depth, device), Promise.Gamma(gamma, depth), mode)
            {
                Grid = ExactGrid.Default,
            };
            return Nets.Run(net, Nets.Random(shape, 5, requiresGradient: true, DType.Float32, device));
        }

        AssertSameBits(Run(3, MemoryMode.Exact), Run(1, MemoryMode.Store));
    }

    [Test]
    public void OpenCL_has_the_bits_of_its_Store(
        [ValueSource(typeof(Promise), nameof(Promise.Gammas))] double gamma,
        [ValueSource(typeof(Promise), nameof(Promise.Depths))] int depth)
    {
        var devices = Device.All.OfType<OpenClDevice>().ToList();
        if (devices.Count == 0)
            Assert.Warn("No OpenCL device here: nothing was compared.");
        foreach (var device in devices)
        {
            (double[], double[]?[]) Run(MemoryMode mode)
            {
                using var scope = TensorScope.Begin();
                using var net = new MomentumNet(InTurn(Width, 4, depth, device), Promise.Gamma(gamma, depth), mode)
                {
                    Grid = ExactGrid.Default, Verify = mode == MemoryMode.Exact,
                };
                return Nets.Run(net, Nets.Random([3, Width], 5, requiresGradient: true, DType.Float32, device));
            }

            AssertSameBits(Run(MemoryMode.Exact), Run(MemoryMode.Store));
        }
    }

    /// <summary>Layers small enough together that a network of any depth can be trained.</summary>
    private static MomentumNet Trainable(int depth, double gamma) => new(
        [.. Enumerable.Range(0, depth).Select(i => Smaller(Nets.Mlp(Width, 4, i, DType.Float32), 1 / Math.Sqrt(depth)))],
        gamma,
        MemoryMode.Exact) { Grid = ExactGrid.Default };

    /// <summary>
    /// Three sets of weights in turn, whose gradients are sums over layers; small enough to stay in range at any depth.
    /// </summary>
    private static Module[] InTurn(int width, int hidden, int depth, Device device)
    {
        Module[] three =
        [
            .. Enumerable.Range(0, 3)
                .Select(i => Smaller(Nets.Mlp(width, hidden, i, DType.Float32, device), Math.Min(1, 100.0 / depth))),
        ];
        return [.. Enumerable.Range(0, depth).Select(i => three[i % 3])];
    }

    private static Module Smaller(Module layer, double share)
    {
        using var noGrad = NoGrad.Begin();
        foreach (string name in new[] { "2.weight", "2.bias" })
        {
            var parameter = layer.GetParameter(name);
            using var smaller = parameter * share;
            parameter.CopyFrom(smaller);
        }

        return layer;
    }

    private static void AssertHasTheBitsOfStore(MomentumNet net, Tensor x)
    {
        var seen = new List<int[]>();
        var hooks = net.Functions.Select(f => f.RegisterForwardPreHook((_, inputs) =>
        {
            seen.Add([.. inputs[0].ToArray<float>().Select(BitConverter.SingleToInt32Bits)]);
            return null;
        })).ToList();
        using (x)
        {
            x.RequiresGradient = true;
            var exact = Nets.Run(net, x);
            var (there, back) = (seen[..net.Depth], seen[net.Depth..]);
            back.Reverse();
            seen.Clear();
            net.Memory = MemoryMode.Store;
            AssertSameBits(exact, Nets.Run(net, x));
            Assert.That(back, Has.Count.EqualTo(net.Depth).And.Count.EqualTo(seen.Count));
            for (int layer = 0; layer < net.Depth; layer++)
            {
                Assert.That(back[layer].AsSpan().SequenceEqual(there[layer]), $"x_{layer}, come back to");
                Assert.That(there[layer].AsSpan().SequenceEqual(seen[layer]), $"x_{layer} of Store");
            }
        }

        hooks.ForEach(h => h.Dispose());
    }

    private static void AssertSameBits((double[] Output, double[]?[] Gradients) actual, (double[] Output, double[]?[] Gradients) expected)
    {
        Assert.That(Bits(actual.Output).SequenceEqual(Bits(expected.Output)), "output");
        Assert.That(actual.Gradients, Has.Length.EqualTo(expected.Gradients.Length));
        for (int i = 0; i < actual.Gradients.Length; i++)
            Assert.That(Bits(actual.Gradients[i]!).SequenceEqual(Bits(expected.Gradients[i]!)), $"gradient {i}");

        // Floats as doubles: one to one, signed zeros too.
        static IEnumerable<long> Bits(double[] values) => values.Select(BitConverter.DoubleToInt64Bits);
    }
}
