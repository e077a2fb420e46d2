using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Memory;

/// <summary>Training for long neither fills the device nor the managed heap, and what does stay is named.</summary>
[TestFixture]
[NonParallelizable] // measures the whole process
internal sealed class LeakTests
{
    [Test]
    public void Ten_thousand_training_steps_leave_nothing_behind()
    {
        var device = new CpuDevice(1);
        var random = new Random(1);
        Tensor Parameter(params int[] sizes)
        {
            int count = Shape.Create(sizes).ElementCount;
            float[] start = [.. Enumerable.Range(0, count).Select(_ => (float)(random.NextDouble() - 0.5))];
            var values = Tensor.From(start, sizes, device);
            values.RequiresGradient = true;
            return values;
        }

        Tensor[] parameters = [Parameter(4, 3), Parameter(4), Parameter(2, 4)];
        var x = Tensor.From([.. Enumerable.Range(0, 24).Select(i => (float)Math.Sin(i))], [8, 3], device);
        var classes = Tensor.From([0L, 1, 1, 0, 1, 0, 0, 1], [8], device);

        double Step()
        {
            using var scope = TensorScope.Begin();
            var logits = x.Linear(parameters[0], parameters[1]).Tanh().Linear(parameters[2]);
            var loss = (logits.LogSumExp([1]) - logits.Gather(1, classes.Unsqueeze(1)).Squeeze(1)).Mean();
            loss.Backward();
            using (NoGrad.Begin())
            {
                foreach (var parameter in parameters)
                {
                    parameter.CopyFrom(parameter - (parameter.Gradient! * 0.05));
                    parameter.ZeroGradient();
                }
            }

            return loss.Item();
        }

        double first = Step();
        for (int i = 0; i < 200; i++)
            Step();
        long live = device.Memory.LiveBytes;
        device.Memory.ResetPeak();
        Step();
        long peak = device.Memory.PeakBytes;
        device.Memory.ResetPeak();
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        double last = 0;
        for (int i = 0; i < 10_000; i++)
            last = Step();

        Assert.That(device.Memory.LiveBytes, Is.EqualTo(live));
        Assert.That(device.Memory.PeakBytes, Is.EqualTo(peak), "no step needs more than another");
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - managed, Is.LessThan(200_000),
            "20 bytes a step would show");
        Assert.That(last, Is.LessThan(first / 2), "it did train");
        foreach (var tensor in (Tensor[])[.. parameters, x, classes])
            tensor.Dispose();
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void The_collector_frees_tensors_that_nobody_disposed()
    {
        var device = new CpuDevice(1);
        MakeAndForget(device);
        ForgottenViewTests.TakeOtherViews();
        for (int i = 0; i < 10 && device.Memory.LiveBytes > 0; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void The_report_names_the_place_that_leaks()
    {
        bool before = AllocationSites.Tracking;
        AllocationSites.Tracking = true;
        try
        {
            Tensor[] leaked = [.. Enumerable.Range(0, 3).Select(_ => LeakyPlace())];
            string report = AllocationSites.Report();
            Assert.That(report, Does.Contain(nameof(LeakyPlace)));
            Assert.That(report, Does.Contain("12,000 bytes in 3 buffers"));
            foreach (var tensor in leaked)
                tensor.Dispose();
            Assert.That(AllocationSites.Report(), Does.Not.Contain(nameof(LeakyPlace)));
        }
        finally
        {
            AllocationSites.Tracking = before;
        }
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static Tensor LeakyPlace() => Tensor.Zeros([1000]);

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void MakeAndForget(CpuDevice device)
    {
        var x = Tensor.Ones([100], device: device);
        x.RequiresGradient = true;
        _ = (x * 2).Tanh().Values();
    }
}
