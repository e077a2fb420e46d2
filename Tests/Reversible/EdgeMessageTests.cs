using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Tests.Reversible;

/// <summary>At the edges of what can be computed an error says what was got, what was wanted, and what to do.</summary>
[TestFixture]
internal sealed class EdgeMessageTests
{
    private static IEnumerable<Device> Devices => Device.All.OfType<OpenClDevice>().Prepend<Device>(new CpuDevice(1));

    [Test]
    public void A_learned_gamma_that_rounding_carried_to_an_end_is_an_error_when_it_is_trained(
        [Values(MemoryMode.Store, MemoryMode.Recompute)] MemoryMode mode,
        [Values(-120f, 40f, float.NaN)] float logit,
        [Values] bool shared)
    {
        foreach (var device in Devices)
        {
            using var net = Learned(mode, logit, shared, device);
            using var x = Input(device);
            long before = device.Memory.LiveBytes;
            var error = Assert.Throws<InvalidOperationException>(() => Step(net, x), device.Name)!;
            Assert.That(error.Message, Does.Contain(shared ? "the learned gamma " : "the learned gamma of layer 1 "));
            Assert.That(error.Message, Does.Contain($"gamma_logits[{(shared ? 0 : 1)}]"));
            Assert.That(
                error.Message,
                float.IsNaN(logit)
                    ? Does.Contain("not a number").And.Contain("smaller learning rate")
                    : Does.Contain($"makes it {(logit > 0 ? 1 : 0)}").And.Contain("(0, 1)").And.Contain("within -80 to 16")
                        .And.Contain("Clamp"));
            net.ZeroGradient();
            x.ZeroGradient();
            // On a device that others use too, they come and go.
            if (device is CpuDevice)
                Assert.That(device.Memory.LiveBytes, Is.EqualTo(before), "nothing leaks");
        }
    }

    [Test]
    public void The_range_that_the_message_names_can_be_trained_in_and_inverted(
        [Values(MemoryMode.Store, MemoryMode.Recompute)] MemoryMode mode, [Values] bool low, [Values(DType.Float32, DType.Float64)] DType dtype)
    {
        using var net = Learned(mode, (low, dtype) switch
        {
            (true, DType.Float32) => -80,
            (true, _) => -700,
            (false, DType.Float32) => 16,
            _ => 36,
        }, shared: false, Device.Cpu);
        net.To(dtype);
        using var x = Input(Device.Cpu, dtype);
        net.DriftTolerance = double.PositiveInfinity;
        Assert.That(() => Step(net, x), Throws.Nothing);
        Assert.That(net.Gammas[1], Is.InRange(double.Epsilon, Math.BitDecrement(1.0)));
    }

    [Test]
    public void A_frozen_gamma_of_1_is_a_choice_and_one_of_0_cannot_be_inverted([Values(MemoryMode.Store, MemoryMode.Recompute)] MemoryMode mode)
    {
        using var x = Input(Device.Cpu);
        using var one = Learned(mode, 40, shared: false, Device.Cpu);
        one.GetParameter("gamma_logits").RequiresGradient = false;
        Assert.That(() => Step(one, x), Throws.Nothing);
        using var zero = Learned(mode, -120, shared: false, Device.Cpu);
        zero.GetParameter("gamma_logits").RequiresGradient = false;
        Assert.That(
            () => Step(zero, x),
            mode == MemoryMode.Store ? Throws.Nothing : Throws.InvalidOperationException.With.Message.Contains("cannot be inverted"));
        zero.GetParameter("gamma_logits").RequiresGradient = true;
        using var noGrad = NoGrad.Begin();
        Assert.That(() => zero.Call(x).Dispose(), Throws.Nothing, "nothing is trained here");
    }

    [Test]
    public void A_gamma_so_near_1_that_exact_steps_would_be_lost_is_refused_by_name()
    {
        using var net = new MomentumNet(Layers(Device.Cpu), [0.9, 1 - 1e-8, 0.9], MemoryMode.Exact);
        Assert.That(
            () => net.Call(Nets.Random([4, 3], 1, dtype: DType.Float32)),
            Throws.ArgumentException.With.Message.Contains("layer 1 has gamma = 0.99999999").And.Message.Contains("use Float64"));
        net.Memory = MemoryMode.Store;
        Assert.That(() => net.Call(Nets.Random([4, 3], 1, dtype: DType.Float32)), Throws.Nothing);
    }

    [Test]
    public void A_tiny_gamma_in_the_middle_is_named_by_every_mode_that_cannot_run_with_it([Values(1e-12, 1e-30)] double tiny)
    {
        using var x = Input(Device.Cpu);
        using var net = new MomentumNet(Layers(Device.Cpu), [0.9, tiny, 0.9]);
        Assert.That(() => Step(net, x), Throws.Nothing, "Store has no inverse to take");
        net.Memory = MemoryMode.Recompute;
        Assert.That(
            () => Step(net, x),
            Throws.TypeOf<ReversalException>().With.Message.Contains($"gamma = {(tiny == 1e-12 ? "1E-12" : "1E-30")} to 0.9")
                .And.Message.Contains("MemoryMode.Store"));
        net.Memory = MemoryMode.Exact;
        Assert.That(
            () => Step(net, x),
            Throws.ArgumentException.With.Message.Contains($"layer 1 keeps gamma = {(tiny == 1e-12 ? "1E-12" : "1E-30")}")
                .And.Message.Contains("at least 2^-28").And.Message.Contains("MemoryMode.Store"));
    }

