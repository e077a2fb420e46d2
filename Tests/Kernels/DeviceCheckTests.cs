using MomentumCore.Kernels.Devices.Emulator;
using MomentumCore.Kernels.Devices.OpenCl;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// What is wrong with values on a device with a queue is found when the host reads: by whoever reads first, and by
/// those whose values they are.
/// </summary>
[TestFixture]
internal sealed class DeviceCheckTests
{
    private static readonly Device[] Targets = [Device.Cpu, new CpuDevice(1), new EmulatorDevice()];

    [TestCaseSource(nameof(Targets))]
    public void Every_way_to_the_host_throws_it_and_nothing_stays_behind(Device target)
    {
        var device = Own();
        using (TensorScope.Begin())
        {
            long held = target.Memory.LiveBytes;
            Refuses(() => Wrong(device).ToAsync(target).GetAwaiter().GetResult());
            Refuses(() => Wrong(device).To(target));
            Refuses(() => Wrong(device).ToArrayAsync<float>().GetAwaiter().GetResult());
            Refuses(() => Wrong(device).ToArray<float>());
            Wrong(device);
            Refuses(device.Synchronize);
            GoesOn(device);
            if (target != Device.Cpu)
                Assert.That(target.Memory.LiveBytes, Is.EqualTo(held), "the result of a copy that throws is freed");
        }
    }

    [Test]
    public async Task An_awaited_copy_throws_it_once()
    {
        var device = Own();
        using var scope = TensorScope.Begin();
        var bad = Wrong(device);
        Assert.That(
            async () => await bad.ToAsync(Device.Cpu), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("99"));
        GoesOn(device);
        bad = Wrong(device);
        await Task.Yield();
        Assert.That(async () => await bad.ToArrayAsync<float>(), Throws.TypeOf<ArgumentOutOfRangeException>());
        using var good = await Tensor.Ones([2], device: device).ToAsync(Device.Cpu);
        Assert.That(good.ToArray<float>(), Is.All.EqualTo(1f));
        GoesOn(device);
    }

    [Test]
    public void An_error_that_another_thread_meets_first_comes_out_in_the_guilty_one_too()
    {
        var device = Own();
        using var made = new ManualResetEventSlim();
        using var met = new ManualResetEventSlim();
        Exception? guilty = null, afterwards = null;
        var thread = new Thread(() =>
        {
            using var scope = TensorScope.Begin();
            var bad = Wrong(device);
            made.Set();
            met.Wait();
            guilty = Caught(() => bad.ToArray<float>());
            afterwards = Caught(() => GoesOn(device));
        });
        thread.Start();
        made.Wait();
        // The values that this thread reads might come from the other one.
        var innocent = Caught(() => GoesOn(device));
        var innocentAfterwards = Caught(() => GoesOn(device));
        met.Set();
        thread.Join();
        Assert.That(innocent, Is.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(innocentAfterwards, Is.Null);
        Assert.That(guilty, Is.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(guilty!.Message, Does.Contain("99"));
        Assert.That(afterwards, Is.Null);
    }

    [Test]
    public async Task Tasks_that_began_in_one_flow_are_told_apart()
    {
        var device = Own();
        using var scope = TensorScope.Begin();
        // A check of this flow, which both tasks are inside of.
        Tensor.Ones([10, 3], device: device).Embedding(Tensor.From([3L], [1], device));
        var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var guilty = Task.Run(async () =>
        {
            var bad = Wrong(device);
            made.SetResult();
            await met.Task;
            return await bad.ToArrayAsync<float>();
        });
        await made.Task;
        var innocent = Task.Run(() => GoesOn(device));
        Assert.That(async () => await innocent, Throws.TypeOf<ArgumentOutOfRangeException>());
        met.SetResult();
        Assert.That(async () => await guilty, Throws.TypeOf<ArgumentOutOfRangeException>());
        GoesOn(device);
    }

    [Test]
    public void What_one_thread_launches_and_another_reads_is_thrown_where_it_is_read()
    {
        var device = Own();
        Tensor? bad = null;
        var maker = new Thread(() => bad = Wrong(device));
        maker.Start();
        maker.Join();
        using (bad)
            Refuses(() => bad!.ToArray<float>());
        GoesOn(device);
    }

    [Test]
    public void Who_reads_while_another_runs_the_checks_waits_for_them()
    {
        var device = Own();
        using var scope = TensorScope.Begin();
        using var running = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        device.WhenRead(() =>
        {
            running.Set();
            go.Wait();
            throw new InvalidDataException("mine");
        });
        var x = Tensor.Ones([2], device: device);
        Exception? innocent = null;
        var thread = new Thread(() => innocent = Caught(device.Synchronize));
        using (ExecutionContext.SuppressFlow())
            thread.Start();
        running.Wait();
        // Opens the way when this thread waits below; should it not wait, it would read before the check has ended.
        using var timer = new Timer(_ => go.Set(), null, 100, Timeout.Infinite);
        Assert.That(() => x.ToArray<float>(), Throws.TypeOf<InvalidDataException>());
        thread.Join();
        Assert.That(innocent, Is.TypeOf<InvalidDataException>());
        GoesOn(device);
    }

    [Test]
    public void Backward_on_another_thread_tells_who_reads_the_gradient()
    {
        var device = Own();
        using var scope = TensorScope.Begin();
        using var weight = Tensor.Ones([10, 3], device: device);
        weight.RequiresGradient = true;
        var loss = weight.Embedding(Tensor.From([3L, 99L], [2], device)).Sum();
        var problem = Task.Run(() => Caught(() => loss.Backward())).GetAwaiter().GetResult();
        Assert.That(problem, Is.Null, "nobody has read");
        Refuses(() => weight.Gradient!.ToArray<float>());
        // Backward has checked the indices too, on its own thread.
        Refuses(() => weight.Gradient!.ToArray<float>());
        GoesOn(device);
    }

    [Test]
    public void Memory_that_a_check_watches_is_given_back_without_an_error()
    {
        var device = Own();
        using (new GuardZones(device, 0xA5))
        {
            Assert.That(
                () =>
                {
                    using var scope = TensorScope.Begin();
                    Wrong(device);
                },
                Throws.Nothing);
            Refuses(device.Synchronize);
        }
    }

    private static OpenClDevice Own() => SomeOpenCl.Again(SomeOpenCl.Required);

    /// <summary>A row that is not there, which the device replaces by another one until somebody reads.</summary>
    private static Tensor Wrong(Device device) =>
        Tensor.Ones([10, 3], device: device).Embedding(Tensor.From([3L, 99L], [2], device));

    private static void Refuses(Action read) =>
        Assert.That(read, Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("99"));

    private static void GoesOn(Device device)
    {
        using var x = Tensor.Ones([2], device: device);
        Assert.That(x.ToArray<float>(), Is.All.EqualTo(1f));
    }

    private static Exception? Caught(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (Exception problem)
        {
            return problem;
        }
    }
}
