using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Tests.Kernels;

/// <summary>Launchers refuse views that the device cannot address, before anything is read or written.</summary>
[TestFixture]
internal sealed class LaunchCheckTests
{
    [Test]
    public void A_view_of_another_devices_memory_is_refused_on_the_cpu_by_name()
    {
        if (Device.All.OfType<OpenClDevice>().FirstOrDefault() is not { } there)
        {
            Assert.Warn("No OpenCL device here: views of another device were not tried.");
            return;
        }

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
    }

    private static void Refuses(Action launch, string part) =>
        Assert.That(launch, Throws.ArgumentException.With.Message.Contains(part));
}
