using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>Layers that are evaluated another time leave no trace: not in buffers, not in modes, not in memory.</summary>
[TestFixture]
internal sealed class TraceTests
{
    private const int Width = 3;

    [Test]
    public void Statistics_of_a_module_of_one_s_own_move_once_a_step(
        [Values(MemoryMode.Recompute, MemoryMode.Exact)] MemoryMode mode, [Values] OnDrift onDrift, [Values] bool onOpenCl)
    {
        var device = onOpenCl ? OpenCl() : Device.Cpu;
        double[] Statistics(MemoryMode memory)
        {
            using var scope = TensorScope.Begin();
            var net = new MomentumNet([.. Enumerable.Range(0, 30).Select(_ => Observer(device))], 0.5, memory)
            {
                OnDrift = onDrift,
                DriftTolerance = onDrift == OnDrift.Checkpoint ? 1e-9 : 1e-3,
            };
            double[] statistics = Step(net, device);
            bool keeps = memory == MemoryMode.Recompute && onDrift == OnDrift.Checkpoint;
            Assert.That(net.CheckpointEvery, keeps ? Is.GreaterThan(0) : Is.Zero);
            return statistics;
        }

        Assert.That(Statistics(mode), Is.EqualTo(Statistics(MemoryMode.Store)).Within(mode == MemoryMode.Exact ? 1e-4 : 0));
    }

    private static double[] Step(MomentumNet net, Device device)
    {
        foreach (var buffer in net.Buffers())
            buffer.Fill(0);
        net.Call(Nets.Random([4, Width], 1, requiresGradient: true, device: device)).Sum().Backward();
        double[] values = [.. net.Buffers().SelectMany(b => b.Values())];
        Assert.That(values.Where((_, i) => i % 2 == 0), Is.All.EqualTo(1), "each has counted one step");
        return values;
    }

    [Test]
    public void Statistics_of_a_module_of_one_s_own_stay_in_Inverse()
    {
        using var scope = TensorScope.Begin();
        var net = new MomentumNet([Observer(Device.Cpu), Observer(Device.Cpu)], 0.9, MemoryMode.Exact);
        var x = Nets.Random([4, Width], 1);
        var (last, v) = net.ForwardWithVelocity(x);
        using var state = net.ForwardExact(x);
        double[] before = [.. net.Buffers().SelectMany(b => b.Values())];
        net.Inverse(last, v);
        net.Inverse(state);
        Assert.That(net.Buffers().SelectMany(b => b.Values()), Is.EqualTo(before));
        Assert.That(before[0], Is.EqualTo(2), "two forwards");
    }

    [Test]
    public void Statistics_of_a_module_of_one_s_own_are_put_back_when_a_layer_fails_in_backward(
        [Values(MemoryMode.Recompute, MemoryMode.Exact)] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        bool fails = false;
        var net = new MomentumNet(
            [new Lambda(x => fails ? throw new InvalidOperationException("no") : x.Tanh()), Observer(Device.Cpu)], 0.9, mode);
        var loss = net.Call(Nets.Random([4, Width], 1, requiresGradient: true)).Sum();
        double[] before = [.. net.Buffers().SelectMany(b => b.Values())];
        fails = true;
        Assert.That(() => loss.Backward(), Throws.InvalidOperationException.With.Message.EqualTo("no"));
        Assert.That(net.Buffers().SelectMany(b => b.Values()), Is.EqualTo(before));
    }

    [Test]
    public void The_mode_of_forward_holds_in_backward_s_own_flow_alone(
        [Values(MemoryMode.Recompute, MemoryMode.Exact)] MemoryMode mode)
    {
        using var scope = TensorScope.Begin();
        var seen = new List<(bool Here, bool InTask, bool Elsewhere)>();
        Module? spied = null;
        var spy = new Lambda(x =>
        {
            bool inTask = Task.Run(() => spied!.IsTraining).Result, elsewhere = false;
            Thread other;
            using (ExecutionContext.SuppressFlow())
            {
                other = new Thread(() => elsewhere = spied!.IsTraining);
                other.Start();
            }

            other.Join();
            seen.Add((spied!.IsTraining, inTask, elsewhere));
            return x.Tanh();
        });
        spied = spy;
        var net = new MomentumNet([spy], 0.9, mode);
        var loss = net.Call(Nets.Random([4, Width], 1, requiresGradient: true)).Sum();
        net.Eval();
        loss.Backward();
        Assert.That(seen, Is.EqualTo([(true, true, true), (true, true, false)]));
        Assert.That(spy.IsTraining, Is.False);
    }

    [Test]
    public void Going_forward_and_back_by_hand_takes_the_same_memory_at_any_depth(
        [Values("ForwardExact", "Inverse of a state", "Inverse", "first forward with checkpoints")] string what)
    {
        long shallow = Peak(10), deep = Peak(100);
        Assert.That(deep, Is.LessThanOrEqualTo(shallow * 1.05));

        long Peak(int depth)
        {
            var device = new CpuDevice(1);
            using var scope = TensorScope.Begin();
            var net = MomentumNet.Repeat(
                Nets.Mlp(24, 8, 1, DType.Float32, device), depth, 1 - (1 / (50.0 * depth)), MemoryMode.Recompute);
            net.OnDrift = what.StartsWith("first", StringComparison.Ordinal) ? OnDrift.Checkpoint : OnDrift.Throw;
            var x = Nets.Random([256, 24], 1, requiresGradient: true, DType.Float32, device);
            var (last, v) = net.OnDrift == OnDrift.Throw ? net.ForwardWithVelocity(x.Detach()) : (x, x);
            // Without bits to set aside, which grow with depth as they must.
            using var state = net.OnDrift == OnDrift.Throw ? net.ForwardExact(x) : null;
            device.Memory.ResetPeak();
            long before = device.Memory.LiveBytes;
            switch (what)
            {
                case "ForwardExact":
                    net.ForwardExact(x).Dispose();
                    break;
                case "Inverse of a state":
                    net.Inverse(state!);
                    break;
                case "Inverse":
                    net.Inverse(last, v);
                    break;
                default:
                    _ = net.Call(x);
                    Assert.That(net.CheckpointEvery, Is.Zero, "it has looked, and needs none");
                    break;
            }

            return device.Memory.PeakBytes - before;
        }
    }

    private static Device OpenCl()
    {
        if (Device.All.OfType<OpenClDevice>().FirstOrDefault() is { } device)
            return device;
        Assert.Ignore("no OpenCL device");
        return Device.Cpu;
    }

    private static Module Observer(Device device) => new Watching(device);

    /// <summary>Counts its forwards, and follows the mean of its input, in training.</summary>
    private sealed class Watching : Module
    {
        private readonly Tensor _count;
        private readonly Tensor _mean;

        public Watching(Device device)
        {
            _count = RegisterBuffer("count", Tensor.Zeros([], DType.Float64, device))!;
            _mean = RegisterBuffer("mean", Tensor.Zeros([], DType.Float64, device))!;
        }

        protected override Tensor Forward(Tensor x)
        {
            if (IsTraining)
            {
                using var noGrad = NoGrad.Begin();
                _count.CopyFrom(_count + 1.0);
                _mean.CopyFrom((_mean * 0.9) + (x.Detach().Mean() * 0.1));
            }

            return x.Tanh();
        }
    }
}
