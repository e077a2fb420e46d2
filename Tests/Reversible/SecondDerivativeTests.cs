using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>Exact can be differentiated twice: Hessian–vector products are those of Store on the same grid.</summary>
/// <remarks>
/// The first derivative, recorded to be differentiated again, has Store's bits. The second is the sum of two ways through
/// the layers, through that record and through the block again, which Store adds up layer by layer and Exact at the end:
/// equal but for rounding.
/// </remarks>
[TestFixture]
internal sealed class SecondDerivativeTests
{
    [Test]
    public void Hessian_vector_products_are_those_of_Store([Values] bool velocity, [Values] bool isResidual, [Values] bool leaf)
    {
        var net = Nets.Deep(12, 0.8, MemoryMode.Store, velocity: velocity, isResidual: isResidual);
        net.Grid = ExactGrid.Default;
        (double[][] First, double[][] Products) Differentiate(MemoryMode mode)
        {
            using var scope = TensorScope.Begin();
            net.Memory = mode;
            var x = Nets.Random([4, 3], 1, requiresGradient: true);
            // A parameter that is used before the block as well must not be counted twice.
            var input = leaf ? x : net.Functions[0].Call(x) + x;
            Tensor[] wanted = [x, .. net.Parameters()];
            var y = net.Call(input);
            var first = Gradients.Of([(y * y * y).Sum()], wanted, createGraph: true);
            var product = first[0].Sum();
            for (int i = 1; i < first.Length; i++)
                product += (first[i] * (0.1 * i)).Sum();
            return ([.. first.Select(g => g.Values())], [.. Gradients.Of(product, wanted).Select(g => g.Values())]);
        }

        AssertSame(Differentiate(MemoryMode.Exact), Differentiate(MemoryMode.Store));
    }

    [Test]
    public void Extra_inputs_and_dropout_are_differentiated_twice_as_in_Store()
    {
        var net = new MomentumNet([new SumOfLinears([3, 2]), new SumOfLinears([3, 2])], 0.7) { Grid = ExactGrid.Default };
        var dropped = MomentumNet.Repeat(new Sequential(Nets.Mlp(3, 4, 1), new DroppedTanh()), 3, 0.7);
        dropped.Grid = ExactGrid.Default;
        (double[][] First, double[][] Products) Differentiate(MemoryMode mode)
        {
            using var scope = TensorScope.Begin();
            using var random = RandomSource.Use(new RandomSource(3));
            (net.Memory, dropped.Memory) = (mode, mode);
            var x = Nets.Random([4, 3], 1, requiresGradient: true);
            var memory = Nets.Random([4, 2], 2, requiresGradient: true);
            Tensor[] wanted = [x, memory, .. net.Parameters(), .. dropped.Parameters()];
            var y = dropped.Call(net.Call(x, memory));
            var first = Gradients.Of([(y * y * y).Sum()], wanted, createGraph: true);
            var second = Gradients.Of((first[0] * first[0]).Sum() + first[1].Sum(), wanted);
            return ([.. first.Select(g => g.Values())], [.. second.Select(g => g.Values())]);
        }

        AssertSame(Differentiate(MemoryMode.Exact), Differentiate(MemoryMode.Store));
    }

    private static void AssertSame(
        (double[][] First, double[][] Products) actual, (double[][] First, double[][] Products) expected)
    {
        Assert.That(actual.First.SelectMany(Bits), Is.EqualTo(expected.First.SelectMany(Bits)), "first derivatives, to the bit");
        Assert.That(expected.Products.SelectMany(p => p).Any(value => value != 0));
        Nets.AssertSame(actual.Products, expected.Products, 1e-13);

        static IEnumerable<long> Bits(double[] values) => values.Select(BitConverter.DoubleToInt64Bits);
    }
}
