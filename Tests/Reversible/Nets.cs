using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>Small layers and networks with reproducible weights, and their gradients as plain numbers.</summary>
internal static class Nets
{
    /// <summary>Linear–Tanh–Linear.</summary>
    public static Sequential Mlp(int width, int hidden, int seed, DType dtype = DType.Float64, Device? device = null)
    {
        var mlp = new Sequential(
            new Linear(width, hidden, dtype: dtype, device: device),
            new Tanh(),
            new Linear(hidden, width, dtype: dtype, device: device));
        Randomize(mlp, seed);
        return mlp;
    }

    /// <summary>A network of different layers.</summary>
    public static MomentumNet Deep(
        int depth,
        double gamma,
        MemoryMode memory,
        int width = 3,
        int hidden = 5,
        int seed = 1,
        bool velocity = false,
        bool isResidual = true,
        DType dtype = DType.Float64) =>
        new(
            [.. Enumerable.Range(0, depth).Select(layer => Mlp(width, hidden, seed + layer, dtype))],
            gamma,
            memory,
            velocity ? Mlp(width, hidden, seed + 1000, dtype) : null,
            isResidual);

    public static void Randomize(Module module, int seed)
    {
        var random = new Random(seed);
        using var noGrad = NoGrad.Begin();
        foreach (var parameter in module.Parameters())
        {
            double bound = 1 / Math.Sqrt(parameter.Shape[-1]);
            double[] values =
                [.. Enumerable.Range(0, parameter.Count).Select(_ => bound * ((2 * random.NextDouble()) - 1))];
            using var source = TestTensors.Make(values, parameter.Shape, parameter.DType, parameter.Device);
            parameter.CopyFrom(source);
        }
    }

    public static Tensor Random(
        Shape shape, int seed, bool requiresGradient = false, DType dtype = DType.Float64, Device? device = null)
    {
        var random = new Random(seed);
        double[] values = [.. Enumerable.Range(0, shape.ElementCount).Select(_ => (2 * random.NextDouble()) - 1)];
        var tensor = TestTensors.Make(values, shape, dtype, device);
        tensor.RequiresGradient = requiresGradient;
        return tensor;
    }

    /// <summary>Output and gradients (x, others, parameters; null where none came) of the loss Σ y² + Σ y³.</summary>
    public static (double[] Output, double[]?[] Gradients) Run(MomentumNet net, Tensor x, params Tensor[] others)
    {
        using var scope = TensorScope.Begin();
        net.ZeroGradient();
        Tensor[] leaves = [x, .. others, .. net.Parameters()];
        foreach (var leaf in leaves)
            leaf.ZeroGradient();
        var y = net.Call(x, others);
        double[] output = y.Values();
        ((y * y) + (y * y * y)).Sum().Backward();
        return (output, [.. leaves.Select(l => l.Gradient?.Values())]);
    }

    public static void AssertSame(
        (double[] Output, double[]?[] Gradients) actual, (double[] Output, double[]?[] Gradients) expected,
        double tolerance)
    {
        TestTensors.AssertClose(actual.Output, expected.Output, tolerance, tolerance, "output");
        AssertSame(actual.Gradients, expected.Gradients, tolerance);
    }

    public static void AssertSame(double[]?[] actual, double[]?[] expected, double tolerance)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length));
        for (int i = 0; i < actual.Length; i++)
        {
            Assert.That(
                actual[i] == null, Is.EqualTo(expected[i] == null), $"gradient {i} is missing in one of the two");
            if (actual[i] is { } gradient)
                TestTensors.AssertClose(gradient, expected[i]!, tolerance, tolerance, $"gradient {i}");
        }
    }
}
