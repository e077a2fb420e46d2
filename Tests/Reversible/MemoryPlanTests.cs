using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Tests.Reversible;

/// <summary>The plan chooses the fastest modes that fit, and the step then holds what it said.</summary>
[TestFixture]
internal sealed class MemoryPlanTests
{
    private const int Rows = 512;
    private static readonly int[] Widths = [24, 32, 16];

    [Test]
    public void The_measured_peak_is_within_the_budget_and_near_the_prediction([Values(0.0, 0.3, 0.6, 1.0)] double share)
    {
        var device = new CpuDevice(1);
        using var model = Model(device);
        long frugal = Predicted(model, device, [MemoryMode.Recompute]), generous = Predicted(model, device, [MemoryMode.Store]);
        Assert.That(generous, Is.GreaterThan(1.5 * frugal));
        long budget = frugal + (long)(share * (generous - frugal));
        var plan = MemoryPlan.For(model, [Rows, 10], budget, [MemoryMode.Store, MemoryMode.Recompute], device: device);
        Assert.That(plan.Blocks.Select(b => b.Name), Is.EqualTo(new[] { "1", "3", "5" }));
        plan.Apply();
        long measured = Measure(model, device);
        TestContext.Out.WriteLine($"{plan}\nmeasured {measured:N0}");
        Assert.That(plan.PredictedPeakBytes, Is.LessThanOrEqualTo(budget));
        Assert.That(measured, Is.LessThanOrEqualTo(budget));
        Assert.That(measured, Is.EqualTo(plan.PredictedPeakBytes).Within(1).Percent);
    }

    // Which modes a plan chooses hangs on the clock; this does not.
    [Test]
    public void Every_choice_of_modes_peaks_as_predicted()
    {
        var device = new CpuDevice(1);
        using var model = Model(device);
        var probe = new MemoryProbe(
            new PlannedStep(model, [[Rows, 10]], y => y.Square().Mean(), DType.Float32, device), null);
        foreach (var modes in All([.. probe.Blocks.Select(b => b.Costs.Keys.ToDictionary(m => m, m => (Mode: m, Cost: b.Costs[m])))]))
        {
            IReadOnlyDictionary<MemoryMode, BlockCost>[] only = [.. modes.Select(m => new Dictionary<MemoryMode, BlockCost> { [m.Mode] = m.Cost })];
            long predicted = PlanSearch.Best(only, probe.Beside, probe.Outside, long.MaxValue)!.Value.Peak;
            foreach (var (block, choice) in probe.Blocks.Zip(modes))
                block.Network.Memory = choice.Mode;
            string what = string.Join(", ", modes.Select(m => m.Mode));
            long measured = Measure(model, device);
            Assert.That(measured, Is.InRange(predicted - 64, predicted + 64), what);
        }
    }

    [Test]
    public void The_search_equals_brute_force()
    {
        var random = new Random(1);
        MemoryMode[] modes = [MemoryMode.Store, MemoryMode.Recompute, MemoryMode.Exact];
        int fits = 0;
        for (int trial = 0; trial < 200; trial++)
        {
            int count = random.Next(1, 6);
            var blocks = Enumerable.Range(0, count).Select(_ => modes.Take(random.Next(1, 4)).ToDictionary(
                m => m,
                m => new BlockCost(random.Next(20), 40, random.Next(50))
                {
                    ForwardPeakBytes = 20 + random.Next(20), BackwardPeakBytes = 20 + random.Next(20),
                })).ToList();
            (long Forward, long Backward)[] beside =
                [.. Enumerable.Range(0, count).Select(_ => ((long)random.Next(10), (long)random.Next(10)))];
            (int, long)[] outside = [.. Enumerable.Range(0, 6).Select(_ => (random.Next(count + 1), (long)random.Next(40)))];
            long budget = random.Next(30, 120);
            var found = PlanSearch.Best(blocks, beside, outside, budget);
            double? expected = null;
            foreach (var choice in All(blocks))
            {
                long kept = 0, peak = Outside(outside, 0, 0);
                for (int i = 0; i < count; i++)
                {
                    peak = Math.Max(peak, beside[i].Forward + kept + choice[i].ForwardPeakBytes);
                    peak = Math.Max(peak, beside[i].Backward + kept + choice[i].BackwardPeakBytes);
                    kept += choice[i].KeptBytes;
                    peak = Math.Max(peak, Outside(outside, i + 1, kept));
                }

                double time = choice.Sum(c => c.Milliseconds);
                if (peak <= budget && !(expected <= time))
                    expected = time;
            }

            fits += expected == null ? 0 : 1;
            Assert.That(found?.Milliseconds, Is.EqualTo(expected));
        }

        Assert.That(fits, Is.InRange(40, 190), "both outcomes are tried");
    }

