using MomentumCore.Kernels.Devices.OpenCl;

namespace MomentumCore.Tests.Kernels;

/// <summary>The OpenCL devices: found, filled, run, and their errors.</summary>
[TestFixture]
internal sealed class OpenClTests
{
    [Test]
    public void There_is_a_device_where_CI_runs_and_a_notice_elsewhere()
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.That(Device.All.OfType<OpenClDevice>(), Is.Not.Empty, $"CI has to test OpenCL. {SomeOpenCl.Notice}");
        else
            Assert.That(Device.All, Does.Contain(SomeOpenCl.Required));
    }

    [Test]
    public void Devices_have_names_that_parse_back()
    {
        foreach (var device in Device.All)
            Assert.That(Device.Parse(device.Name.ToUpperInvariant()), Is.SameAs(device));
        Assert.That(() => Device.Parse("tpu"), Throws.ArgumentException.With.Message.Contains("cpu"));
    }

    [Test]
    public void Tensors_go_there_and_back_unchanged()
    {
        var device = SomeOpenCl.Required;
        using var scope = TensorScope.Begin();
        var x = Tensor.Randn([37, 5]);
        Assert.That(x.To(device).To(Device.Cpu).ToArray<float>(), Is.EqualTo(x.ToArray<float>()));
        Assert.That(
            x.To(device).Transpose(0, 1).To(Device.Cpu)
                .ToArray<float>(), Is.EqualTo(x.Transpose(0, 1).ToArray<float>()));
        Assert.That(Tensor.Zeros([0, 3]).To(device).ToArray<float>(), Is.Empty);
    }

    [Test]
    public void Device_memory_is_counted_and_given_back()
    {
        var device = SomeOpenCl.Required;
        // What other tests left to the garbage collector is not to go in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = device.Memory.LiveBytes;
        using (TensorScope.Begin())
        {
            var x = Tensor.Ones([1000], device: device);
            Assert.That(device.Memory.LiveBytes, Is.EqualTo(before + 4000));
            for (int i = 0; i < 100; i++)
                x = (x * 2).Tanh();
            Assert.That(x.ToArray<float>()[0], Is.EqualTo(0.957504f).Within(1e-5));
        }

        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
    }

    [Test]
    public void A_chain_of_operations_makes_no_round_trip_to_the_host()
    {
        var device = SomeOpenCl.Required;
        using var scope = TensorScope.Begin();
        var x = Tensor.Randn([64, 8]).To(device);
        var w = Tensor.Randn([8, 8]).To(device);
        w.RequiresGradient = true;
        long before = device.Transfers;
        ((x.MatMul(w) + 1.0).Tanh().Softmax(-1) * x).Sum().Backward();
        Assert.That(device.Transfers, Is.EqualTo(before));
        Assert.That(w.Gradient!.ToArray<float>().Sum(Math.Abs), Is.GreaterThan(0));
    }

    [Test]
    public void A_source_that_the_driver_refuses_is_an_error_with_the_log_the_source_and_the_place_in_CSharp()
    {
        var device = SomeOpenCl.Required;
        using var scope = TensorScope.Begin();
        var broken = new KernelInfo("Broken", "__kernel void Broken(int n) { nonsense; }", usesDouble: false)
        {
            Form = "Float32",
            Location = "Mine.cs:17",
        };
        var error = Assert.Throws<OpenClException>(() => KernelLaunch.Run(device, broken, 1, []))!;
        Assert.That(
            error.Message,
            Does.Contain("nonsense").And.Contain("Broken (Float32) at Mine.cs:17").And.Contain("   1  __kernel")
                .And.Contain(device.Name));
        Assert.That(error.Kernel, Is.SameAs(broken));
        Assert.That(error.BuildLog, Does.Contain("nonsense"));
        var x = Tensor.Ones([3], device: device); // the device goes on
        Assert.That((x + x).ToArray<float>(), Is.EqualTo(new[] { 2f, 2f, 2f }));
    }

    [Test]
    public void Of_a_long_source_the_error_shows_the_places_that_the_log_names()
    {
        var device = SomeOpenCl.Required;
        string filler = string.Concat(Enumerable.Range(0, 200).Select(i => $"// line {i}\n"));
        var broken = new KernelInfo(
            "Long", $"{filler}__kernel void Long(int n) {{ nonsense; }}\n{filler}", usesDouble: false);
        var error = Assert.Throws<OpenClException>(() => KernelLaunch.Run(device, broken, 1, []))!;
        Assert.That(
            error.Message,
            Does.Contain(" 201  __kernel void Long").And.Contain("line 199").And.Not.Contain("line 100"));
        Assert.That(error.Message.Split('\n'), Has.Length.LessThan(30));
        Assert.That(error.Kernel!.OpenClSource, Does.Contain("line 100"));
    }

    [Test]
    public void A_launch_that_fails_names_the_kernel_and_its_place()
    {
        var device = SomeOpenCl.Required;
        var wrong = new KernelInfo(
            "Wants", "__kernel void Wants(int n, __global float* x) { x[0] = n; }", usesDouble: false)
        {
            Location = "Mine.cs:21",
        };
        var error = Assert.Throws<OpenClException>(() => KernelLaunch.Run(device, wrong, 1, []))!;
        Assert.That(error.Message, Does.Contain("Wants at Mine.cs:21").And.Contain("CL_INVALID_KERNEL_ARGS"));
    }

    [Test]
    public void Generated_kernels_know_their_line()
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any, any.Facts with { HasDouble = false });
        using var scope = TensorScope.Begin();
        Assert.That(
            () => Tensor.Zeros([1], DType.Float64, device),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("(Float64)")
                .And.Message.Contains("Elementwise.cs:"));
    }

    [Test]
    public void Targets_masks_and_seeds_of_another_device_are_refused_either_way_round()
    {
        var there = SomeOpenCl.Required;
        using var scope = TensorScope.Begin();
        foreach (var (a, b) in new (Device, Device)[] { (Device.Cpu, there), (there, Device.Cpu) })
        {
            var x = Tensor.Ones([2, 3], device: a);
            Refuses(() => x.CrossEntropy(Tensor.Zeros([2], DType.Int64, b)));
            Refuses(() => x.NllLoss(Tensor.Zeros([2], DType.Int64, b)));
            Refuses(() => Tensor.Attention(x, x, x, Tensor.Ones([2, 2], DType.Int32, b)));
            Refuses(() => Tensor.Attention(x, x, x, Tensor.Ones([2, 2], DType.Int32, b), dropout: 0.5));
            x.RequiresGradient = true;
            Refuses(() => (x * 2).Backward(Tensor.Ones([2, 3], device: b)));
        }

        static void Refuses(Action call) =>
            Assert.That(call, Throws.ArgumentException.With.Message.Contains("To(device)"));
    }

    [Test]
    public void Tensors_of_two_devices_do_not_mix()
    {
        var device = SomeOpenCl.Required;
        using var scope = TensorScope.Begin();
        Assert.That(
            () => Tensor.Ones([2]) + Tensor.Ones([2], device: device),
            Throws.ArgumentException.With.Message.Contains("cpu").And.Message.Contains(device.Name));
        Assert.That(() => Tensor.Ones([2], device: device).AsSpan<float>(), Throws.InvalidOperationException);
    }

    [TestCase(-30, "CL_INVALID_VALUE (-30)")]
    [TestCase(-55, "CL_INVALID_WORK_ITEM_SIZE (-55)")]
    [TestCase(-1, "CL_DEVICE_NOT_FOUND (-1)")]
    [TestCase(-19, "CL_KERNEL_ARG_INFO_NOT_AVAILABLE (-19)")]
    [TestCase(-45, "CL_INVALID_PROGRAM_EXECUTABLE (-45)")]
    [TestCase(-68, "CL_INVALID_DEVICE_PARTITION_COUNT (-68)")]
    [TestCase(-4, "CL_MEM_OBJECT_ALLOCATION_FAILURE (-4): the device is out of memory")]
    [TestCase(-20, "OpenCL status -20")]
    [TestCase(-69, "OpenCL status -69")]
    [TestCase(int.MinValue, "OpenCL status -2147483648")]
    public void A_status_is_told_by_its_name(int status, string text) =>
        Assert.That(OpenClException.Describe(status), Is.EqualTo(text));
}
