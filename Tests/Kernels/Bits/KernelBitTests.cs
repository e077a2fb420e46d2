using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels.Bits;

/// <summary>Every kernel of the library gives the same bits on the CPU, the emulator and OpenCL, in every form.</summary>
[TestFixture]
internal sealed class KernelBitTests
{
    private static readonly Lazy<ComparedDevice> Compared = new(() =>
    {
        var device = new ComparedDevice(DeviceViews.AllDevices.Where(d => d is not CpuDevice));
        BitWorkloads.RunAll(device);
        return device;
    });

    private static IEnumerable<string> Names() => KernelCatalog.All.Select(k => k.ToString());

    [TestCaseSource(nameof(Names))]
    public void A_kernel_gives_the_same_bits_on_every_device(string name)
    {
        var kernel = KernelCatalog.Find(name).Single(k => k.ToString() == name);
        var forms = KernelLauncher.All.Values.Where(l => l.Name == name).ToList();
        Assert.That(kernel.Forms, Is.SubsetOf(forms.Select(f => f.Kernel)));
        Assert.That(forms.Exists(f => f.IsStrided), Is.EqualTo(kernel.IsMap));
        foreach (var form in forms)
        {
            var comparison = Compared.Value.Of(form.Kernel);
            foreach (var device in DeviceViews.AllDevices.Where(d => d.ComputesDouble || !form.Kernel.UsesDouble))
                Assert.That(comparison.Launches.GetValueOrDefault(device.Name), Is.GreaterThan(0), $"{form} was never launched on {device}");
            Assert.That(comparison.LargestItems, Is.GreaterThan(1), $"{form} was launched with one work item only");
            Assert.That(comparison.Written, Is.Not.Empty, $"{form} wrote nothing");
            Assert.That(comparison.Differences, Is.Empty);
        }
    }

    [Test]
    public void A_single_bit_that_differs_is_told_with_kernel_size_and_place()
    {
        var device = new ComparedDevice(new Crooked());
        using var views = new DeviceViews(device);
        Arithmetic.Negate(device, 3, views.Put(1f, 2f, 3f), views.Put(new float[3]));
        var negate = KernelLauncher.All.Values.Single(l => l.ToString() == "Negate (Float32)");
        string[] told = [.. device.Of(negate.Kernel).Differences];
        Assert.That(told, Has.Length.EqualTo(4), "two views with plain and with hard numbers");
        Assert.That(told[1], Does.StartWith("Negate (Float32), 3 items [3] [3]: compared has "));
        Assert.That(told[1], Does.Contain("0xBF800001").And.Contains("where the CPU has -1 (0xBF800000): argument 1, element 0 of 3"));
    }

    /// <summary>Gives the lowest bit of everything wrong.</summary>
    private sealed class Crooked : ComparedDevice
    {
        internal override unsafe void Download(DeviceBuffer source, long sourceOffset, byte* target, long bytes)
        {
            base.Download(source, sourceOffset, target, bytes);
            target[0] ^= 1;
        }
    }
}
