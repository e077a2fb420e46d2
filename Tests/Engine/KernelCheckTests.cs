using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Engine;

/// <summary>Kernel.Check lets good kernels pass and finds each kind of fault.</summary>
[TestFixture]
[NonParallelizable] // watches all memory of a device meanwhile
internal sealed class KernelCheckTests
{
    [Test]
    public void A_good_operation_passes_on_every_device()
    {
        var report = Kernel.Check(t => new SwishOp().Apply(t[0]));
        Assert.That(report.Devices, Is.SupersetOf(Device.All.Select(d => d.Name)));
        Assert.That(report.LargestDifference, Is.Zero);
        Assert.That(report.Cases, Is.GreaterThan(20));
        Assert.That((report.ElementsMoved, report.ElementsInDirections), Is.EqualTo((63, 70_001)));
        Assert.That(
            report.ToString(), Does.Contain("the same bits").And.Contain("cpu").And.Contain(
                "the derivative agrees with central differences, each element of up to 63, and along directions of up " +
                "to 70001 elements."));
    }

    [Test]
    public void An_operation_of_several_inputs_passes()
    {
        var report = Kernel.Check(t => (t[0] * t[1]) + t[0].Tanh(), inputs: 2);
        Assert.That(report.ChecksGradient, Is.True);
        report = Kernel.Check(
            t => t[0].MatMul(t[1]), [[[3, 5], [5, 2]], [[1, 1], [1, 1]], [[17, 33], [33, 9]]], tolerance: 1e-5);
        Assert.That(report.ChecksGradient, Is.True);
    }

    [Test]
    public void A_good_kernel_passes_by_itself_in_both_types()
    {
        Assert.That(
            Kernel.Check<float>((device, n, v) => CheckedKernels.Swish(device, n, v[0], v[1]), views: 2)
                .LargestDifference,
            Is.Zero);
        Assert.That(
            Kernel.Check<double>((device, n, v) => CheckedKernels.Swish(device, n, v[0], v[1]), views: 2)
                .ChecksGradient,
            Is.False);
        Kernel.Check<float>(
            (device, n, v) => CheckedKernels.PairSum(device, n, v[0], v[1]), views: 2, lengths: n => [2 * n, n]);
    }

    [Test]
    public void A_wrong_derivative_is_found() =>
        Assert.That(
            () => Kernel.Check(t => new WrongOp().Apply(t[0])),
            Throws.TypeOf<GradientException>().With.Message.Contains("central differences"));

    [TestCase(0, "element [0] ")]
    [TestCase(-1, "element [64] ")]
    [TestCase(-1, "element [1, 32] ", 2, 33)]
    public void A_derivative_that_is_wrong_at_one_element_of_a_large_shape_is_found(
        int element, string message, params int[] sizes)
    {
        Shape[][] shapes = [[sizes.Length > 0 ? sizes : [65]]];
        Assert.That(
            () => Kernel.Check(t => new WrongInLargeShapes(element).Apply(t[0]), shapes),
            Throws.TypeOf<GradientException>().With.Message.Contains(message)
                .And.Message.Contains("backward gives").And.Message.Contains("central differences give"));
    }

    [Test]
    public void A_derivative_that_is_wrong_in_large_shapes_alone_is_found() =>
        Assert.That(
            () => Kernel.Check(t => new WrongInLargeShapes().Apply(t[0])),
            Throws.TypeOf<GradientException>().With.Message.Contains("(shape [65]) is wrong at element"));

    [Test]
    public void Kinks_among_many_elements_do_not_matter()
    {
        // Of 70,001 elements some lie within a step of zero.
        var report = Kernel.Check(t => t[0].Relu() + t[0].Abs(), [[[70_001]]], low: -0.05, high: 0.05);
        Assert.That((report.ElementsMoved, report.ElementsInDirections), Is.EqualTo((0, 70_001)));
        Assert.That(report.ToString(), Does.Contain("central differences, along directions of up to 70001 elements."));
    }

