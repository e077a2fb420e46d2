using MomentumCore.Kernels.Devices.Emulator;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// The emulator runs the kernel's own method, checks every access, and its messages name what went wrong.
/// </summary>
[TestFixture]
internal sealed class EmulatorTests
{
    [Test]
    public void It_has_a_name_that_parses_but_is_not_among_the_devices_of_the_machine()
    {
        Assert.That(Device.Parse("Emulator"), Is.SameAs(Device.Emulator));
        Assert.That(Device.All, Does.Not.Contain(Device.Emulator));
    }

    [Test]
    public void Tensors_move_there_and_back()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Randn([5, 3]);
        Assert.That(
            x.To(Device.Emulator).Transpose(0, 1).To(Device.Cpu)
                .ToArray<float>(), Is.EqualTo(x.Transpose(0, 1).ToArray<float>()));
        Assert.That((x.To(Device.Emulator) * 2).ToArray<float>(), Is.EqualTo((x * 2).ToArray<float>()));
    }

    [Test]
    public void An_index_outside_of_a_view_names_kernel_view_index_length_and_work_item()
    {
        using var views = new DeviceViews(Device.Emulator);
        var x = views.Put(1f, 2f, 3f);
        Assert.That(
            () => FaultyKernels.Ahead(Device.Emulator, 3, x, views.Put(new float[3])),
            Throws.TypeOf<KernelFaultException>().With.Message.EqualTo(
                "Kernel 'Ahead', work item 2: index 3 is outside of view 'x', which has 3 elements."));
        Assert.That(
            () => FaultyKernels.AheadShared(Device.Emulator, (1, 4), x),
            Throws.TypeOf<KernelFaultException>().With.Message.Contains(
                "work item (3, 0, 0) of group (0, 0, 0): index 4 is outside of view 'shared memory"));
    }

    [Test]
    public void The_stack_of_an_error_leads_to_the_line_of_the_kernel()
    {
        using var views = new DeviceViews(Device.Emulator);
        var fault = Assert.Throws<KernelFaultException>(
            () => FaultyKernels.Ahead(Device.Emulator, 3, views.Put(1f), views.Put(1f)));
        // Such as Kernels/FaultyKernels.cs:10, whose line is that of the kernel, which has just one.
        string line = FaultyKernels.AheadDescription.Location.Split(':')[^1];
        Assert.That(
            fault!.StackTrace, Does.Match(
                @$"FaultyKernels\.Ahead\(Index1D i, ArrayView`1 x, ArrayView`1 y\) in .*FaultyKernels\.cs:line {line}\b"));
    }

    [Test]
    public void An_exception_of_the_kernel_is_told_with_its_work_item()
    {
        using var views = new DeviceViews(Device.Emulator);
        Assert.That(
            () => FaultyKernels.TooLong(Device.Emulator, 2, views.Put(1f, 0f)),
            Throws.TypeOf<KernelFaultException>().With.Message.Contains("'TooLong', work item 1: SubView(1, 2)")
                .And.InnerException.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Two_work_items_that_use_an_element_between_two_barriers_are_an_error_when_one_writes()
    {
        using var views = new DeviceViews(Device.Emulator);
        var x = views.Put(new float[8]);
        Assert.That(
            () => FaultyKernels.NoBarrier(Device.Emulator, (1, 8), x),
            Throws.TypeOf<KernelFaultException>().With.Message.Contains("'NoBarrier'")
                .And.Message.Contains("put a Group.Barrier()")
                .And.Message.Contains("FaultyKernels.cs:"));
        Assert.That(
            () => FaultyKernels.AllWriteOne(Device.Emulator, (1, 2), x),
            Throws.TypeOf<KernelFaultException>().With.Message.Contains("wrote element 0")
                .And.Message.Contains("(0, 0, 0) of group (0, 0, 0) wrote"));
        Assert.That(
            () => FaultyKernels.AllWriteTheSame(Device.Emulator, (1, 2), x),
            Throws.TypeOf<KernelFaultException>().With.Message.Contains("element 0 of shared memory")
                .And.Message.Contains("(0, 0, 0) of group (0, 0, 0) wrote"), "also of the same value");
        Assert.That(
            () => FaultyKernels.AtomicAndPlain(Device.Emulator, (1, 2), views.Put(new int[2])),
            Throws.TypeOf<KernelFaultException>().With.Message.Contains("an atomic"));
    }

    [Test]
    public void A_kernel_after_a_faulty_one_runs_as_ever()
    {
        using var views = new DeviceViews(Device.Emulator);
        var x = views.Put(1f, 2f, 3f, 4f);
        Assert.That(() => FaultyKernels.NoBarrier(Device.Emulator, (1, 4), x), Throws.TypeOf<KernelFaultException>());
        GroupKernels.Reverse(Device.Emulator, (1, 4), views.Put(1f, 2f, 3f, 4f), views.Put(new float[4]));
        Assert.That(views.Get<float>(2, 4), Is.EqualTo(new[] { 4f, 3f, 2f, 1f }));
    }

    [Test]
    public void Work_items_that_wait_at_different_barriers_are_found()
    {
        // The build refuses such kernels; the emulator sees them too when they come by another way.
        Assert.That(
            () => new Emulation("Split").RunGroups((1, 2), new Split()),
            Throws.TypeOf<KernelFaultException>().With.Message.Contains("has to reach the same barriers")
                .And.Message.Contains("EmulatorTests.cs:"));
        Assert.That(
            () => new Emulation("Early").RunGroups((1, 2), new Early()),
            Throws.TypeOf<KernelFaultException>().With.Message.Contains("has come to its end"));
    }

    [Test]
    public void Views_of_the_emulator_are_out_of_reach_of_other_code_and_devices()
    {
        using var views = new DeviceViews(Device.Emulator);
        var x = views.Put(1f);
        Assert.That(() => x[0], Throws.InvalidOperationException.With.Message.Contains("cannot address it"));
        Assert.That(() => x.AsSpan().Length, Throws.InvalidOperationException);
        Assert.That(
            () => GroupKernels.Reverse(Device.Cpu, (1, 1), x, x),
            Throws.ArgumentException.With.Message.Contains("another device"));
        foreach (var other in Device.All.Skip(1))
        {
            using var there = new DeviceViews(other);
            var y = there.Put(1f);
            Assert.That(
                () => GroupKernels.Reverse(other, (1, 1), x, y),
                Throws.ArgumentException.With.Message.Contains("To(device)"));
            Assert.That(
                () => GroupKernels.Reverse(Device.Emulator, (1, 1), x, y),
                Throws.ArgumentException.With.Message.Contains("To(Device.Emulator)"));
        }
    }

    [Test]
    public void Memory_of_the_CPU_can_be_looked_at_too()
    {
        float[] values = [1, 2, 3];
        unsafe
        {
            fixed (float* v = values)
                GroupKernels.Reverse(Device.Emulator, (1, 3), new ArrayView<float>(v, 3), new ArrayView<float>(v, 3));
        }

        Assert.That(values, Is.EqualTo(new[] { 3f, 2f, 1f }));
    }

    [Test]
    public void Group_and_shared_memory_outside_of_a_kernel_are_an_error_that_says_so()
    {
        Assert.That(() => Group.IdxX, Throws.InvalidOperationException.With.Message.Contains("inside a kernel only"));
        Assert.That(() => SharedMemory.Allocate<float>(4), Throws.InvalidOperationException);
    }

    private struct Split : IKernelItem
    {
        public readonly void Run(int index)
        {
            if (Group.IdxX == 0)
                Group.Barrier();
            else
                Group.Barrier();
        }
    }

    private struct Early : IKernelItem
    {
        public readonly void Run(int index)
        {
            if (Group.IdxX == 0)
                Group.Barrier();
        }
    }
}
