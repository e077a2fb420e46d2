using MomentumCore.Reversible;

namespace MomentumCore.Tests.Reversible;

/// <summary>Exact gives the outputs and gradients of Store on the same grid, bit for bit.</summary>
[TestFixture]
internal sealed class ExactTests
{
    private static readonly double[] Gammas = [0.1, 0.3, 0.5, 0.9, 0.99, double.NaN];
    private static readonly int[] Depths = [1, 7, 8, 53, 64, 300, 1024, 4096];

    [Test]
    public void Every_bit_of_outputs_and_gradients_is_that_of_Store_on_the_grid(
        [ValueSource(nameof(Gammas))] double gamma, [ValueSource(nameof(Depths))] int depth)
    {
        // NaN stands for 1 − 1/T, which is 0 and has no inverse for a single layer.
        double g = double.IsNaN(gamma) ? 1 - (1.0 / Math.Max(depth, 2)) : gamma;
        var layers = Enumerable.Range(0, depth).Select(layer => Nets.Mlp(6, 4, layer, DType.Float32)).ToArray();
        var net = new MomentumNet(layers, g) { Grid = ExactGrid.Default };
        var x = Nets.Random([3, 6], 5, requiresGradient: true, DType.Float32);
        AssertSameBits(net, x);
    }

    [Test]
    public void So_it_is_in_every_form(
        [Values(DType.Float32, DType.Float64)] DType dtype, [Values] bool velocity, [Values] bool isResidual)
    {
        var net = Nets.Deep(40, 0.8, MemoryMode.Store, velocity: velocity, isResidual: isResidual, dtype: dtype);
        net.Grid = ExactGrid.Default;
        AssertSameBits(net, Nets.Random([5, 3], 5, requiresGradient: true, dtype));
    }

    private static void AssertSameBits(MomentumNet net, Tensor x, params Tensor[] others)
    {
        net.Memory = MemoryMode.Store;
        var stored = Nets.Run(net, x, others);
        net.Memory = MemoryMode.Exact;
        var exact = Nets.Run(net, x, others);
        Assert.That(exact.Output.Select(BitConverter.DoubleToInt64Bits), Is.EqualTo(stored.Output.Select(BitConverter.DoubleToInt64Bits)));
        Assert.That(exact.Gradients, Has.Length.EqualTo(stored.Gradients.Length));
        for (int i = 0; i < exact.Gradients.Length; i++)
        {
            Assert.That(
                exact.Gradients[i]?.Select(BitConverter.DoubleToInt64Bits),
                Is.EqualTo(stored.Gradients[i]?.Select(BitConverter.DoubleToInt64Bits)),
                $"gradient {i}");
        }
    }
}