    [TestCase(1e38f)]
    [TestCase(-3e38f)]
    public void A_huge_input_is_told_by_its_size(float value)
    {
        foreach (var device in Devices)
        {
            using var x = Input(device);
            using var huge = Tensor.Full([4, 3], value, device: device);
            using var net = new MomentumNet(Layers(device), 0.9, MemoryMode.Exact);
            AssertTold(() => Step(net, huge), "the input reached a position of about");
            using var fast = new MomentumNet(Layers(device), 0.9, MemoryMode.Exact, new Lambda(z => (z * 0.0) + value));
            AssertTold(() => Step(fast, x), "the input reached a velocity of about");
        }

        void AssertTold(Action step, string what)
        {
            var error = Assert.Throws<GridRangeException>(step)!;
            Assert.That(error.Layer, Is.EqualTo(-1));
            Assert.That(error.Largest, Is.EqualTo(Math.Abs(value)).Within(1).Percent);
            Assert.That(error.Message, Does.Contain(what).And.Contain("E+38").And.Not.Contain("Infinity").And.Not.Contain("∞"));
        }
    }

    [Test]
    public void A_huge_or_infinite_value_inside_is_told_with_the_layer_and_the_limit_of_counting(
        [Values(1e38, double.PositiveInfinity)] double value, [Values(DType.Float32, DType.Float64)] DType dtype)
    {
        double size = dtype == DType.Float64 && double.IsFinite(value) ? 1e307 : value;
        using var scope = TensorScope.Begin();
        var x = Input(Device.Cpu, dtype);
        var net = new MomentumNet([new Lambda(z => z * 0.5), new Lambda(z => z + size)], 0.5, MemoryMode.Exact);
        var error = Assert.Throws<GridRangeException>(() => Step(net, x))!;
        Assert.That(error.Layer, Is.EqualTo(1));
        Assert.That(
            error.Message,
            Does.Contain("layer 1 gave values that are infinite or above about").And.Contain("steps of the grid")
                .And.Contain("the range is below about").And.Not.Contain("Infinity"));
        var input = Assert.Throws<GridRangeException>(() => Step(net, Tensor.Full([4, 3], double.PositiveInfinity, dtype)))!;
        Assert.That(input.Message, Does.Contain("the input holds an infinite position").And.Not.Contain("Infinity"));
    }

    [Test]
    public void A_disposed_network_says_so_and_what_to_do([Values] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        var net = new MomentumNet(Layers(Device.Cpu), 0.9, mode);
        var x = Input(Device.Cpu);
        var (last, v) = net.ForwardWithVelocity(x);
        using var state = net.ForwardExact(x);
        net.Dispose();
        foreach (Action use in new Action[]
        {
            () => net.Call(x), () => net.ForwardWithVelocity(x), () => net.Inverse(last, v), () => net.ForwardExact(x), () => net.Inverse(state),
        })
        {
            Assert.That(
                () => use(),
                Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("MomentumNet: parameter 'network.0.0.weight' was freed")
                    .And.Message.Contains("load its weights"));
        }

        using var noGrad = NoGrad.Begin();
        Assert.That(() => net.Call(x), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("network.0.0.weight"));
        Assert.That(net.ToString(), Does.Contain("gamma: 0.9"));
    }

    [Test]
    public void A_network_disposed_before_backward_says_so_where_its_layers_run_again([Values] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        var net = new MomentumNet(Layers(Device.Cpu), 0.9, mode);
        var x = Input(Device.Cpu);
        var loss = net.Call(x).Sum();
        net.Dispose();
        if (mode == MemoryMode.Store)
        {
            loss.Backward();
            Assert.That(x.Gradient!.ToArray<float>(), Has.Some.Not.Zero);
            return;
        }

        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<GradientException>().With.Message.Contains("'network.0.0.weight' was freed between forward and backward"));
    }

    [Test]
    public void A_disposed_network_of_learned_gammas_says_so_too()
    {
        using var scope = TensorScope.Begin();
        var net = Learned(MemoryMode.Recompute, 2, shared: true, Device.Cpu);
        net.Dispose();
        Assert.That(
            () => net.Call(Input(Device.Cpu)), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("'gamma_logits' was freed"));
        Assert.That(net.ToString(), Does.Contain("gamma: freed (learned)"));
    }

    [Test]
    public void A_freed_input_is_not_taken_for_a_disposed_network([Values] MemoryMode mode)
    {
        using var net = new MomentumNet(Layers(Device.Cpu), 0.9, mode);
        var x = Input(Device.Cpu);
        x.Dispose();
        Assert.That(
            () => net.Call(x), Throws.TypeOf<ObjectDisposedException>().With.Message.Contains("This tensor of shape [4, 3] was freed"));
    }

    private static MomentumNet Learned(MemoryMode mode, float logit, bool shared, Device device)
    {
        var net = MomentumNet.WithLearnedGamma(Layers(device), shared ? [0.5] : [0.5, 0.5, 0.5], mode);
        net.To(device);
        using var noGrad = NoGrad.Begin();
        using var values = Tensor.From<float>(shared ? [logit] : [0, logit, 0], [shared ? 1 : 3], device);
        net.GetParameter("gamma_logits").CopyFrom(values);
        return net;
    }

    private static Module[] Layers(Device device) =>
        [.. Enumerable.Range(0, 3).Select(i => Nets.Mlp(3, 4, i, DType.Float32, device))];

    private static Tensor Input(Device device, DType dtype = DType.Float32) =>
        Nets.Random([4, 3], 1, requiresGradient: true, dtype, device);

    private static void Step(MomentumNet net, Tensor x)
    {
        using var scope = TensorScope.Begin();
        net.Call(x).Sum().Backward();
        // What a queue has found wrong comes out where the host waits for it.
        x.Device.Synchronize();
    }
}
