using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Samples;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>
/// Recompute does not refuse what is right: networks of many kinds, whose gradients are those of Store, stay far below what
/// is refused.
/// </summary>
[TestFixture]
internal sealed class HonestReversalTests
{
    // γ and depth: rounding errors grow by γ^−depth, and by what the layers add to it.
    private static readonly (double Gamma, int Depth)[] Depths =
    [
        (0.5, 1), (0.5, 8), (0.5, 16), (0.9, 1), (0.9, 10), (0.9, 50), (0.9, 80), (0.99, 10), (0.99, 100), (0.99, 256), (0.999, 10), (0.999, 256),
        (0.9999, 64), (1, 20),
    ];

    private static readonly Dictionary<string, Func<int, int, Module>> Layers = new()
    {
        ["tanh"] = (width, seed) => Nets.Mlp(width, 2 * width, seed, DType.Float32),
        ["relu"] = (width, seed) => Random(seed, new Linear(width, width), new Relu()),
        ["relu, mostly dead"] = (width, seed) => Dead(width, seed),
        ["narrow"] = (width, seed) => Random(seed, new Linear(width, 1), new Tanh(), new Linear(1, width)),
        ["normed"] = (width, seed) => Random(seed, new LayerNorm(width), new Linear(width, width), new Gelu(), new Linear(width, width)),
        ["settling"] = (_, _) => new Lambda(x => (x.Tanh() * 0.3) - x),
        ["small"] = (width, seed) => Scaled(Nets.Mlp(width, width, seed, DType.Float32), 1e-4),
        ["large"] = (width, seed) => Scaled(Nets.Mlp(width, width, seed, DType.Float32), 2.5),
    };

    private static IEnumerable<string> Kinds() => Layers.Keys;

    [Test]
    public void What_is_right_is_not_refused_and_what_is_not_refused_is_right(
        [ValueSource(nameof(Kinds))] string kind, [Values] bool isResidual)
    {
        int refused = 0;
        var (leastRefused, mostTaken, mostShare) = (double.PositiveInfinity, 0.0, 0.0);
        foreach (var (gamma, depth) in Depths)
        {
            foreach (int width in new[] { 1, 3, 32 })
            {
                for (int seed = 1; seed <= 2; seed++)
                {
                    using var scope = TensorScope.Begin();
                    int first = (1000 * seed) + width;
                    var net = new MomentumNet(
                        [.. Enumerable.Range(0, depth).Select(layer => Layers[kind](width, first + layer))], gamma,
                        MemoryMode.Store, isResidual: isResidual);
                    var x = RowsOfManySizes(width, first);
                    double[][] stored = Gradients(net, x);
                    net.Memory = MemoryMode.Recompute;
                    double error;
                    bool isRefused = false;
                    try
                    {
                        error = Distance(Gradients(net, x), stored);
                    }
                    catch (ReversalException)
                    {
                        isRefused = true;
                        net.DriftTolerance = double.PositiveInfinity;
                        error = Distance(Gradients(net, x), stored);
                    }

                    double outputs = net.LastOutputShares!.Max(), drift = net.LastDrift!.Value;
                    double share = outputs / (OutputWatch.Tolerances * 1e-3);
                    if (isRefused || error > mostTaken || share > mostShare)
                    {
                        TestContext.Out.WriteLine(
                            $"gamma {gamma}, depth {depth}, width {width}, seed {seed}: {(isRefused ? "refused" : "taken")}, " +
                            $"error {error:G2}, drift {drift:G2}, outputs {outputs:G2}, {share:G2}");
                    }

                    if (isRefused)
                    {
                        refused++;
                        // Where errors of rounding grow more, a velocity from nothing is lost whether gradients feel it or not.
                        if (Math.Pow(gamma, -depth) < 1000)
                            leastRefused = Math.Min(leastRefused, error);
                        continue;
                    }

                    mostTaken = Math.Max(mostTaken, error);
                    mostShare = Math.Max(mostShare, share);
                }
            }
        }

        TestContext.Out.WriteLine(
            $"{kind}: {refused} refused, with errors from {leastRefused:G2}; errors of the others up to {mostTaken:G2}, " +
            $"outputs up to {mostShare:G2} of what is refused");
        Assert.That(leastRefused, Is.GreaterThan(1e-4), "what is right is not refused");
        Assert.That(mostTaken, Is.LessThan(0.05), "what is not refused is right");
    }

