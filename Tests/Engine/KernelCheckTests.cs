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
        Assert.That(report.ChecksGradient, Is.True);
        Assert.That(report.Cases, Is.GreaterThan(20));
        Assert.That(
            report.ToString(), Does.Contain("the same bits").And.Contain("central differences").And.Contain("cpu"));
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
