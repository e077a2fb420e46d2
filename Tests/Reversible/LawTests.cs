using FsCheck;
using FsCheck.Fluent;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>What holds for every depth, γ and width.</summary>
[TestFixture]
internal sealed class LawTests
{
    private static readonly Arbitrary<Setting> Settings = (
        from depth in Gen.Choose(1, 14)
        from percent in Gen.Choose(40, 100)
        from width in Gen.Choose(1, 9)
        from rows in Gen.Choose(1, 5)
        from seed in Gen.Choose(0, 10_000)
        from flags in Gen.Choose(0, 3)
        select new Setting(
            depth, percent / 100.0, width, rows, seed, (flags & 1) != 0, (flags & 2) != 0)).ToArbitrary();

    [Test]
    public void Inverse_undoes_forward_within_what_rounding_allows() =>
        Holds(s =>
        {
            using var scope = TensorScope.Begin();
            var net = s.Net(MemoryMode.Store, DType.Float32);
            var x = s.Input(DType.Float32);
            var (last, v) = net.ForwardWithVelocity(x);
            double[] back = net.Inverse(last, v).X.Values();
            // Every step back rounds a few times, and divides the velocity's error by γ.
            double bound = 64 * s.Depth * 6e-8 * Math.Pow(s.Gamma, -s.Depth);
            TestTensors.AssertClose(back, x.Values(), bound, bound, s.ToString());
        });

    [Test]
    public void Recompute_gives_the_gradients_of_Store() =>
        Holds(s =>
        {
            var x = s.Input(DType.Float64);
            x.RequiresGradient = true;
            var stored = Nets.Run(s.Net(MemoryMode.Store, DType.Float64), x);
            var net = s.Net(MemoryMode.Recompute, DType.Float64);
            var recomputed = Nets.Run(net, x);
            Assert.That(recomputed.Output, Is.EqualTo(stored.Output));
            Nets.AssertSame(recomputed.Gradients, stored.Gradients, 1e-9);
            Assert.That(net.LastDrift, Is.InRange(0, 1e-9));
        });

    [Test]
    public void Exact_has_the_bits_of_Store_on_its_grid_or_says_that_the_range_was_left()
    {
        int kept = 0, left = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var dtype = random.Next(2) == 0 ? DType.Float32 : DType.Float64;
            // From far inside of the range to far outside.
            double gain = Math.Pow(10, 6 * random.NextDouble());
            double[] gammas = [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => Math.Pow(random.NextDouble(), 0.3) + 1e-6)];
            Module[] layers =
                [.. gammas.Select((_, i) => new Sequential(Nets.Mlp(3, 4, (1000 * seed) + i, dtype), new Lambda(f => f * gain)))];
            var net = new MomentumNet(
                layers, [.. gammas.Select(g => Math.Min(g, 0.98))], MemoryMode.Exact, isResidual: random.Next(2) == 0)
            {
                Grid = new ExactGrid { FractionBits = random.Next(4, dtype == DType.Float32 ? 20 : 48) },
                Verify = random.Next(2) == 0,
            };
            var x = Nets.Random([4, 3], seed, requiresGradient: true, dtype);
            (double[] Output, double[]?[] Gradients)? exact = null;
            try
            {
                exact = Nets.Run(net, x);
                kept++;
            }
            catch (GridRangeException)
            {
                left++;
            }

            net.Memory = MemoryMode.Store;
            if (exact is { } found)
                Nets.AssertSame(found, Nets.Run(net, x), 0);
            else
                Assert.That(() => Nets.Run(net, x), Throws.TypeOf<GridRangeException>());
        }

        TestContext.Out.WriteLine($"{kept} kept to the range, {left} left it");
        Assert.That(Math.Min(kept, left), Is.GreaterThan(40), "both happen");
    }

    private static void Holds(Action<Setting> law) =>
        Prop.ForAll(Settings, s =>
        {
            law(s);
            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(40));

    private sealed record Setting(
        int Depth, double Gamma, int Width, int Rows, int Seed, bool Velocity, bool IsResidual)
    {
        public MomentumNet Net(MemoryMode mode, DType dtype) =>
            Nets.Deep(Depth, Gamma, mode, Width, 4, Seed, Velocity, IsResidual, dtype);

        public Tensor Input(DType dtype) => Nets.Random([Rows, Width], Seed, dtype: dtype);
    }
}
