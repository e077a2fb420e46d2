using System.Diagnostics;
using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Samples;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>MOMENTUM_DEVICE and Device.Use move a program; what is not there is said plainly.</summary>
[TestFixture]
internal sealed class DeviceChoiceTests
{
    [Test]
    public void The_variable_names_the_default_device()
    {
        Assert.That(Device.Named(null), Is.SameAs(Device.Cpu));
        Assert.That(Device.Named(" "), Is.SameAs(Device.Cpu));
        foreach (var device in Device.All)
            Assert.That(Device.Named($" {device.Name.ToUpperInvariant()}"), Is.SameAs(device));
        Assert.That(
            () => Device.Named("opencl:99"),
            Throws.ArgumentException.With.Message.Contains("MOMENTUM_DEVICE").And.Message.Contains("opencl:99")
                .And.Message.Contains("cpu"));
    }

    [Test]
    public void A_name_that_is_none_is_repeated_without_what_a_terminal_would_obey()
    {
        const string Wild = "\u001b[2Jopencl\r\n:0\u009b31m";
        foreach (var call in (Action[])[() => Device.Parse(Wild), () => Device.Named(Wild)])
        {
            string told = Assert.Throws<ArgumentException>(() => call())!.Message;
            Assert.That(told, Does.Contain("'\uFFFD[2Jopencl\uFFFD\uFFFD:0\uFFFD31m'"));
            Assert.That(told.Where(char.IsControl), Is.Empty);
        }

        Assert.That(Assert.Throws<ArgumentException>(() => Device.Parse(new string('x', 100_000)))!.Message, Has.Length.LessThan(400));
    }

    [Test]
    public void Tensors_are_made_on_the_device_in_use_and_it_nests()
    {
        var other = new CpuDevice(1);
        using (TensorScope.Begin())
        using (Device.Use(other))
        {
            Tensor[] made =
            [
                Tensor.Zeros([2]), Tensor.From(1f, 2f), Tensor.Scalar(3), Tensor.Arange(0, 4), Tensor.Linspace(0, 1, 3),
                Tensor.Eye(2), Tensor.Rand([2]), Tensor.Randn([2]), new Linear(2, 3).Parameters().First(),
            ];
            Assert.That(made.Select(t => t.Device), Is.All.SameAs(other));
            using (Device.Use(Device.Cpu))
                Assert.That(Tensor.Zeros([2]).Device, Is.SameAs(Device.Cpu));
            Assert.That(Device.Default, Is.SameAs(other));
        }

        Assert.That(Device.Default, Is.Not.SameAs(other));
    }

    [Test]
    public void A_program_without_a_word_of_devices_trains_on_the_device_in_use()
    {
        double[] onCpu = Train();
        foreach (var device in Device.All)
        {
            using var use = Device.Use(device);
            Assert.That(Train(), Is.EqualTo(onCpu).Within(1e-4), device.Name);
        }

        static double[] Train()
        {
            using var scope = TensorScope.Begin();
            using var random = RandomSource.Use(new RandomSource(3));
            var (points, labels) = ToyData.Rings(20);
            using var data = new TensorDataset(points, labels);
            var function = new Sequential(new Linear(2, 8), new Tanh(), new Linear(8, 2));
            using var net = MomentumNet.Repeat(function, 4, 0.9, MemoryMode.Recompute);
            using var optimizer = new Adam(net.Parameters(), 0.01);
            var losses = new List<double>();
            foreach (var batch in new DataLoader(data, 10, shuffle: true).Epoch(0))
            {
                using var step = TensorScope.Begin();
                var loss = net.Call(batch.Inputs).CrossEntropy(batch.Targets);
                losses.Add(loss.Item());
                Assert.That(loss.Device, Is.SameAs(Device.Default));
                optimizer.ZeroGradient();
                loss.Backward();
                optimizer.Step();
            }

            return [.. losses];
        }
    }

    [Test]
    public void The_app_obeys_the_variable_and_lists_what_there_is_when_it_is_wrong()
    {
        string last = Device.All[^1].Name;
        var (exit, output, _) = Momentum(last, "devices");
        Assert.That(exit, Is.Zero);
        Assert.That(output, Does.Contain($"Default: {last}"));

        var (badExit, _, error) = Momentum("abacus", "rings", "--steps", "1");
        Assert.That(badExit, Is.EqualTo(2), error);
        Assert.That(error, Does.Contain("abacus").And.Contain("MOMENTUM_DEVICE").And.Contain("cpu"));
    }

