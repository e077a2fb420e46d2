using MomentumCore.Layers;
using MomentumCore.Tests.Kernels;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Optimizers;

/// <summary>Optimizers of modules that move to another device or type while they are trained.</summary>
[TestFixture]
internal sealed class MovedModuleTests
{
    private static readonly Func<Module, Optimizer>[] Rules =
    [
        m => new Sgd(m.Parameters(), 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.01),
        m => new Adam(m.Parameters(), 0.01),
        m => new AdamW(m.Parameters(), 0.01),
        m => new RmsProp(m.Parameters(), 0.01, momentum: 0.5, centered: true),
    ];

    [TestCaseSource(nameof(Rules))]
    public void What_an_optimizer_remembers_follows_its_parameters_to_another_device_and_back(
        Func<Module, Optimizer> rule)
    {
        var there = SomeOpenCl.Required;

        using var scope = TensorScope.Begin();
        double[] stayed = Train(rule, DType.Float32, (_, _) => { });
        double[] moved = Train(rule, DType.Float32, (module, step) =>
        {
            if (step is 2 or 4)
                module.To(step == 2 ? there : Device.Cpu);
        });
        TestTensors.AssertClose(moved, stayed, 1e-6, 1e-6, "weights after 6 steps");
    }

    [TestCaseSource(nameof(Rules))]
    public void It_follows_to_another_type(Func<Module, Optimizer> rule)
    {
        using var scope = TensorScope.Begin();
        double[] stayed = Train(rule, DType.Float64, (_, _) => { });
        double[] moved = Train(rule, DType.Float32, (module, step) =>
        {
            if (step == 2)
                module.Double();
        });
        TestTensors.AssertClose(moved, stayed, 1e-5, 1e-5, "weights after 6 steps");
        // Were the memory forgotten, the next step would differ far more than rounding does.
        double[] forgotten = Train(rule, DType.Float64, (_, _) => { }, forgetAt: 3);
        Assert.That(Distance(forgotten, stayed), Is.GreaterThan(100 * Distance(moved, stayed)));
    }

    [Test]
    public void The_state_of_a_moved_optimizer_is_saved_from_and_loaded_to_the_new_device()
    {
        var there = SomeOpenCl.Required;

        using var scope = TensorScope.Begin();
        using var module = Make(DType.Float32);
        using var optimizer = new Adam(module.Parameters(), 0.01);
        Step(module, optimizer, 0);
        var here = optimizer.StateDict().ToDictionary(s => s.Key, s => s.Value.Values());
        module.To(there);
        var state = optimizer.StateDict();
        Assert.That(state["parameter.0.exp_avg"].Device, Is.SameAs(there));
        Assert.That(state.ToDictionary(s => s.Key, s => s.Value.Values()), Is.EqualTo(here));
        using var second = new Adam(module.Parameters(), 0.01);
        second.LoadStateDict(state);
        Assert.That(() => Step(module, second, 1), Throws.Nothing);
    }

    private static Linear Make(DType dtype)
    {
        using var random = RandomSource.Use(new RandomSource(3));
        return (Linear)new Linear(5, 3).To(dtype);
    }

    private static double[] Train(
        Func<Module, Optimizer> rule, DType dtype, Action<Module, int> before, int forgetAt = int.MaxValue)
    {
        using var module = Make(DType.Float32);
        module.To(dtype);
        var optimizer = rule(module);
        for (int step = 0; step < 6; step++)
        {
            before(module, step);
            if (step == forgetAt)
            {
                optimizer.Dispose();
                optimizer = rule(module);
            }

            Step(module, optimizer, step);
        }

        optimizer.Dispose();
        return [.. module.Parameters().SelectMany(p => p.Values())];
    }

    private static void Step(Module module, Optimizer optimizer, int step)
    {
        var weight = module.Parameters().First();
        var x = Tensor.Randn([7, 5], DType.Float64, source: new RandomSource(10 + (ulong)step))
            .To(weight.DType).To(weight.Device);
        optimizer.ZeroGradient();
        module.Call(x).Square().Mean().Backward();
        optimizer.Step();
    }

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max();
}
