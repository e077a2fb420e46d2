using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Reversible;

/// <summary>
/// Networks that have learnt their task reverse bit for bit: every position, every gradient, as Store on the same grid.
/// </summary>
[TestFixture]
internal sealed class TrainedReversalTests
{
    [Test]
    public void Trained_rings_reverse_bit_for_bit()
    {
        using var random = RandomSource.Use(new RandomSource(3));
        using var rings = TrainedNets.LearntRings(MemoryMode.Exact, out var points, out var labels);
        AssertReversesExactly(rings.Model, points, y => y.CrossEntropy(labels));
    }

    [Test]
    public void A_network_trained_on_the_digits_reverses_bit_for_bit()
    {
        using var random = RandomSource.Use(new RandomSource(3));
        using var scope = TensorScope.Begin();
        using var data = DigitData.Load(DigitData.BundledFolder, 2000);
        using var network = new DigitNetwork(4, MemoryMode.Exact);
        TrainedNets.Train(network, data);
        network.Eval();
        double hits = 0;
        foreach (var (images, labels) in data.TestBatches(250, Device.Cpu, CancellationToken.None))
        {
            using var noGrad = NoGrad.Begin();
            hits += network.Call(images).ArgMax(1).Equal(labels).Sum().Item();
        }

        Assert.That(hits / data.TestCount, Is.GreaterThan(0.85), "it reads digits that it has not seen");
        // Copies, because the loader frees a batch when it is asked for no more.
        var (some, classes) = data.TestBatches(40, Device.Cpu, CancellationToken.None)
            .Select(batch => (scope.Keep(batch.Images.Clone()), scope.Keep(batch.Labels.Clone())))
            .First();
        AssertReversesExactly(network, some, y => y.CrossEntropy(classes));
    }

    /// <summary>Exact against Store on the same grid: positions before all layers there and back, output, gradients.</summary>
    private static void AssertReversesExactly(Module network, Tensor x, Func<Tensor, Tensor> loss)
    {
        var nets = network.Modules().OfType<MomentumNet>().ToList();
        Assert.That(nets, Is.Not.Empty);
        var exact = Run(MemoryMode.Exact);
        var stored = Run(MemoryMode.Store);
        for (int i = 0; i < nets.Count; i++)
        {
            int depth = nets[i].Depth;
            var (there, back) = (exact.Seen[i][..depth], exact.Seen[i][depth..]);
            back.Reverse();
            Assert.That(stored.Seen[i], Has.Count.EqualTo(depth).And.Count.EqualTo(back.Count));
            for (int layer = 0; layer < depth; layer++)
            {
                Assert.That(there[layer].AsSpan().SequenceEqual(stored.Seen[i][layer]), $"x_{layer} of block {i}");
                Assert.That(back[layer].AsSpan().SequenceEqual(there[layer]), $"x_{layer} of block {i}, come back to");
            }
        }

        Assert.That(exact.Numbers, Has.Count.EqualTo(stored.Numbers.Count).And.Count.GreaterThan(4));
        for (int i = 0; i < stored.Numbers.Count; i++)
            Assert.That(exact.Numbers[i].AsSpan().SequenceEqual(stored.Numbers[i]), $"output or gradient {i}");

        // Bits, so that −0 is not 0 and NaN is itself.
        (List<List<int[]>> Seen, List<int[]> Numbers) Run(MemoryMode mode)
        {
            using var scope = TensorScope.Begin();
            var input = x.Clone();
            input.RequiresGradient = true;
            network.ZeroGradient();
            var seen = new List<List<int[]>>();
            var hooks = new List<IDisposable>();
            foreach (var net in nets)
            {
                (net.Memory, net.Grid, net.Verify) = (mode, ExactGrid.Default, true);
                var positions = new List<int[]>();
                seen.Add(positions);
                foreach (var f in net.Functions.Distinct())
                {
                    hooks.Add(f.RegisterForwardPreHook((_, inputs) =>
                    {
                        positions.Add(Bits(inputs[0]));
                        return null;
                    }));
                }
            }

            var y = network.Call(input);
            int[] output = Bits(y);
            loss(y).Backward();
            foreach (var hook in hooks)
                hook.Dispose();
            return (seen, [output, Bits(input.Gradient!), .. network.Parameters().Select(p => Bits(p.Gradient!))]);
        }

        static int[] Bits(Tensor t) => [.. t.ToArray<float>().Select(BitConverter.SingleToInt32Bits)];
    }
}
