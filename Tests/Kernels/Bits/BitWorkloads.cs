using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Engine.Ops;
using MomentumCore.Tests.Reversible;

namespace MomentumCore.Tests.Kernels.Bits;

/// <summary>What is run on a <see cref="ComparedDevice"/> so that every kernel is launched, in awkward sizes.</summary>
internal static class BitWorkloads
{
    private static readonly DType[] FloatTypes = [DType.Float32, DType.Float64];

    public static void RunAll(ComparedDevice device)
    {
        using var use = Device.Use(device);
        using var random = RandomSource.Use(new RandomSource(5));
        Maps(device);
        foreach (var dtype in FloatTypes)
        {
            Creation(dtype);
            Optimizers(dtype);
            Networks(dtype, device);
            LargerWorkloads.Run(dtype, device);
        }

        Ops(device);
        WholeNumbers(device);
    }

    /// <summary>Maps take any numbers: a prime count, then rows with gaps, rows and columns repeated.</summary>
    private static void Maps(ComparedDevice device)
    {
        var maps = KernelLauncher.All.Values.Where(l => l.IsStrided).ToList();
        foreach (var map in maps)
        {
            var gapless = KernelLauncher.All.Values.Single(l => l != map && l.Name == map.Name && l.Kernel.Form == map.Kernel.Form);
            Launch(device, gapless, 37, [.. gapless.Arguments.Select(_ => 37)]);
            var written = device.Of(gapless.Kernel).Written;
            int[] views = [.. Enumerable.Range(0, map.Arguments.Length).Where(i => KernelLauncher.IsView(map.Arguments[i]))];
            (long Row, long Step)[] layouts = [(0, 1), (1, 0), (14, 2)];
            var chosen = views.Select((v, i) => written.Contains(v) ? (Row: 9L, Step: 1L) : layouts[i % 3]).ToArray();
            var layout = StridedLayout.Create([3, 7], [.. chosen.Select(c => new[] { c.Row, c.Step })]);
            var lengths = new int[map.Arguments.Length];
            for (int i = 0; i < views.Length; i++)
                lengths[views[i]] = (int)((2 * chosen[i].Row) + (6 * chosen[i].Step) + 1);
            Launch(device, map, layout, lengths);
        }
    }

    private static void Launch(ComparedDevice device, KernelLauncher map, object extent, int[] lengths)
    {
        var buffers = new List<DeviceBuffer>();
        int scalars = 0;
        object[] arguments = [.. map.Arguments.Select((type, i) =>
        {
            if (!KernelLauncher.IsView(type))
                return Convert.ChangeType(1.3 + (0.37 * scalars++), type, null);
            var element = Element.Of(type.GetGenericArguments()[0]);
            var buffer = device.Allocate((lengths[i] + 3) * element.Size);
            element.Harden(((ComparedBuffer)buffer).Memory, new Random(i + 1));
            buffers.Add(buffer);
            return element.View(buffer, 2, lengths[i]);
        })];
        map.Launch(device, extent, arguments);
        foreach (var buffer in buffers)
            buffer.Free();
    }

    /// <summary>The examples of every op with first and second derivatives.</summary>
    private static void Ops(ComparedDevice device)
    {
        foreach (var test in OpCase.All)
        {
            foreach (var dtype in FloatTypes)
            {
                foreach (bool isContiguous in new[] { true, false })
                    Op(test, dtype, isContiguous, device);
            }
        }
    }

    private static void Op(OpCase test, DType dtype, bool isContiguous, Device device)
    {
        using var scope = TensorScope.Begin();
        var inputs = test.Inputs(test.Values(), dtype, device, isContiguous);
        Tensor[] wanted = [.. inputs.Where((_, i) => !test.Example.Inputs[i].IsIndex)];
        if (test.Op.IsSubclassOf(typeof(OpWithoutDerivative)))
        {
            _ = test.Example.Call(inputs);
            return;
        }

        foreach (var input in wanted)
            input.RequiresGradient = true;
        try
        {
            var y = test.Example.Call(inputs);
            if (!y.RequiresGradient)
                return;
            // Some ops have a fused backward for those who do not ask for a second one.
            _ = Gradients.Of([y], wanted, [Tensor.Randn(y.Shape, y.DType)], retainGraph: true, allowUnused: true);
            var first = Gradients.Of([y], wanted, [Tensor.Randn(y.Shape, y.DType)], createGraph: true, allowUnused: true);
            var slope = first.Select(g => (g * g).Sum().To(DType.Float64)).Aggregate((a, b) => a + b);
            if (slope.RequiresGradient)
                _ = Gradients.Of([slope], wanted, allowUnused: true);
        }
        catch (GradientException refusal) when (refusal.Message.Contains("second derivative"))
        {
            // A fused backward: the first derivative has run.
        }
    }

