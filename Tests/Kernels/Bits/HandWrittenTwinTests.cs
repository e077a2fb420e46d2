using MomentumCore.Tests.Engine.Ops;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels.Bits;

/// <summary>What the CPU computes by hand-written code agrees with the kernels that all other devices run.</summary>
/// <remarks>
/// Sums in blocks, norms, softmax and cross-entropy have twins that give the same bits. Products and convolutions fuse
/// multiply and add and sum in another order: the table says how far they may be apart.
/// </remarks>
[TestFixture]
internal sealed class HandWrittenTwinTests
{
    /// <summary>The largest distance, as a share of the largest element. All other ops: none at all.</summary>
    private static readonly Dictionary<string, (double Float32, double Float64)> Tolerances = new()
    {
        ["MatMul"] = (2e-6, 4e-15),
        ["Linear"] = (2e-6, 4e-15),
        ["Conv2dWeightGradient"] = (2e-6, 4e-15),
        ["Conv2d"] = (2e-6, 4e-15),
        ["ConvTranspose2d"] = (2e-6, 4e-15),
        ["Attention"] = (4e-6, 8e-15),
    };

    private static IEnumerable<string> Ops() => OpCase.All.Select(c => c.Name).Distinct();

    [Test]
    public void Every_op_of_the_table_exists() => Assert.That(Tolerances.Keys, Is.SubsetOf(Ops()));

    [TestCaseSource(nameof(Ops))]
    public void Values_and_gradients_agree(string op)
    {
        var kernels = new ComparedDevice();
        foreach (var test in OpCase.All.Where(c => c.Name == op))
        {
            foreach (var dtype in new[] { DType.Float32, DType.Float64 })
            {
                var (f32, f64) = Tolerances.GetValueOrDefault(op);
                double tolerance = dtype == DType.Float32 ? f32 : f64;
                double[][] byHand = Run(test, dtype, Device.Cpu), expected = Run(test, dtype, kernels);
                for (int i = 0; i < expected.Length; i++)
                {
                    double largest = expected[i].Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max();
                    TestTensors.AssertClose(byHand[i], expected[i], 0, tolerance * largest, $"{test}, {dtype}, {(i == 0 ? "value" : "gradient")}");
                }
            }
        }
    }

    /// <summary>The value and the gradient of each input.</summary>
    private static double[][] Run(OpCase test, DType dtype, Device device)
    {
        using var scope = TensorScope.Begin();
        using var random = RandomSource.Use(new RandomSource(5));
        var inputs = test.Inputs(test.Values(), dtype, device);
        if (test.Op.IsSubclassOf(typeof(OpWithoutDerivative)))
            return [test.Example.Call(inputs).Values()];
        Tensor[] wanted = [.. inputs.Where((_, i) => !test.Example.Inputs[i].IsIndex)];
        foreach (var input in wanted)
            input.RequiresGradient = true;
        var y = test.Example.Call(inputs);
        if (!y.RequiresGradient)
            return [y.Values()];
        var gradients = Gradients.Of([y], wanted, [Seed(y, device)], allowUnused: true);
        return [y.Values(), .. gradients.Select(g => g.Values())];
    }

    private static Tensor Seed(Tensor y, Device device) =>
        Tensor.Randn(y.Shape, y.DType, device, new RandomSource(7));
}