    [Test]
    public void A_budget_that_nothing_fits_says_what_is_needed()
    {
        var device = new CpuDevice(1);
        using var model = Model(device);
        Assert.That(
            () => MemoryPlan.For(model, [Rows, 10], 1000, device: device),
            Throws.InvalidOperationException.With.Message.Contains("1,000 bytes").And.Message.Contains("most frugal needs about"));
        Assert.That(
            () => MemoryPlan.For(new Linear(2, 2), [1, 2], 1000),
            Throws.InvalidOperationException.With.Message.Contains("no MomentumNet"));
    }

    [Test]
    public void Measuring_leaves_modes_gradients_and_random_numbers_as_they_were()
    {
        var device = new CpuDevice(1);
        using var random = RandomSource.Use(new RandomSource(4));
        using var model = Model(device);
        var state = RandomSource.Current.State;
        long live = device.Memory.LiveBytes;
        _ = Predicted(model, device, null);
        Assert.That(RandomSource.Current.State, Is.EqualTo(state));
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(live));
        Assert.That(model.Modules().OfType<MomentumNet>().Select(n => n.Memory), Is.All.EqualTo(MemoryMode.Store));
        using var scope = TensorScope.Begin();
        model.Call(Nets.Random([3, 10], 1, dtype: DType.Float32, device: device)).Sum().Backward();
        Assert.That(
            () => MemoryPlan.For(model, [Rows, 10], 1 << 30, device: device),
            Throws.InvalidOperationException.With.Message.Contains("ZeroGradient"));
    }

    [Test]
    public void An_input_that_the_model_holds_on_to_is_not_counted_twice_nor_forgotten([Values] bool skips)
    {
        var device = new CpuDevice(1);
        using var model = new Skipping(skips, device);
        foreach (var mode in Enum.GetValues<MemoryMode>())
        {
            var plan = MemoryPlan.For(
                model, [Rows, 24], long.MaxValue, [mode], device: device, otherShapes: [[Rows, 24]], loss: y => y.Abs().Sum());
            plan.Apply();
            using var scope = TensorScope.Begin();
            device.Memory.ResetPeak();
            var (x, other) = (Tensor.Randn([Rows, 24], device: device), Tensor.Randn([Rows, 24], device: device));
            model.Call(x, other).Abs().Sum().Backward();
            Assert.That(
                device.Memory.PeakBytes,
                Is.InRange(plan.PredictedPeakBytes - 64, plan.PredictedPeakBytes + 64),
                $"{mode}");
            model.ZeroGradient();
        }
    }

    // What a block needs on its own is more than it needs here: terms that are apart there are added up, or freed before.
    [Test]
    public void The_peak_is_that_of_a_whole_step_where_the_blocks_one_by_one_would_need_more(
        [Values("shortcut", "first", "small")] string what, [Values] MemoryMode mode)
    {
        var device = new CpuDevice(1);
        using var random = RandomSource.Use(new RandomSource(1));
        MomentumNet Net(int width, int depth) => new(
            [.. Enumerable.Range(0, depth).Select(i => new Sequential(new Linear(width, width), new Tanh()))], 0.9);
        using Module model = what switch
        {
            "shortcut" => new Sequential(new Linear(32, 30), new Shortcut(Net(30, 1))),
            "first" => new Sequential(Net(32, 1), new Dropout(0.2)),
            _ => new Sequential(new Linear(32, 8), Net(8, 1), Net(8, 1), new Linear(8, 30)),
        };
        model.To(device);
        var plan = MemoryPlan.For(model, [300, 32], long.MaxValue, [mode], device: device);
        plan.Apply();
        using (TensorScope.Begin())
        {
            device.Memory.ResetPeak();
            model.Call(Tensor.Randn([300, 32], device: device)).Square().Mean().Backward();
        }

        long measured = device.Memory.PeakBytes;
        model.ZeroGradient();
        Assert.That(measured, Is.InRange(plan.PredictedPeakBytes - 64, plan.PredictedPeakBytes + 64));
        Assert.That(plan.LeastPeakBytes, Is.EqualTo(plan.PredictedPeakBytes));
        Assert.That(
            MemoryPlan.For(model, [300, 32], plan.LeastPeakBytes, [mode], device: device).PredictedPeakBytes,
            Is.EqualTo(plan.LeastPeakBytes), "the smallest budget is one");
    }

    // Runs look at the layers' outputs more or less closely, which takes memory where the numbers stay on the device.
    [Test]
    public void No_run_goes_above_the_prediction([ValueSource(nameof(Devices))] Device device, [Values] bool nested)
    {
        using var random = RandomSource.Use(new RandomSource(1));
        Module Layer(int i) => nested && i == 1
            ? new MomentumNet([new Linear(8, 8)], 0.9, MemoryMode.Recompute)
            : new Sequential(new Linear(8, 8), new Tanh());
        using var model = new Sequential(new Linear(8, 8), new MomentumNet([.. Enumerable.Range(0, 3).Select(Layer)], 0.9));
        model.To(device);
        var plan = MemoryPlan.For(model, [900, 8], long.MaxValue, [MemoryMode.Recompute], device: device);
        plan.Apply();
        for (int run = 0; run < 10; run++)
        {
            using (TensorScope.Begin())
            {
                device.Synchronize();
                device.Memory.ResetPeak();
                model.Call(Tensor.Randn([900, 8], device: device)).Square().Mean().Backward();
                device.Synchronize();
            }

            Assert.That(
                device.Memory.PeakBytes, Is.InRange(0.9 * plan.PredictedPeakBytes, plan.PredictedPeakBytes + 64), $"run {run}");
            model.ZeroGradient();
        }
    }

    [Test]
    public void A_network_that_runs_twice_is_refused_with_the_reason()
    {
        var device = new CpuDevice(1);
        var block = new MomentumNet([Nets.Mlp(10, 10, 1, DType.Float32, device)], 0.9);
        Assert.That(
            () => MemoryPlan.For(new Sequential(block, new Tanh(), block), [4, 10], 1 << 30, device: device),
            Throws.InvalidOperationException.With.Message.Contains("'0' runs more than once").And.Message.Contains("modes of their own"));
        Assert.That(block.Memory, Is.EqualTo(MemoryMode.Store));
        Assert.That(block.DriftTolerance, Is.EqualTo(1e-3));
    }

    private static IEnumerable<Device> Devices() => [new CpuDevice(1), .. Device.All.OfType<OpenClDevice>().Where(d => d.ComputesDouble)];

    private static Sequential Model(CpuDevice device)
    {
        MomentumNet Block(int width, int depth, int seed) => new(
            [.. Enumerable.Range(0, depth).Select(i => Nets.Mlp(width, width, seed + i, DType.Float32, device))], 0.9);
        return new Sequential(
            new Linear(10, Widths[0], device: device),
            Block(Widths[0], 6, 1),
            new Linear(Widths[0], Widths[1], device: device),
            Block(Widths[1], 9, 20),
            new Linear(Widths[1], Widths[2], device: device),
            Block(Widths[2], 12, 40),
            new Linear(Widths[2], 4, device: device));
    }

    private static long Predicted(Sequential model, CpuDevice device, MemoryMode[]? modes) =>
        MemoryPlan.For(model, [Rows, 10], long.MaxValue / 2, modes, device: device).PredictedPeakBytes;

    private static long Measure(Sequential model, CpuDevice device)
    {
        using var scope = TensorScope.Begin();
        model.ZeroGradient();
        device.Memory.ResetPeak();
        model.Call(Tensor.Randn([Rows, 10], device: device)).Square().Mean().Backward();
        long peak = device.Memory.PeakBytes;
        model.ZeroGradient();
        return peak;
    }

    private static long Outside((int Blocks, long Bytes)[] outside, int blocks, long kept) =>
        outside.Where(o => o.Blocks == blocks).Select(o => o.Bytes + kept).DefaultIfEmpty(0).Max();

    private static IEnumerable<T[]> All<T>(IReadOnlyList<Dictionary<MemoryMode, T>> blocks) =>
        blocks.Aggregate(
            (IEnumerable<T[]>)[[]],
            (choices, block) => choices.SelectMany(c => block.Values.Select(cost => (T[])[.. c, cost])));

    /// <summary>x + block(x).</summary>
    private sealed class Shortcut : Module
    {
        private readonly MomentumNet _block;

        public Shortcut(MomentumNet block) => _block = RegisterModule("block", block);

        protected override Tensor Forward(Tensor x) => x + _block.Call(x);
    }

    /// <summary>block(a, other) + a or + 1, with a = Linear(x).</summary>
    private sealed class Skipping : Module
    {
        private readonly bool _skips;
        private readonly Linear _first;
        private readonly MomentumNet _block;

        public Skipping(bool skips, CpuDevice device)
        {
            _skips = skips;
            _first = RegisterModule("first", new Linear(24, 24, device: device));
            Module[] layers = [.. Enumerable.Range(0, 6).Select(_ => new SumOfLinears([24, 24], dtype: DType.Float32))];
            _block = RegisterModule("block", new MomentumNet(layers, 0.9));
            To(device);
        }

        protected override Tensor Forward(Tensor x, Tensor[] others)
        {
            var a = _first.Call(x);
            var y = _block.Call(a, others);
            var sum = _skips ? y + a : y + 1;
            if (!_skips)
                a.Dispose();
            y.Dispose();
            return sum;
        }
    }
}
