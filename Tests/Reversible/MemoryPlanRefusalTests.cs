using System.Text.Json;
using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Reversible;

/// <summary>A mode that a network cannot run in is left out of its choice, and the table says why.</summary>
[TestFixture]
internal sealed class MemoryPlanRefusalTests
{
    private const int Rows = 64;
    private const int Width = 12;

    [Test]
    public void Recompute_is_left_out_where_it_drifts_and_the_plan_still_holds()
    {
        foreach (var device in Devices())
        {
            using var model = Model(device, new MomentumNet(Layers(device, 40), 0.3), new MomentumNet(Layers(device, 6), 0.9));
            var generous = Plan(model, device);
            var (drifting, other) = (generous.Blocks[0], generous.Blocks[1]);
            Assert.That(drifting.Costs.Keys, Is.EquivalentTo(new[] { MemoryMode.Store, MemoryMode.Exact }), device.Name);
            Assert.That(drifting.LeftOut.Keys, Is.EqualTo(new[] { MemoryMode.Recompute }));
            Assert.That(
                drifting.LeftOut[MemoryMode.Recompute],
                Does.Contain("40 layers").And.Contain("gamma = 0.3").And.Contain("tolerance is 0.001").And.Not.Contain("MomentumNet"));
            Assert.That(other.Costs, Has.Count.EqualTo(3));
            Assert.That(other.LeftOut, Is.Empty);
            string line = generous.ToString().Split(Environment.NewLine).Single(l => l.Contains("left out", StringComparison.Ordinal));
            Assert.That(line, Does.Match(@"^1 +Recompute +left out: running 40 layers backwards at gamma = 0\.3"));

            // Room for a few bytes by which one measuring differs from another.
            var frugal = Plan(model, device, generous.LeastPeakBytes + 256);
            Assert.That(frugal.Blocks[0].Mode, Is.EqualTo(MemoryMode.Exact));
            frugal.Apply();
            // Others may compute on the other devices.
            if (device is CpuDevice)
                Assert.That(Measure(model, device), Is.InRange(0.9 * frugal.PredictedPeakBytes, frugal.PredictedPeakBytes + 64));
        }
    }

    [Test]
    public void Exact_is_left_out_where_the_range_of_its_grid_is_left()
    {
        foreach (var device in Devices())
        {
            using var far = new MomentumNet([new Lambda(x => x * 0.5), new Lambda(x => x + 1000.0)], 0.5);
            using var model = Model(device, far);
            var block = Plan(model, device).Blocks.Single();
            Assert.That(block.Costs.Keys, Is.EquivalentTo(new[] { MemoryMode.Store, MemoryMode.Recompute }), device.Name);
            Assert.That(
                block.LeftOut[MemoryMode.Exact], Does.StartWith("layer 1 reached a position of about").And.Contain("below about 256"));
        }
    }

    [Test]
    public void What_a_network_is_made_of_may_leave_Store_alone([Values("gamma 0", "captured tensor", "tiny gamma", "learned gamma")] string what)
    {
        var device = new CpuDevice(1);
        using var scope = TensorScope.Begin();
        var captured = Nets.Random([Width], 1, requiresGradient: true, DType.Float32, device);
        var layers = Layers(device, 3);
        var (net, refused, reason) = what switch
        {
            "gamma 0" => (new MomentumNet(layers, [0.9, 0, 0.9]), 2, "gamma = 0 a step forgets the velocity"),
            "captured tensor" => (
                new MomentumNet([.. layers, new Lambda(x => x * captured)], 0.9), 2, "uses a leaf of shape [12] (Float32) that requires a gradient"),
            "tiny gamma" => (new MomentumNet(layers, [0.9, 1e-12, 0.9]), 2, "layer 1 keeps gamma = 1E-12"),
            _ => (MomentumNet.WithLearnedGamma(layers, [0.9]), 1, "a learned gamma has no exact reversal"),
        };
        using var model = Model(device, net);
        var block = Plan(model, device).Blocks.Single();
        Assert.That(block.Costs.ContainsKey(MemoryMode.Store));
        Assert.That(block.LeftOut, Has.Count.EqualTo(refused));
        Assert.That(block.LeftOut[MemoryMode.Exact], Does.Contain(reason));
        Assert.That(block.Mode, Is.EqualTo(MemoryMode.Store).Or.EqualTo(MemoryMode.Recompute));
    }

