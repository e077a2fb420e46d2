using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Tests.Engine.Memory;

/// <summary>A view may be the last that knows of its tensor, as in <c>F(device, n, x.View&lt;float&gt;())</c>.</summary>
[TestFixture]
[NonParallelizable] // collects for the whole process
internal sealed class ForgottenViewTests
{
    private const int Count = 1000;

    [Test]
    public void The_memory_of_the_views_that_a_launch_has_just_been_given_outlives_a_collection()
    {
        var device = new CpuDevice(1);
        var views = new ArrayView<float>[16];
        for (int i = 0; i < views.Length; i++)
            views[i] = ViewOfNobodys(device, i);
        for (int i = 0; i < 3; i++)
            Collect();
        // Memory that had been freed would go to these.
        using var scope = TensorScope.Begin();
        for (int i = 0; i < views.Length; i++)
            Tensor.Full([Count], -1, device: device);
        for (int i = 0; i < views.Length; i++)
            Assert.That(views[i].AsSpan().IndexOfAnyExcept((float)i), Is.EqualTo(-1), $"view {i}");
    }

    [Test]
    public void Later_views_let_it_go()
    {
        var device = new CpuDevice(1);
        ViewOfNobodys(device, 1);
        Collect();
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(Count * sizeof(float)));
        TakeOtherViews();
        for (int i = 0; i < 10 && device.Memory.LiveBytes > 0; i++)
            Collect();
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void A_kernel_reads_the_values_of_a_tensor_that_nothing_names_any_more([Values] bool onCpu)
    {
        Device device = onCpu ? new CpuDevice(2) : Kernels.SomeOpenCl.Again(Kernels.SomeOpenCl.Required);
        using var stop = new CancellationTokenSource();
        var collector = Task.Run(() =>
        {
            // Frees what it can and overwrites what was freed.
            while (!stop.IsCancellationRequested)
            {
                Collect();
                Tensor.Full([Count], -5, device: device).Dispose();
            }
        });
        for (int i = 0; i < 30; i++)
            Assert.That(Doubled(device), Is.All.EqualTo(6f));
        stop.Cancel();
        collector.Wait();
    }

    /// <summary>Makes this thread's last views ones of something else.</summary>
    internal static void TakeOtherViews()
    {
        var device = new CpuDevice(1);
        for (int i = 0; i < 16; i++)
        {
            using var other = Tensor.Empty([1], DType.Float32, device, track: false);
            other.View<float>();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ArrayView<float> ViewOfNobodys(Device device, double value) =>
        Tensor.Full([Count], value, device: device).View<float>();

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static float[] Doubled(Device device)
    {
        var x = Tensor.Full([Count], 3, device: device);
        var y = Tensor.Zeros([Count], device: device);
        MomentumCore.Kernels.Library.Arithmetic.Add(device, Count, x.View<float>(), x.View<float>(), y.View<float>());
        return y.ToArray<float>();
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
