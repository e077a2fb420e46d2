using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>Launchers refuse views that the device cannot address, before anything is read or written.</summary>
[TestFixture]
internal sealed class LaunchCheckTests
{
    [Test]
    public void A_view_of_another_devices_memory_is_refused_on_the_cpu_by_name()
    {
        var there = SomeOpenCl.Required;

        using var scope = TensorScope.Begin();
        var (here, far) = (Tensor.Ones([6]), Tensor.Ones([6], device: there));
        Refuses(() => Arithmetic.Add(Device.Cpu, 6, here.View<float>(), far.View<float>(), here.View<float>()), "'b'");
        var layout = StridedLayout.Create([2, 3], [1, 2], [3, 1], [3, 1]);
        Refuses(
            () => Arithmetic.Add(Device.Cpu, layout, far.View<float>(), here.View<float>(), here.View<float>()), "'a'");
        Refuses(() => Elementwise.Fill(Device.Cpu, 6, far.View<float>().SubView(2, 0), 1f), "");
        // A part of a device's view is a device's view, and so is one of other elements.
        Refuses(() => Elementwise.Fill(Device.Cpu, 2, far.View<float>().SubView(2, 2), 1f), "CPU");
        Refuses(() => Elementwise.Fill(Device.Cpu, 2, far.View<float>().Cast<int>(), 1), "CPU");
        Assert.That(here.ToArray<float>(), Is.All.EqualTo(1));
        Assert.That(far.ToArray<float>(), Is.All.EqualTo(1));
        Assert.That(
            () => Elementwise.Fill(there, 6, here.View<float>(), 1f),
            Throws.ArgumentException.With.Message.Contains("CPU memory"));
        Assert.That(
            () => Arithmetic.Add(there, 6, far.View<float>(), here.View<float>(), far.View<float>()),
            Throws.ArgumentException.With.Message.Contains("Add (Float32): view 'b' is a view of CPU memory"));
    }

    [Test]
    public void A_launch_without_a_device_or_of_an_impossible_size_is_refused_with_the_kernels_name()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([6]).View<float>();
        Refuses(() => Elementwise.Fill(null!, 6, x, 1f), "Fill: there is no device");
        Refuses(() => Elementwise.Fill(null!, StridedLayout.Create([2, 3], [1, 2]), x, 1f), "Fill: there is no device");
        Refuses(() => GroupKernels.Reverse(null!, (2, 3), x, x), "Reverse: there is no device");
        foreach (var device in DeviceViews.AllDevices)
        {
            Refuses(() => Elementwise.Fill(device, -1, x, 1f), "Fill: -1 work items cannot run");
            Refuses(
                () => GroupKernels.Plane(device, new Index2D(65536, 65536), x, 1),
                "Plane: (65536, 65536, 1) are more than 2147483647 work items");
            Refuses(() => GroupKernels.Plane(device, new Index2D(2, -1), x, 1), "Plane: there cannot be (2, -1, 1)");
        }

        Refuses(() => _ = new KernelConfig((65536, 65536), 1), "(65536, 65536, 1) are more than 2147483647 groups");
        Refuses(() => _ = new KernelConfig(1, (65536, 65536)), "work items in a group");
    }

    [Test]
    public void Dynamic_shared_memory_that_the_launch_does_not_ask_for_is_refused()
    {
        foreach (var device in DeviceViews.AllDevices)
        {
            using var views = new DeviceViews(device);
            var (x, sums) = (views.Put(1f, 2f, 3f, 4f), views.Put(5f, 5f));
            Refuses(
                () => GroupKernels.TreeSum(device, (2, 2), x, sums, 4),
                "TreeSum (Float32): it uses SharedMemory.GetDynamic, but this launch of (2, 1, 1) groups of (2, 1, 1)");
            GroupKernels.TreeSum(device, (0, 2), x, sums, 4);
            Assert.That(views.Get<float>(1, 2), Is.EqualTo(new[] { 5f, 5f }));
        }
    }

    [Test]
    public void Shared_memory_beyond_the_devices_is_refused_with_what_was_wanted_and_what_there_is()
    {
        var device = SomeOpenCl.Required;

        using var views = new DeviceViews(device);
        var x = views.Put(1f, 2f);
        var config = new KernelConfig(1, 2, SharedMemoryConfig.RequestDynamic<byte>(int.MaxValue));
        Refuses(
            () => GroupKernels.Reverse(device, config, x, x),
            $"Reverse (Float32): {int.MaxValue + 256L} bytes of shared memory (256 allocated in the kernel, {int.MaxValue} dynamic) do not fit");
    }

    [Test]
    public void A_view_of_a_tensor_that_was_disposed_is_refused_by_name_also_when_its_memory_has_a_new_owner()
    {
        // A device of its own: nobody else takes from its pool.
        var device = SomeOpenCl.Again(SomeOpenCl.Required);
        var x = Tensor.Ones([1000], device: device);
        using var y = Tensor.Zeros([1000], device: device);
        nint memory = SomeOpenCl.Memory(x);
        var (stale, part) = (x.View<float>(), x.View<float>().SubView(10, 20).Cast<int>());
        x.Dispose();
        Gone(() => Arithmetic.Add(device, 1000, y.View<float>(), stale, y.View<float>()), "Add (Float32): the memory of view 'b' was given back");
        using var z = Tensor.Full([1000], 7, device: device);
        Assert.That(SomeOpenCl.Memory(z), Is.EqualTo(memory), "the pool gave the same memory");
        Gone(() => Elementwise.Fill(device, 1000, stale, 1f), "Fill (Float32)");
        Gone(() => Elementwise.Fill(device, 20, part, 1), "Fill (Int32)");
        Assert.That(z.ToArray<float>(), Is.All.EqualTo(7f), "the new owner's values are in place");
        Elementwise.Fill(device, 1000, z.View<float>(), 8f);
        Assert.That(z.ToArray<float>(), Is.All.EqualTo(8f), "the kernel can be launched again");

        static void Gone(Action launch, string part) =>
            Assert.That(launch, Throws.TypeOf<ObjectDisposedException>().With.Message.Contains(part));
    }

    [Test]
    public void A_view_of_another_OpenCL_devices_memory_is_refused()
    {
        var any = SomeOpenCl.Required;
        var other = SomeOpenCl.Again(any);
        using var x = Tensor.Ones([10], device: any);
        Refuses(() => Elementwise.Fill(other, 10, x.View<float>(), 2f), $"lies on {any.Name}, but the kernel is to run on {other.Name}");
        Assert.That(x.ToArray<float>(), Is.All.EqualTo(1f));
    }

    [Test]
    public void More_shared_memory_than_an_int_counts_is_refused_with_the_numbers() =>
        Refuses(
            () => SharedMemoryConfig.RequestDynamic<double>(int.MaxValue),
            "2147483647 elements of Double are 17179869176 bytes of shared memory");

    private static void Refuses(Action launch, string part) =>
        Assert.That(launch, Throws.InstanceOf<ArgumentException>().With.Message.Contains(part));
}
