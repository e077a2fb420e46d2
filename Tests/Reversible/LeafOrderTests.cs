using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>
/// A tensor that is several inputs of the block and is used after it too: Exact adds its terms in the order of Store on the
/// grid, so the sums have the same bits.
/// </summary>
[TestFixture]
internal sealed class LeafOrderTests
{
    [Test]
    public void Exact_has_the_bits_of_Store_whichever_inputs_are_one_tensor(
        [Values("w, o", "x, x", "x, w", "w, w", "x, o", "h, h", "x, h", "w, x, w, x", "x, o, o, x")] string inputs,
        [Values] bool usedAfter,
        [Values] bool velocity,
        [Values] bool createGraph)
    {
        double[][] Run(MemoryMode mode)
        {
            using var scope = TensorScope.Begin();
            var linear = new Linear(9, 9, dtype: DType.Float64);
            Nets.Randomize(linear, 1);
            var w = linear.Parameters().First();
            var x = Nets.Random([9, 9], 11, requiresGradient: true);
            var o = Nets.Random([9, 9], 21, requiresGradient: true);
            var h = (x * o).Sin();
            var net = new MomentumNet(
                [.. Enumerable.Repeat(new Mixed(linear), 4)], 0.8, mode, velocity ? new Lambda(z => z) : null)
            {
                Grid = ExactGrid.Default,
            };
            Tensor[] given = [.. inputs.Split(", ").Select(name => name switch { "w" => w, "x" => x, "o" => o, _ => h })];
            var y = net.Call(given[0], given[1..]);
            if (usedAfter)
                y = linear.Call(y) + (x.Sin() * o) + h;
            var gradients = Gradients.Of(
                [y.Square().Sum()], [w, x, o, h], createGraph: createGraph, allowUnused: true);
            return [.. gradients.Select(g => g.Values())];
        }

        Assert.That(Run(MemoryMode.Exact), Is.EqualTo(Run(MemoryMode.Store)));
    }

    /// <summary>A linear layer of the product of all inputs.</summary>
    private sealed class Mixed : Module
    {
        private readonly Linear _linear;

        public Mixed(Linear linear) => _linear = RegisterModule("linear", linear);

        protected override Tensor Forward(Tensor x, Tensor[] others)
        {
            var product = others.Aggregate(x, (all, other) => all * other);
            return others.Aggregate(_linear.Call(product).Tanh(), (sum, other) => sum + (other * 0.125));
        }
    }
}