    [Test]
    public void Where_no_mode_is_left_the_error_has_every_reason_and_nothing_is_changed([Values] bool withStore)
    {
        var device = new CpuDevice(1);
        // 1e36 is beyond every grid, and no float reversal keeps to the tolerance.
        using var net = new MomentumNet([new Lambda(x => x + 1e36), .. Layers(device, 40)], 0.3) { Grid = ExactGrid.Default };
        using var model = Model(device, net);
        net.DriftTolerance = 1e-12;
        long before = device.Memory.LiveBytes;
        MemoryMode[]? modes = withStore ? null : [MemoryMode.Recompute, MemoryMode.Exact];
        var error = Assert.Throws<InvalidOperationException>(
            () => MemoryPlan.For(model, [Rows, Width], 1 << 30, modes, device: device))!;
        Assert.That(error.Message, Does.StartWith("MemoryPlan: '1' can run in none of the modes to choose from; "));
        Assert.That(error.Message, Does.Contain("; Recompute: running 41 layers backwards").And.Contain("; Exact: layer 0 gave"));
        Assert.That(error.Message, withStore ? Does.Contain("; Store: layer 0 gave") : Does.Contain("Add MemoryMode.Store"));
        Assert.That(net.Memory, Is.EqualTo(MemoryMode.Store));
        Assert.That(net.DriftTolerance, Is.EqualTo(1e-12));
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
        Assert.That(model.Parameters().Select(p => p.Gradient), Is.All.Null);
    }

    [Test]
    public void A_mode_that_fails_inside_the_model_alone_is_left_out_too([Values(2, 3)] int failing)
    {
        var device = new CpuDevice(1);
        int runs = 0;
        MomentumNet? net = null;
        // The second run of the model is that in the most frugal modes, the third is that for their peak.
        var moody = new Lambda(x => runs == failing && net!.Memory == MemoryMode.Recompute ? throw new InvalidOperationException("not here. No.") : x.Tanh());
        using var block = net = new MomentumNet([moody, .. Layers(device, 4)], 0.9);
        using var model = new Sequential(
            new Lambda(x =>
            {
                runs++;
                return x;
            }),
            block,
            new Linear(Width, 4, device: device));
        var plan = MemoryPlan.For(
            model, [Rows, Width], long.MaxValue, failing == 2 ? null : [MemoryMode.Recompute, MemoryMode.Store], device: device);
        Assert.That(runs, Is.EqualTo(5));
        Assert.That(plan.Blocks.Single().LeftOut, Is.EqualTo(new Dictionary<MemoryMode, string> { [MemoryMode.Recompute] = "not here" }));
        // Room for a few bytes by which one measuring differs from another.
        plan = Plan(model, device, plan.LeastPeakBytes + 256);
        plan.Apply();
        Assert.That(Measure(model, device), Is.InRange(0.9 * plan.PredictedPeakBytes, plan.PredictedPeakBytes + 64));
    }

    [Test]
    public void What_fails_outside_of_the_networks_comes_out_as_it_is()
    {
        var device = new CpuDevice(1);
        using var net = new MomentumNet(Layers(device, 3), 0.9);
        using var model = new Sequential(net, new Lambda(_ => throw new InvalidOperationException("outside")));
        Assert.That(() => Plan(model, device), Throws.InvalidOperationException.With.Message.EqualTo("outside"));
        Assert.That(net.Memory, Is.EqualTo(MemoryMode.Store));
    }