    /// <summary>Ops on integers, where they take them.</summary>
    private static void WholeNumbers(ComparedDevice device)
    {
        foreach (var dtype in new[] { DType.Int32, DType.Int64 })
        {
            foreach (var test in OpCase.All)
            {
                using var scope = TensorScope.Begin();
                try
                {
                    _ = test.Example.Call(test.Inputs(test.Values(), dtype, device));
                }
                catch (DTypeException)
                {
                    // For floats alone.
                }
            }
        }
    }

    private static void Creation(DType dtype)
    {
        using var scope = TensorScope.Begin();
        _ = Tensor.Full([7, 5], 3, dtype);
        _ = Tensor.Arange(0, 3, 0.1, dtype);
        _ = Tensor.Linspace(-1, 1, 13, dtype);
        _ = Tensor.Eye(5, 7, dtype);
        _ = Tensor.Rand([37], dtype);
        _ = Tensor.Randn([41], dtype);
        _ = Tensor.RandInt([11], -3, 9);
        _ = Tensor.Randn([5, 7], dtype).Dropout(0.3);
        foreach (var other in Enum.GetValues<DType>())
        {
            var there = Tensor.Randn([37], dtype).To(other);
            _ = there.To(dtype);
            _ = Tensor.Full([5], 2, other);
            _ = there.Reshape(37, 1).Expand([37, 3]).Contiguous();
        }
    }

    private static void Optimizers(DType dtype)
    {
        Func<Tensor[], Optimizer>[] kinds =
        [
            p => new Sgd(p, 0.1, weightDecay: 0.01),
            p => new Sgd(p, 0.1, momentum: 0.9, dampening: 0.1),
            p => new Sgd(p, 0.1, momentum: 0.9, nesterov: true),
            p => new Adam(p, 0.1, weightDecay: 0.1),
            p => new Adam(p, 0.1, amsGrad: true),
            p => new AdamW(p, 0.1),
            p => new RmsProp(p, 0.1),
            p => new RmsProp(p, 0.1, momentum: 0.5),
            p => new RmsProp(p, 0.1, centered: true),
            p => new RmsProp(p, 0.1, centered: true, momentum: 0.5),
        ];
        foreach (var kind in kinds)
        {
            using var scope = TensorScope.Begin();
            Tensor[] parameters = [Tensor.Randn([7, 5], dtype), Tensor.Randn([3], dtype), Tensor.Randn([20011], dtype)];
            foreach (var parameter in parameters)
                parameter.RequiresGradient = true;
            using var optimizer = kind(parameters);
            optimizer.RequireFiniteGradients = true;
            for (int step = 0; step < 3; step++)
            {
                optimizer.ZeroGradient();
                parameters.Select(p => (p * p * p).Sum()).Aggregate((a, b) => a + b).Backward();
                GradientClipping.ByNorm(parameters, 1);
                GradientClipping.ByNorm(parameters, 0.5, double.PositiveInfinity);
                GradientClipping.ByNorm(parameters, 0.4, 3);
                GradientClipping.ByValue(parameters, 0.3);
                optimizer.Step();
            }
        }
    }

    /// <summary>Training steps of small networks in every mode and form.</summary>
    private static void Networks(DType dtype, Device device)
    {
        foreach (var mode in Enum.GetValues<MemoryMode>())
        {
            foreach (bool isResidual in new[] { true, false })
            {
                foreach (bool velocity in new[] { true, false })
                {
                    using var scope = TensorScope.Begin();
                    using var net = Nets.Deep(5, 0.6, mode, velocity: velocity, isResidual: isResidual, dtype: dtype);
                    net.To(device);
                    Step(net, dtype, device);
                    if (mode == MemoryMode.Store)
                    {
                        net.Grid = ExactGrid.Default;
                        Step(net, dtype, device);
                    }

                    if (mode == MemoryMode.Recompute)
                    {
                        net.CheckpointEvery = 2;
                        Step(net, dtype, device);
                    }

                    if (mode != MemoryMode.Exact)
                    {
                        var learned = MomentumNet.WithLearnedGamma(
                            [.. Enumerable.Range(0, 3).Select(i => Nets.Mlp(3, 4, i, dtype))], [0.8], mode, null, isResidual);
                        learned.To(dtype);
                        learned.To(device);
                        Step(learned, dtype, device);
                    }

                    using var state = net.ForwardExact(Nets.Random([5, 3], 1, dtype: dtype, device: device));
                    _ = net.Inverse(state);
                    var (x, v) = net.ForwardWithVelocity(Nets.Random([5, 3], 1, dtype: dtype, device: device));
                    _ = net.Inverse(x, v);
                }
            }
        }
    }

    private static void Step(MomentumNet net, DType dtype, Device device) =>
        Nets.Run(net, Nets.Random([5, 3], 5, requiresGradient: true, dtype, device));
}
