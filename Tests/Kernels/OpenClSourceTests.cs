using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>Kernels of one class share a program, and none suffers from another.</summary>
[TestFixture]
internal sealed class OpenClSourceTests
{
    [Test]
    public void Kernels_of_a_class_and_type_are_compiled_in_one_program()
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any);
        using var views = new DeviceViews(device);
        var (x, y, z) = (views.Put(1f, 2f, 3f), views.Put(4f, 5f, 6f), views.Put(new float[3]));
        Arithmetic.Add(device, 3, x, y, z);
        Arithmetic.Multiply(device, 3, x, z, y);
        Arithmetic.Exp(device, 3, x, z);
        Assert.That(views.Get<float>(1, 3), Is.EqualTo(new[] { 5f, 14f, 27f }));
        Assert.That(views.Get<float>(2, 3), Is.EqualTo(new[] { 2.7182817f, 7.389056f, 20.085537f }));
        Assert.That(device.Programs, Is.EqualTo((1, 0)));
        Activations.Relu(device, 3, x, z);
        Assert.That(device.Programs, Is.EqualTo((2, 0)), "another class");
    }

    [Test]
    public void Every_kernel_is_in_the_same_program_whichever_is_asked_for_first()
    {
        foreach (var kernel in KernelCatalog.All.SelectMany(k => k.Forms))
        {
            var source = OpenClSource.Of(kernel);
            Assert.That(source.Kernels, Does.Contain(kernel));
            Assert.That(source.Kernels.All(k => k.Form == kernel.Form && k.UsesDouble == kernel.UsesDouble), Is.True, source.Text);
            Assert.That(OpenClSource.Of(source.Kernels[^1]).Text, Is.EqualTo(source.Text));
        }
    }

    [Test]
    public void A_function_that_two_kernels_share_is_written_once_and_one_that_differs_parts_them()
    {
        const string Twice = "static float twice_(float x_)\n{\n    return x_ + x_;\n}\n";
        var first = Info("First", Twice + Writes("First", "twice_(1.0f)"), "one");
        var second = Info("Second", Twice + Writes("Second", "twice_(2.0f)"), "one");
        var third = Info("Third", Twice.Replace("x_ + x_", "x_ * 2.0f") + Writes("Third", "twice_(3.0f)"), "one");
        var source = OpenClSource.Of(second);
        Assert.That(source.Kernels, Is.EqualTo(new[] { first, second }));
        Assert.That(source.Text.Split("static float twice_"), Has.Length.EqualTo(2));
        Assert.That(OpenClSource.Of(third).Kernels, Is.EqualTo(new[] { third }));
        if (SomeOpenCl.Any is { } any)
            Assert.That(new[] { first, second, third }.Select(k => Run(any, k)), Is.EqualTo(new[] { 2f, 4f, 6f }));
    }

    [Test]
    public void A_kernel_that_the_driver_refuses_stops_no_other()
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any);
        var broken = Info("Broken", Writes("Broken", "nothing_like_that"), "two");
        var good = Info("Good", Writes("Good", "7.0f"), "two");
        var other = Info("Other", Writes("Other", "8.0f"), "two");
        Assert.That(Run(device, good), Is.EqualTo(7));
        Assert.That(Run(device, other), Is.EqualTo(8));
        var error = Assert.Throws<OpenClException>(() => Run(device, broken))!;
        Assert.That(error.Message, Does.Contain("Broken").And.Contains("nothing_like_that").And.Not.Contains("Good"));
    }

    private static KernelInfo Info(string name, string source, string family) =>
        new(name, source, usesDouble: false) { Form = "Float32", Family = $"{nameof(OpenClSourceTests)} {family}" };

    private static string Writes(string name, string value) =>
        $"__kernel void {name}(int launch_count, __global float* y_, long y_off, long y_len)\n{{\n    y_[y_off] = {value};\n}}\n";

    private static float Run(OpenClDevice device, KernelInfo kernel)
    {
        using var views = new DeviceViews(device);
        KernelLaunch.Run(device, kernel, 1, [KernelArgument.Of(views.Put(0f))]);
        return views.Get<float>(0, 1)[0];
    }
}