    [Test]
    public void Without_a_loader_the_list_is_empty_and_nothing_fails() =>
        Assert.That(OpenClInfo.Devices(["libNoSuchLoader.so.7", "NoSuchLoader.dll"]), Is.Empty);

    [TestCase("OpenCL 1.2 Some Driver", true)]
    [TestCase("OpenCL 3.0", true)]
    [TestCase("OpenCL 10.0 x", true)]
    [TestCase("OpenCL 1.1 Old", false)]
    [TestCase("OpenCL", false)]
    [TestCase("Vulkan 1.3", false)]
    [TestCase("", false)]
    public void Devices_from_OpenCL_1_2_on_are_used(string version, bool isUsed) =>
        Assert.That(OpenClInfo.Usable(() => [1], _ => [2], _ => Facts(version)), Has.Count.EqualTo(isUsed ? 1 : 0));

    [Test]
    public void A_driver_that_fails_costs_its_own_devices_alone()
    {
        var found = OpenClInfo.Usable(
            () => [1, 2, 3, 4],
            platform => platform switch
            {
                1 => [10, 11, 12],
                2 => throw new OpenClException("no", -30),
                3 => throw new EntryPointNotFoundException(),
                _ => [40],
            },
            device => device == 11 ? throw new OpenClException("no", -33) : Facts($"OpenCL 1.2 of {device}"));
        Assert.That(found.Select(f => f.Device), Is.EqualTo(new nint[] { 10, 12, 40 }));
        Assert.That(found[1].Facts.Version, Is.EqualTo("OpenCL 1.2 of 12"));
        Assert.That(OpenClInfo.Usable(() => throw new EntryPointNotFoundException(), _ => [1], _ => Facts("OpenCL 1.2")), Is.Empty);
    }

    [Test]
    public void A_library_that_is_no_loader_is_as_good_as_none()
    {
        string runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string library = Directory.EnumerateFiles(runtime, "libSystem.Native.*").FirstOrDefault(f => !f.EndsWith(".a", StringComparison.Ordinal))
            ?? Path.Combine(runtime, "System.IO.Compression.Native.dll");
        Assert.That(OpenClInfo.Devices([library]), Is.Empty);
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TemporaryFolder();
        File.Copy(library, folder["libOpenCL.so.1"]);
        File.Copy(library, folder["libOpenCL.so"]);
        var run = AppProcess.InShell("exec \"$@\"", ["devices"], ("LD_LIBRARY_PATH", folder.FullPath), (Device.EnvironmentVariable, "cpu"));
        Assert.That(run.ExitCode, Is.Zero, run.Error);
        Assert.That(run.Output, Does.Contain("cpu").And.Not.Contain("opencl"));
    }

    [Test]
    public void A_device_without_64_bit_atomics_refuses_those_alone()
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any, any.Facts with { HasLongAtomics = false });
        using var views = new DeviceViews(device);
        GroupKernels.Atomics(device, (2, 4), views.Put(new float[8]), views.Put(1f, 9f, -9f, 0f), views.Put(new int[16]));
        Assert.That(views.Get<float>(1, 4), Is.EqualTo(new[] { 1f, 0f, 0f, 5f }));
        Assert.That(
            () => GroupKernels.Atomics(device, (2, 4), views.Put(new double[8]), views.Put(new double[4]), views.Put(new int[16])),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("Atomics (Float64)")
                .And.Message.Contains("64 bits").And.Message.Contains("GroupKernels.cs:"));
    }

    [Test]
    public void A_device_without_double_refuses_double_alone()
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any, any.Facts with { HasDouble = false });
        using var scope = TensorScope.Begin();
        Assert.That(Tensor.Ones([3], device: device).Exp().ToArray<float>()[2], Is.EqualTo(MathF.E).Within(1e-6));
        var x = Tensor.From([1.0, 2.0], [2], device); // holding them is no computation
        Assert.That(x.ToArray<double>(), Is.EqualTo(new[] { 1.0, 2.0 }));
        Assert.That(
            () => x.Exp(),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("Exp (Float64)")
                .And.Message.Contains("Float32"));
    }

    private static OpenClFacts Facts(string version) => new("made up", version, "1", true, true);

    private static (int ExitCode, string Output, string Error) Momentum(string device, params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "momentum.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment[Device.EnvironmentVariable] = device;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