    [Test]
    public void Without_a_derivative_the_report_says_that_it_was_not_checked()
    {
        foreach (var operation in (Func<Tensor[], Tensor>[])[t => t[0].Detach() * 2, t => t[0].Less(0)])
        {
            var report = Kernel.Check(operation);
            Assert.That(report.ChecksGradient, Is.False);
            Assert.That(report.ToString(), Does.Contain("No derivative: not checked").And.Not.Contain("differences"));
        }

        Assert.That(
            Kernel.Check(t => t[0] * 2, [[[0]]]).ToString(),
            Does.Contain("The derivative was not checked: no case has an element"));
    }

    [Test]
    public void What_would_check_nothing_is_refused()
    {
        static Tensor Twice(Tensor[] t) => t[0] * 2;
        Assert.That(() => Kernel.Check(Twice, []), Refuses("no shapes"));
        Assert.That(() => Kernel.Check(Twice, [[]]), Refuses("a case has no inputs"));
        Assert.That(() => Kernel.Check(Twice, low: 3, high: 1), Refuses("no inputs from 3 to 1"));
        Assert.That(() => Kernel.Check(Twice, low: double.NaN), Refuses("no inputs from NaN"));
        Assert.That(() => Kernel.Check(Twice, high: double.PositiveInfinity), Refuses("no inputs from -2"));
        foreach (double tolerance in (double[])[double.NaN, -1, double.PositiveInfinity])
        {
            Assert.That(() => Kernel.Check(Twice, tolerance: tolerance), Refuses("a tolerance of"));
            Assert.That(
                () => Kernel.Check<float>(
                    (device, n, v) => CheckedKernels.Swish(device, n, v[0], v[1]), views: 2, tolerance: tolerance),
                Refuses("a tolerance of"));
        }

        Assert.That(
            () => Kernel.Check(_ => null!),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("the operation returned null"));

        static NUnit.Framework.Constraints.Constraint Refuses(string why) =>
            Throws.ArgumentException.With.Message.Contains(why);
    }

    [Test]
    public void Inputs_outside_of_the_domain_hint_at_low_and_high()
    {
        Assert.That(
            () => Kernel.Check(t => t[0].Log()),
            Throws.TypeOf<GradientException>().With.Message.Contains("NaN").And.Message.Contains("low and high"));
        Assert.That(() => Kernel.Check(t => t[0].Log(), low: 0.5), Throws.Nothing);
    }

    [Test]
    public void Types_that_disagree_are_found() =>
        Assert.That(
            () => Kernel.Check(t => t[0] * (t[0].DType == DType.Float32 ? 1.1 : 1)),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("Float32 gives").And.Message.Contains("Float64"));

    [Test]
    public void Work_items_that_write_one_place_are_found()
    {
        Assert.That(
            () => Kernel.Check<float>((device, n, v) => CheckedKernels.Scatter(device, n, v[0], v[1]), views: 2),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("Two work items write one place")
                .And.Message.Contains(" work items, emulator: view 1, element 0"));
        Assert.That(
            () => Kernel.Check<float>(
                (device, n, v) => CheckedKernels.ScatterInGroups(device, ((n + 1) / 2, 2), v[0], v[1]), views: 2,
                lengths: n => [n + 1, n]),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("Two work items write one place"));
    }

