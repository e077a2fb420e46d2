using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>Exact gives the states, outputs and gradients of Store on the same grid, bit for bit.</summary>
[TestFixture]
internal sealed class ExactTests
{
    private static readonly double[] Gammas = Promise.Gammas;
    private static readonly int[] Depths = Promise.Depths;

    [Test]
    public void Every_position_recovered_and_every_gradient_has_the_bits_of_Store_on_the_grid(
        [ValueSource(nameof(Gammas))] double gamma, [ValueSource(nameof(Depths))] int depth)
    {
        double g = Promise.Gamma(gamma, depth);
        var watched = Enumerable.Range(0, depth).Select(layer => new Watched(Nets.Mlp(6, 4, layer, DType.Float32))).ToArray();
        var net = new MomentumNet(watched, g, MemoryMode.Exact) { Grid = ExactGrid.Default };
        var x = Nets.Random([3, 6], 5, requiresGradient: true, DType.Float32);
        var exact = Nets.Run(net, x);
        Assert.That(watched.All(w => w.Seen.Count == 2 && w.Seen[0].AsSpan().SequenceEqual(w.Seen[1])));
        net.Memory = MemoryMode.Store;
        AssertSameBits(exact, Nets.Run(net, x));
        Assert.That(watched.All(w => w.Seen[0].AsSpan().SequenceEqual(w.Seen[2])));
    }

    [Test]
    public void So_it_is_in_every_form(
        [Values(DType.Float32, DType.Float64)] DType dtype, [Values] bool velocity, [Values] bool isResidual)
    {
        var net = Nets.Deep(40, 0.8, MemoryMode.Store, velocity: velocity, isResidual: isResidual, dtype: dtype);
        AssertExactIsStored(net, Nets.Random([5, 3], 5, requiresGradient: true, dtype));
    }

    [TestCase(4, DType.Float32)]
    [TestCase(10, DType.Float32)]
    [TestCase(20, DType.Float32)]
    [TestCase(30, DType.Float64)]
    [TestCase(48, DType.Float64)]
    public void So_it_is_on_every_grid(int bits, DType dtype)
    {
        var net = Nets.Deep(30, 0.7, MemoryMode.Store, dtype: dtype);
        AssertExactIsStored(net, Nets.Random([5, 3], 5, requiresGradient: true, dtype), new ExactGrid { FractionBits = bits });
    }

    [Test]
    public void So_it_is_in_odd_shapes([Values] bool wide)
    {
        var net = MomentumNet.Repeat(new Lambda(x => (x * 0.5).Sin()), 9, 0.6);
        AssertExactIsStored(net, Nets.Random(wide ? [5, 1, 13] : [0, 3], 5, requiresGradient: true, DType.Float32));
        AssertExactIsStored(net, Nets.Random([], 5, requiresGradient: true, DType.Float32));
        AssertExactIsStored(net, Nets.Random([33], 5, requiresGradient: true, DType.Float64));
    }