    [Test]
    public void A_network_that_runs_past_its_hooks_is_refused_by_name()
    {
        var device = new CpuDevice(1);
        using var model = new WithVelocity(new MomentumNet(Layers(device, 3), 0.9));
        Assert.That(
            () => Plan(model, device),
            Throws.InvalidOperationException.With.Message.Contains("'net' runs through ForwardWithVelocity"));
        Assert.That(() => model.Call(Tensor.Ones([2, Width], DType.Float32, device)), Throws.Nothing, "it runs as before");
    }

    [Test]
    public void Where_there_is_no_backward_the_error_says_why()
    {
        var device = new CpuDevice(1);
        using var net = new MomentumNet(Layers(device, 3), 0.9);
        using (NoGrad.Begin())
            Assert.That(() => Plan(net, device), Throws.InvalidOperationException.With.Message.Contains("outside of NoGrad"));
        foreach (var parameter in net.Parameters())
            parameter.RequiresGradient = false;
        Assert.That(() => Plan(net, device), Throws.InvalidOperationException.With.Message.Contains("unfreeze"));
    }

    [Test]
    public void A_network_without_layers_is_passed_over()
    {
        var device = new CpuDevice(1);
        using var net = new MomentumNet(Layers(device, 3), 0.9);
        using var model = new Sequential(new MomentumNet([], 0.9), net);
        Assert.That(Plan(model, device).Blocks.Select(b => b.Network), Is.EqualTo([net]));
    }

    [Test]
    public void Planning_leaves_what_was_measured_of_drift_as_it_was()
    {
        var device = new CpuDevice(1);
        using var net = new MomentumNet(Layers(device, 40), 0.5) { OnDrift = OnDrift.Checkpoint };
        _ = Plan(net, device);
        Assert.That((net.CheckpointEvery, net.LastDrift), Is.EqualTo((0, (double?)null)));
        net.Memory = MemoryMode.Recompute;
        net.Call(Tensor.Randn([8, Width], DType.Float32, device)).Sum().Backward();
        Assert.That(net.CheckpointEvery, Is.GreaterThan(0), "the next forward still measures");
    }

    [Test]
    public void The_app_s_table_and_JSON_have_it_too()
    {
        var device = new CpuDevice(1);
        using var model = Model(device, new MomentumNet(Layers(device, 40), 0.3));
        var plan = new BlockPlan("test", 40, device.Name, Plan(model, device), 0);
        var output = new StringWriter();
        plan.Show(new AppHost(output, TextWriter.Null, isInteractive: false, CancellationToken.None));
        Assert.That(output.ToString(), Does.Match("recompute +left out").And.Contain("1 cannot run in recompute: running 40 layers"));
        Assert.That(
            JsonSerializer.Serialize(plan.ToJson()), Does.Contain("\"LeftOut\":{\"recompute\":\"running 40 layers backwards"));
    }

    private static IEnumerable<Device> Devices() => Device.All.OfType<OpenClDevice>().Prepend<Device>(new CpuDevice(1));

    private static Module[] Layers(Device device, int count) =>
        [.. Enumerable.Range(0, count).Select(i => Nets.Mlp(Width, Width, i, DType.Float32, device))];

    private static Sequential Model(Device device, params MomentumNet[] nets)
    {
        var model = new Sequential([new Linear(Width, Width), .. nets, new Linear(Width, 4)]);
        model.To(device);
        return model;
    }

    private static MemoryPlan Plan(Module model, Device device, long budget = long.MaxValue) =>
        MemoryPlan.For(model, [Rows, Width], budget, device: device);

    private static long Measure(Module model, Device device)
    {
        using var scope = TensorScope.Begin();
        device.Memory.ResetPeak();
        model.Call(Tensor.Randn([Rows, Width], device: device)).Square().Mean().Backward();
        device.Synchronize();
        long peak = device.Memory.PeakBytes;
        model.ZeroGradient();
        return peak;
    }

    private sealed class WithVelocity : Module
    {
        private readonly MomentumNet _net;

        public WithVelocity(MomentumNet net) => _net = RegisterModule("net", net);

        protected override Tensor Forward(Tensor x) => _net.ForwardWithVelocity(x).X;
    }
}
