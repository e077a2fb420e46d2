using MomentumCore.Kernels.Devices.Emulator;
using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// Work in a queue: copies nobody waits for, memory that is reused in order, times that are measured.
/// </summary>
[TestFixture]
internal sealed class DeviceQueueTests
{
    private const int Count = 4096;

    [Test]
    public async Task Copies_there_and_back_can_be_awaited()
    {
        foreach (var device in Device.All)
        {
            using var x = Tensor.Randn([37, 5]);
            using var there = await x.ToAsync(device);
            Assert.That(there.Device, Is.SameAs(device));
            Assert.That(await there.ToArrayAsync<float>(), Is.EqualTo(x.ToArray<float>()), device.Name);
            Assert.That(
                await there.Transpose(0, 1).ToArrayAsync<float>(), Is.EqualTo(x.Transpose(0, 1).ToArray<float>()));
            using var back = await there.ToAsync(Device.Cpu);
            Assert.That(back.ToArray<float>(), Is.EqualTo(x.ToArray<float>()));
            Assert.That(await Tensor.Zeros([0, 3], device: device).ToArrayAsync<float>(), Is.Empty);
        }
    }

    [Test]
    public async Task A_wait_can_be_cancelled_and_the_device_goes_on()
    {
        var device = SomeOpenCl.Required;
        using var x = Tensor.Ones([Count], device: device);
        using var y = Tensor.Zeros([Count], device: device);
        using var stop = new CancellationTokenSource();
        using var hold = device.Hold();
        y.CopyFrom(x);
        var copy = y.ToArrayAsync<float>(stop.Token);
        var moved = y.ToAsync(Device.Cpu, stop.Token);
        Assert.That(copy.IsCompleted, Is.False, "the device is held");
        await stop.CancelAsync();
        Assert.That(async () => await copy, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await moved, Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            async () => await y.ToArrayAsync<float>(stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(
            async () => await y.ToAsync(Device.Cpu, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        hold.Dispose();
        Assert.That(y.ToArray<float>(), Is.All.EqualTo(1f));
    }

    [Test]
    public async Task The_source_of_a_copy_may_be_freed_and_its_memory_used_again_at_once()
    {
        var device = SomeOpenCl.Required;
        using var hold = device.Hold();
        var x = Tensor.Full([Count], 7);
        var copy = x.ToAsync(device);
        x.Dispose();
        using var other = Tensor.Full([Count], -1); // would get the memory of x, had it gone back
        Assert.That(copy.IsCompleted, Is.False, "the device is held");
        hold.Dispose();
        using var there = await copy;
        Assert.That(there.ToArray<float>(), Is.All.EqualTo(7f));
    }

    [Test]
    public void Memory_goes_to_the_next_tensor_only_after_the_work_that_reads_it()
    {
        var any = SomeOpenCl.Required;
        // A device of its own: nobody else takes from its pool.
        var device = SomeOpenCl.Again(any);
        var x = Tensor.Ones([Count], device: device);
        using var y = Tensor.Zeros([Count], device: device);
        nint memory = SomeOpenCl.Memory(x);
        using var hold = device.Hold();
        y.CopyFrom(x);
        x.Dispose();
        using var z = Tensor.From(new float[Count], [Count], device);
        Assert.That(SomeOpenCl.Memory(z), Is.EqualTo(memory), "the pool gave the same memory");
        hold.Dispose();
        Assert.That(y.ToArray<float>(), Is.All.EqualTo(1f), "the kernel read the old values");
        Assert.That(z.ToArray<float>(), Is.All.EqualTo(0f));
    }

    [Test]
    public void A_small_copy_to_the_device_waits_for_nothing()
    {
        var device = SomeOpenCl.Required;
        float[] values = [1, 2, 3];
        using var hold = device.Hold();
        using var small = Tensor.From(values, [3], device); // comes back although the device is held
        values[0] = 100; // the source is free
        hold.Dispose();
        Assert.That(small.ToArray<float>(), Is.EqualTo(new[] { 1f, 2f, 3f }));
    }

    [Test]
    public void A_profile_counts_kernels_and_their_time()
    {
        foreach (var device in OwnDevices())
        {
            using var scope = TensorScope.Begin();
            var x = Tensor.Randn([300, 300], device: device);
            x.Tanh();
            using var profile = device.Profile();
            for (int i = 0; i < 3; i++)
                x.Tanh();
            (x + x).ToArray<float>();
            using var views = new DeviceViews(device);
            GroupKernels.Reverse(device, (2, 4), views.Put(new float[8]), views.Put(new float[8]));
            var kernels = profile.Kernels;
            Assert.That(kernels.Single(k => k.Name == "Tanh (Float32)").Count, Is.EqualTo(3), device.Name);
            Assert.That(kernels.Single(k => k.Name == "Add (Float32)").Count, Is.EqualTo(1));
            Assert.That(kernels.Single(k => k.Name == "Reverse (Float32)").Count, Is.EqualTo(1), device.Name);
            Assert.That(kernels.Select(k => k.Milliseconds), Is.Ordered.Descending.And.All.GreaterThan(0));
            Assert.That(kernels.Any(k => k.Name == DeviceProfile.CopiesToHost), Is.EqualTo(device is OpenClDevice));
            Assert.That(profile.ToString(), Does.Contain("Tanh (Float32)").And.Contain("µs each"));

            Assert.That(() => device.Profile(), Throws.InvalidOperationException.With.Message.Contains("already"));
            profile.Dispose();
            x.Tanh();
            Assert.That(profile.Kernels.Single(k => k.Name == "Tanh (Float32)").Count, Is.EqualTo(3), "it has ended");
            using var next = device.Profile();
            x.Tanh();
            Assert.That(next.Kernels, Has.Count.EqualTo(1));
        }

        static IEnumerable<Device> OwnDevices()
        {
            yield return new CpuDevice(2);
            yield return new EmulatorDevice();
            if (SomeOpenCl.Any is { } any)
                yield return SomeOpenCl.Again(any);
        }
    }

    [Test]
    public void A_long_profile_holds_few_events_and_loses_none()
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any);
        using var x = Tensor.Ones([1], device: device);
        using var profile = device.Profile();
        for (int i = 0; i < 5000; i++)
            x.Fill(i);
        Assert.That(profile.Kernels.Sum(k => k.Count), Is.EqualTo(5000));
    }

    [Test]
    public void A_loop_that_never_reads_gets_only_so_far_ahead_of_the_device()
    {
        var device = SomeOpenCl.Again(SomeOpenCl.Required);
        const int All = 4 * OpenClQueue.Stride;
        using var x = Tensor.Ones([1], device: device);
        device.Synchronize();
        using var hold = device.Hold();
        long before = device.Launches, waits = device.Waits;
        var loop = Task.Run(() =>
        {
            for (int i = 1; i <= All; i++)
                x.Fill(i);
        });
        Assert.That(() => device.Launches - before, Is.GreaterThanOrEqualTo(OpenClQueue.Stride).After(60_000, 5));
        Assert.That(loop.Wait(200), Is.False, "the device is held, and so is the loop");
        Assert.That(device.Launches - before, Is.LessThanOrEqualTo(2 * OpenClQueue.Stride));
        hold.Dispose();
        Assert.That(loop.Wait(60_000), Is.True);
        Assert.That(device.Launches - before, Is.EqualTo(All));
        Assert.That(device.Waits, Is.EqualTo(waits), "that is no wait for results");
        Assert.That(x.Item(), Is.EqualTo(All));
    }

    [Test]
    public void Copies_that_nobody_waits_for_count_by_their_size()
    {
        var device = SomeOpenCl.Again(SomeOpenCl.Required);
        const int Bytes = 16 * OpenClQueue.BytesOfALaunch, Most = 2 * OpenClQueue.Stride / 17;
        var values = new float[Bytes / sizeof(float)];
        using var x = Tensor.From(values, [values.Length], device);
        device.Synchronize();
        using var hold = device.Hold();
        long before = device.Transfers;
        var loop = Task.Run(() =>
        {
            for (int i = 0; i < 2 * Most; i++)
                device.Upload(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()), x.Storage.Buffer, 0);
        });
        Assert.That(() => device.Transfers - before, Is.GreaterThanOrEqualTo(Most / 2).After(60_000, 5));
        Assert.That(loop.Wait(200), Is.False);
        Assert.That(device.Transfers - before, Is.LessThanOrEqualTo(Most + 2), "about 120 MiB wait in the queue");
        hold.Dispose();
        Assert.That(loop.Wait(60_000), Is.True);
    }
}