    [Test]
    public void So_it_is_where_nothing_is_recorded()
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(40, 0.7, MemoryMode.Exact, velocity: true, dtype: DType.Float32);
        var x = Nets.Random([5, 3], 5, requiresGradient: true, DType.Float32);
        net.Grid = ExactGrid.Default;
        double[] recorded = net.Call(x).Values();
        using var noGrad = NoGrad.Begin();
        var y = net.Call(x);
        Assert.That(Bits(y.Values()), Is.EqualTo(Bits(recorded)));
        Assert.That(y.RequiresGradient, Is.False);
        net.Memory = MemoryMode.Store;
        Assert.That(Bits(net.Call(x).Values()), Is.EqualTo(Bits(recorded)));
    }

    [Test]
    public void It_is_near_the_plain_network()
    {
        var net = Nets.Deep(20, 0.9, MemoryMode.Store);
        var x = Nets.Random([5, 3], 5, requiresGradient: true);
        var plain = Nets.Run(net, x);
        net.Memory = MemoryMode.Exact;
        Nets.AssertSame(Nets.Run(net, x), plain, 1e-9);
    }

    [Test]
    public void Any_number_of_threads_and_every_run_give_the_same_bits([Values(1, 2, 3, 7)] int threads)
    {
        var expected = OnDevice(new CpuDevice(2), MemoryMode.Store);
        AssertSameBits(OnDevice(new CpuDevice(threads), MemoryMode.Exact), expected);
        AssertSameBits(OnDevice(new CpuDevice(threads), MemoryMode.Exact), expected);
    }

    [Test]
    public void Every_OpenCL_device_gives_Exact_the_bits_of_Store_on_the_grid([Values] bool hostSideStore)
    {
        var devices = Device.All.OfType<OpenClDevice>().ToList();
        if (devices.Count == 0)
            Assert.Warn("No OpenCL device here: nothing was compared.");
        foreach (var device in devices)
        {
            var grid = new ExactGrid { SideStoreOnHost = hostSideStore };
            var stored = OnDevice(device, MemoryMode.Store, grid);
            var exact = OnDevice(device, MemoryMode.Exact, grid);
            AssertSameBits(exact, stored);
        }
    }

    [TestCase(DType.Float32)]
    [TestCase(DType.Float64)]
    public void A_network_of_elementwise_layers_has_the_bits_of_the_CPU_on_every_OpenCL_device(DType dtype)
    {
        (double[], double[]?[]) On(Device device)
        {
            using var scope = TensorScope.Begin();
            var net = MomentumNet.Repeat(new Lambda(x => (x * 0.75).Tanh()), 40, 0.6, MemoryMode.Exact);
            return Nets.Run(net, Nets.Random([31, 7], 5, requiresGradient: true, dtype, device));
        }

        var devices = Device.All.OfType<OpenClDevice>().ToList();
        if (devices.Count == 0)
            Assert.Warn("No OpenCL device here: nothing was compared.");
        foreach (var device in devices)
            AssertSameBits(On(device), On(Device.Cpu));
    }

    [Test]
    public void Side_bits_per_element_are_at_most_one_more_than_the_information_that_is_lost(
        [Values(0.1, 0.3, 0.5, 0.9, 0.99, 0.999)] double gamma, [Values(1, 7, 64, 300, 1024)] int depth) =>
        AssertSideBits(gamma, depth);

    [Test]
    public void Side_bits_of_gamma_1_minus_1_over_T_do_not_grow_with_depth([Values(16, 256, 1024, 4096)] int depth)
    {
        double gamma = 1 - (1.0 / depth);
        AssertSideBits(gamma, depth);
        Assert.That(Math.Floor(depth * Math.Log2(1 / gamma)), Is.EqualTo(1), "1.44 bits");
    }

    private static void AssertSideBits(double gamma, int depth)
    {
        const int Count = 64;
        var device = new CpuDevice(1);
        using var scope = TensorScope.Begin();
        var net = MomentumNet.Repeat(new Lambda(x => x * -0.5), depth, gamma, MemoryMode.Exact);
        var x = Nets.Random([Count], 1, requiresGradient: true, DType.Float32, device);
        long before = device.Memory.LiveBytes;
        var y = net.Call(x);
        const int OutputAndVelocity = 2 * 4 * Count;
        double bits = 8.0 * (device.Memory.LiveBytes - before - OutputAndVelocity) / Count;
        Assert.That(bits, Is.EqualTo(Math.Floor(depth * Math.Log2(1 / gamma) * (1 + 1e-12))).Within(0));
        using (var loss = y.Sum())
            loss.Backward();
        y.Dispose();
        Assert.That(device.Memory.LiveBytes - before, Is.EqualTo(4 * Count), "the gradient of x alone is left");
    }

    [Test]
    public void The_side_store_is_given_back_as_it_is_used()
    {
        var device = new CpuDevice(1);
        using var scope = TensorScope.Begin();
        var live = new List<long>();
        var net = MomentumNet.Repeat(
            new Lambda(x =>
            {
                live.Add(device.Memory.LiveBytes);
                return x * -0.5;
            }),
            20,
            0.5,
            MemoryMode.Exact);
        var y = net.Call(Nets.Random([3200], 1, requiresGradient: true, DType.Float32, device));
        live.Clear();
        y.Sum().Backward();
        const long Plane = 400;
        Assert.That(live.Zip(live.Skip(1), (a, b) => a - b).Skip(1), Is.All.EqualTo(Plane));
    }

    [Test]
    public void The_side_store_may_lie_in_host_memory()
    {
        var device = Device.Emulator;
        long Planes(bool onHost)
        {
            using var scope = TensorScope.Begin();
            var net = MomentumNet.Repeat(new Lambda(x => x * -0.5), 20, 0.5, MemoryMode.Exact);
            net.Grid = new ExactGrid { SideStoreOnHost = onHost };
            var y = net.Call(Nets.Random([320], 1, requiresGradient: true, DType.Float32, device));
            var planes = ((MomentumExact)y.Producer!).Memory.Side.Planes;
            Assert.That(planes, Has.Count.EqualTo(20));
            Assert.That(planes.All(p => ReferenceEquals(p!.Device, onHost ? (Device)Device.Cpu : device)));
            return device.Memory.LiveBytes;
        }

        const long Bytes = 20 * 320 / 8;
        Assert.That(Planes(onHost: false) - Planes(onHost: true), Is.EqualTo(Bytes), "of the device");
    }

    [Test]
    public void Gamma_zero_is_refused_and_gamma_one_needs_no_bits()
    {
        var net = Nets.Deep(5, 0, MemoryMode.Store);
        Assert.That(() => net.Memory = MemoryMode.Exact, Throws.ArgumentException.With.Message.Contains("gamma = 0"));
        using var scope = TensorScope.Begin();
        var still = Nets.Deep(50, 1, MemoryMode.Exact, velocity: true);
        var y = still.Call(Nets.Random([4, 3], 1, requiresGradient: true));
        Assert.That(((MomentumExact)y.Producer!).Memory.Side.BitsPerElement, Is.Zero);
        AssertExactIsStored(still, Nets.Random([4, 3], 1, requiresGradient: true));
    }

    [Test]
    public void A_gamma_that_would_need_more_bits_than_there_are_is_refused()
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(2, 1e-10, MemoryMode.Exact, dtype: DType.Float32);
        Assert.That(
            () => net.Call(Nets.Random([4, 3], 1, dtype: DType.Float32)),
            Throws.ArgumentException.With.Message.Contains("layer 0").And.Message.Contains("30 bits"));
    }

    [Test]
    public void A_parameter_that_is_used_several_times_and_outside_the_block_too_gets_the_bits_of_Store()
    {
        using var scope = TensorScope.Begin();
        var shared = Nets.Mlp(4, 4, 1, DType.Float32);
        var net = new MomentumNet([shared, new Sequential(shared, shared), shared, new Sequential(shared, new Tanh(), shared)], 0.9) { Grid = ExactGrid.Default };
        var x = Nets.Random([5, 4], 2, requiresGradient: true, DType.Float32);
        double[][] Gradients(MemoryMode mode)
        {
            net.Memory = mode;
            var y = shared.Call(net.Call(shared.Call(x))).Sum();
            return [.. MomentumCore.Engine.Gradients.Of(y, [x, .. net.Parameters()]).Select(g => g.Values())];
        }

        AssertSameBits(([], Gradients(MemoryMode.Exact)), ([], Gradients(MemoryMode.Store)));
    }

    /// <summary>Exact against Store on the same grid.</summary>
    private static void AssertExactIsStored(MomentumNet net, Tensor x, ExactGrid? grid = null)
    {
        net.Grid = grid ?? ExactGrid.Default;
        net.Memory = MemoryMode.Store;
        var stored = Nets.Run(net, x);
        net.Memory = MemoryMode.Exact;
        AssertSameBits(Nets.Run(net, x), stored);
    }

    private static (double[] Output, double[]?[] Gradients) OnDevice(Device device, MemoryMode mode, ExactGrid? grid = null)
    {
        using var scope = TensorScope.Begin();
        var net = Nets.Deep(30, 0.7, mode, width: 37, hidden: 11, velocity: true, dtype: DType.Float32);
        net.Grid = grid ?? ExactGrid.Default;
        net.To(device);
        return Nets.Run(net, Nets.Random([300, 37], 5, requiresGradient: true, DType.Float32, device));
    }

    private static void AssertSameBits((double[] Output, double[]?[] Gradients) actual, (double[] Output, double[]?[] Gradients) expected)
    {
        Assert.That(Bits(actual.Output), Is.EqualTo(Bits(expected.Output)));
        Assert.That(actual.Gradients, Has.Length.EqualTo(expected.Gradients.Length));
        for (int i = 0; i < actual.Gradients.Length; i++)
            Assert.That(Bits(actual.Gradients[i]), Is.EqualTo(Bits(expected.Gradients[i])), $"gradient {i}");
    }

    private static long[]? Bits(double[]? values) => values?.Select(BitConverter.DoubleToInt64Bits).ToArray();

    /// <summary>Takes note of the bits of every input.</summary>
    private sealed class Watched : Module
    {
        private readonly Module _inner;

        public Watched(Module inner) => _inner = RegisterModule("inner", inner);

        public List<int[]> Seen { get; } = [];

        protected override Tensor Forward(Tensor x)
        {
            Seen.Add([.. x.ToArray<float>().Select(BitConverter.SingleToInt32Bits)]);
            return _inner.Call(x);
        }
    }
}