    [TestCase("quickstart", 10)]
    [TestCase("rings", 10)]
    [TestCase("memory", 20)]
    [TestCase("transformer", 6)]
    [TestCase("resnet", 1)]
    public void The_workloads_of_the_app_are_not_refused(string name, int depth)
    {
        using var step = Workloads.Find(name)!.Prepare(depth, MemoryMode.Recompute, Device.Cpu, 1);
        Assert.That(() => step.Run(), Throws.Nothing);
        AssertFarFromRefused(step.Blocks, name);
    }

    [Test]
    public void Rings_are_not_refused_while_they_are_learnt()
    {
        using var random = RandomSource.Use(new RandomSource(3));
        using var rings = TrainedNets.LearntRings(MemoryMode.Recompute, out _, out _);
        AssertFarFromRefused(rings.Model.Modules().OfType<MomentumNet>(), "rings");
    }

    [Test]
    public void A_network_for_digits_is_not_refused_while_it_is_trained()
    {
        using var random = RandomSource.Use(new RandomSource(3));
        using var scope = TensorScope.Begin();
        using var data = DigitData.Load(DigitData.BundledFolder, 1000);
        using var network = new DigitNetwork(4, MemoryMode.Recompute);
        TrainedNets.Train(
            network, data, () => AssertFarFromRefused(network.Modules().OfType<MomentumNet>(), "digits"));
    }

    /// <summary>Sizes from 0.01 to 10, and rows of zeros.</summary>
    private static Tensor RowsOfManySizes(int width, int seed)
    {
        var x = Nets.Random([24, width], seed, dtype: DType.Float32).Clone();
        for (int row = 0; row < 24; row++)
            x.Slice(0, row, row + 1).CopyFrom(x.Slice(0, row, row + 1) * (row % 8 == 7 ? 0 : Math.Pow(10, (row % 4) - 2)));
        x.RequiresGradient = true;
        return x;
    }

    private static double[][] Gradients(MomentumNet net, Tensor x)
    {
        using var scope = TensorScope.Begin();
        net.ZeroGradient();
        x.ZeroGradient();
        net.Call(x).Square().Mean().Backward();
        return [x.Gradient!.Values(), .. net.Parameters().Where(p => p.Gradient != null).Select(p => p.Gradient!.Values())];
    }

    /// <summary>The distance of all gradients together, as a share of their norm.</summary>
    private static double Distance(double[][] actual, double[][] expected) =>
        Norm([.. actual.SelectMany(g => g).Zip(expected.SelectMany(g => g), (a, e) => a - e)]) /
        Norm([.. expected.SelectMany(g => g)]);

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));

    private static void AssertFarFromRefused(IEnumerable<MomentumNet> nets, string name)
    {
        var all = nets.ToList();
        Assert.That(all, Is.Not.Empty);
        foreach (var net in all)
        {
            double outputs = net.LastOutputShares!.Max(), drift = net.LastDrift!.Value;
            double share = outputs / (OutputWatch.Tolerances * 1e-3);
            TestContext.Out.WriteLine($"{name}: drift {drift:G3}, outputs {outputs:G3}, {share:G3} of what is refused");
            Assert.That(drift, Is.LessThan(1e-5));
            Assert.That(share, Is.LessThan(0.01));
        }
    }

    private static Sequential Random(int seed, params Module[] modules)
    {
        var layers = new Sequential(modules);
        Nets.Randomize(layers, seed);
        return layers;
    }

    private static Module Scaled(Module module, double factor)
    {
        using var noGrad = NoGrad.Begin();
        foreach (var parameter in module.Parameters())
            parameter.CopyFrom(parameter * factor);
        return module;
    }

    /// <summary>Few of the outputs are above zero.</summary>
    private static Sequential Dead(int width, int seed)
    {
        var linear = new Linear(width, width);
        var layers = Random(seed, linear, new Relu());
        using var noGrad = NoGrad.Begin();
        linear.Bias!.CopyFrom(linear.Bias - (1.5 / Math.Sqrt(width)));
        return layers;
    }
}