    [Test]
    public void The_emulator_runs_groups_backwards_when_told_to()
    {
        using var scope = TensorScope.Begin();
        var y = Tensor.Zeros([1], device: Device.Emulator);
        var grid = new Index3D(3, 1, 1);
        CheckedKernels.LastGroup(Device.Emulator, (grid, 1), y.View<float>());
        Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { 2f }));
        try
        {
            Device.Emulator.RunsBackwards = true;
            CheckedKernels.LastGroup(Device.Emulator, (grid, 1), y.View<float>());
        }
        finally
        {
            Device.Emulator.RunsBackwards = false;
        }

        Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { 0f }));
    }

    [Test]
    public void A_write_outside_of_a_view_is_found() =>
        Assert.That(
            () => Kernel.Check<float>((device, n, v) => CheckedKernels.WriteNext(device, n, v[0], v[1]), views: 2),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("after the last element")
                .And.Message.Contains("1 work items"));

    [Test]
    public void A_write_before_a_view_is_found() =>
        Assert.That(
            () => Kernel.Check<float>((device, n, v) => CheckedKernels.WritePrevious(device, n, v[0], v[1]), views: 2),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("4 bytes before the first element"));

    [Test]
    public void A_read_outside_of_a_view_is_found() =>
        Assert.That(
            () => Kernel.Check<float>((device, n, v) => CheckedKernels.ReadNext(device, n, v[0], v[1]), views: 2),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("reads out of bounds"));

    [Test]
    public void A_result_that_is_only_partly_written_is_found() =>
        Assert.That(
            () => Kernel.Check(t => new HalfWrittenOp().Apply(t[0])),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("unwritten"));

    [Test]
    public void A_run_that_is_not_like_the_last_one_is_found()
    {
        int run = 0;
        Assert.That(
            () => Kernel.Check(t => t[0] * ++run),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("from one run to the next"));
    }

    [Test]
    public void Devices_that_disagree_are_found_and_a_tolerance_lets_them()
    {
        if (Device.All.Count < 2)
            return;
        static Tensor Skewed(Tensor x) => x * (x.Device == Device.Cpu ? 1 : 1.0001);
        Assert.That(
            () => Kernel.Check(t => Skewed(t[0])),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("the CPU gives")
                .And.Message.Contains("tolerance").And.Message.Contains("shared or local memory")
                .And.Message.Contains("what the emulator gives is what C# says"));
        Assert.That(Kernel.Check(t => Skewed(t[0]), tolerance: 1e-3).LargestDifference, Is.InRange(1e-5, 1e-3));
    }

    [Test]
    public void A_launch_that_changes_nothing_is_found()
    {
        Assert.That(
            () => Kernel.Check<float>((_, _, _) => { }, views: 2),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("no launch changed an element"));
        Assert.That(
            () => Kernel.Check<float>((device, n, v) => CheckedKernels.Swish(device, 0, v[0], v[1]), views: 2),
            Throws.TypeOf<KernelCheckException>().With.Message.Contains("nothing was checked"));
    }

    [Test]
    public void A_kernel_in_a_recorded_computation_is_refused()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([3]);
        x.RequiresGradient = true;
        Assert.That(
            () => Kernel.Map(x, CheckedKernels.Swish, CheckedKernels.Swish),
            Throws.TypeOf<GradientException>().With.Message.Contains("Op"));
        var loss = new SwishOp().Apply(x).Sum();
        Assert.That(
            () => Gradients.Of([loss], [x], createGraph: true),
            Throws.TypeOf<GradientException>().With.Message.Contains("second derivative"));
    }

    /// <summary>y = x sigmoid x.</summary>
    private sealed class SwishOp : Op
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            Keep(inputs[0]);
            return Kernel.Map(inputs[0], CheckedKernels.Swish, CheckedKernels.Swish);
        }

        protected override Tensor?[] Backward(Tensor outputGradient) =>
            [Kernel.Map(Kept(0), outputGradient, CheckedKernels.SwishBackward, CheckedKernels.SwishBackward)];
    }

    private sealed class WrongOp : Op
    {
        protected override Tensor Forward(Tensor[] inputs) =>
            Kernel.Map(inputs[0], CheckedKernels.Swish, CheckedKernels.Swish);

        protected override Tensor?[] Backward(Tensor outputGradient) => [outputGradient * 0.5];
    }

    /// <summary>y = x², whose derivative beyond 64 elements is wrong at one of them, or by half.</summary>
    private sealed class WrongInLargeShapes(int? element = null) : Op
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            Keep(inputs[0]);
            return inputs[0] * inputs[0];
        }

        protected override Tensor?[] Backward(Tensor outputGradient)
        {
            var x = Kept(0);
            if (x.Count <= 64)
                return [outputGradient * x * 2];
            double[] factors = [.. Enumerable.Repeat(element == null ? 3.0 : 2, x.Count)];
            if (element is { } at)
                factors[at < 0 ? ^-at : at] = 2.002;
            var factor = Tensor.From(factors, x.Shape, x.Device).To(x.DType);
            return [outputGradient * x * factor];
        }
    }

    private sealed class HalfWrittenOp : Op
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            var x = inputs[0].Contiguous();
            var y = Tensor.Empty(x.Shape, x.DType, x.Device);
            if (x.DType == DType.Float32)
                CheckedKernels.Swish(x.Device, x.Count / 2, x.View<float>(), y.View<float>());
            return y;
        }

        protected override Tensor?[] Backward(Tensor outputGradient) => [outputGradient];
    }
}
