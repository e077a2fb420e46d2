using MomentumCore.Kernels.Library;
using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>`momentum kernel` shows what became of a kernel.</summary>
[TestFixture]
internal sealed class KernelCommandTests
{
    [Test]
    public void Alone_it_lists_every_kernel()
    {
        var run = AppRun.Of("kernel");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(KernelCatalog.All, Has.Count.GreaterThan(100));
        foreach (var kernel in KernelCatalog.All)
            Assert.That(run.Output, Does.Contain(kernel.ToString()));
        Assert.That(run.Output, Does.Contain("vector loop").And.Contain("plain loop").And.Contain("Activations.cs:"));
    }

    [Test]
    public void A_map_is_shown_in_all_its_forms_with_times_on_every_device()
    {
        var run = AppRun.Of("kernel", "tanh", "--count", "1000");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(run.Output, Does.Contain("public static void Tanh(Index1D i").And.Contain("__kernel void Tanh").And.Contain("Vector512"));
        foreach (var device in Device.All.Append(Device.Emulator))
            Assert.That(run.Output, Does.Match($"{device.Name} +[0-9,]+ .*[0-9]"));
    }

    [Test]
    public void Another_kernel_is_timed_where_it_is_launched()
    {
        var run = AppRun.Of("kernel", "Losses.CrossEntropy");
        Assert.That(run.ExitCode, Is.EqualTo(ExitCode.Ok), run.Error);
        Assert.That(run.Output, Does.Contain("__kernel void CrossEntropy").And.Contain("not a map"));
        foreach (var device in Device.All)
            Assert.That(run.Output, Does.Match($"{device.Name} +classes of pixels +the kernel +1 +[0-9.]+ "), device.Name);
        Assert.That(run.Output, Does.Contain("none are made up"));
        var kernel = KernelCatalog.Find("Convolution.Forward").Single();
        Assert.That(() => kernel.Measure(Device.Cpu, 10), Throws.InvalidOperationException.With.Message.Contains("Profile"));
    }

    [Test]
    public void The_example_of_the_help_has_a_time_on_every_device_and_says_what_the_CPU_runs()
    {
        var run = AppRun.Of("kernel", "Convolution.Forward");
        Assert.That(run.Output, Does.Match("cpu +convolution of each channel +by hand: PaddedImageBody +1 +[0-9.]+ "));
        foreach (var device in Device.All.Skip(1))
            Assert.That(run.Output, Does.Match($"{device.Name} +convolution of each channel +the kernel +1 +[0-9.]+ "));
    }

    [Test]
    public void Every_kernel_has_a_time_on_every_device()
    {
        string[] kernels = [.. KernelCatalog.All.Where(k => !k.IsMap).Select(k => k.ToString())];
        string[] timed = [.. KernelScenes.All.SelectMany(s => s.Kernels)];
        Assert.That(timed, Is.EquivalentTo(kernels), "each in one scene");
        Assert.That(KernelScenes.HandWritten.Keys, Is.SubsetOf(kernels));
        foreach (var device in Device.All.Where(d => d.ComputesDouble))
        {
            foreach (var scene in KernelScenes.All)
            {
                var times = scene.Measure(device);
                Assert.That(times.Keys, Is.EquivalentTo(scene.Kernels), $"{device.Name}: {scene.Name}");
                foreach (var (name, use) in times)
                {
                    Assert.That(use.Milliseconds, Is.GreaterThan(0), $"{device.Name}: {name}");
                    Assert.That(use.Instead == null || device == Device.Cpu, $"{device.Name}: {name} by hand");
                    Assert.That(
                        use.Instead, device == Device.Cpu && KernelScenes.HandWritten.TryGetValue(name, out string[]? loops)
                            ? Is.EqualTo(string.Join(", ", loops.Order())) : Is.Null, $"{device.Name}: {name}");
                }
            }
        }
    }

    [Test]
    public void The_OpenCL_text_of_either_type_is_shown()
    {
        Assert.That(AppRun.Of("kernel", "Tanh", "--count", "100").Output, Does.Contain("OpenCL C (Float32)").And.Contain("__global float*"));
        var twice = AppRun.Of("kernel", "Tanh", "--count", "100", "--dtype", "float64");
        Assert.That(twice.Output, Does.Contain("OpenCL C (Float64)").And.Contain("__global double*").And.Not.Contain("__global float*"));
        Assert.That(AppRun.Of("kernel", "Tanh", "--dtype", "half").OneLineError(ExitCode.Usage), Does.Contain("float32 or float64"));
        Assert.That(
            AppRun.Of("kernel", "BitHash.Of32", "--dtype", "float64").OneLineError(ExitCode.Usage),
            Does.Contain("BitHash.Of32 has no float64 form; it has Float32"));
    }

    [Test]
    public void A_name_that_is_none_or_of_several_is_one_line_that_helps()
    {
        Assert.That(AppRun.Of("kernel", "Tanhh").OneLineError(ExitCode.Usage), Does.Contain("no kernel 'Tanhh'"));
        Assert.That(AppRun.Of("kernel", "Tahn").OneLineError(ExitCode.Usage), Does.Contain("did you mean Activations.Tanh?"));
        Assert.That(AppRun.Of("kernel", "Convolution.Froward").OneLineError(ExitCode.Usage), Does.Contain("did you mean Convolution.Forward?"));
        Assert.That(AppRun.Of("kernel", "Convolution.For").OneLineError(ExitCode.Usage), Does.Contain("is it Convolution.Forward"));
        string several = KernelCatalog.All.GroupBy(k => k.Name).First(g => g.Count() > 1).Key;
        Assert.That(AppRun.Of("kernel", several).OneLineError(ExitCode.Usage), Does.Contain("several kernels"));
    }

    [Test]
    public void Every_map_of_the_library_can_be_tried_on_every_device()
    {
        var maps = KernelCatalog.All.Where(k => k.IsMap).ToList();
        Assert.That(maps, Has.Count.GreaterThan(40));
        foreach (var device in Device.All.Append(Device.Emulator))
        {
            foreach (var kernel in maps)
                Assert.That(() => kernel.Try(device, 100), Throws.Nothing, $"{kernel} on {device.Name}");
        }
    }

    [Test]
    public void The_texts_are_whole_and_only_maps_have_vector_loops()
    {
        foreach (var kernel in KernelCatalog.All)
        {
            Assert.That(kernel.CSharp, Does.Contain($"public static void {kernel.Name}("));
            Assert.That(kernel.CpuForm, Is.Not.Empty, kernel.ToString());
            Assert.That(kernel.IsMap || !kernel.CpuForm.Contains("Vector512", StringComparison.Ordinal), kernel.ToString());
            Assert.That(kernel.Forms.Select(f => f.OpenClSource), Is.All.Contain($"__kernel void {kernel.Name}("));
        }
    }
}
