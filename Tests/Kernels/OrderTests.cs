using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// C# computes from left to right and everything once; so does every device, also where C would leave it open.
/// The emulator runs the kernel's own method: what it gives is what C# says.
/// </summary>
[TestFixture]
internal sealed class OrderTests
{
    private static readonly Dictionary<string, Action<Device, DeviceViews>> Kernels = new()
    {
        ["Operands"] = (d, v) => OrderKernels.Operands(d, 1, v.Put(new int[16])),
        ["Assignments"] = (d, v) => OrderKernels.Assignments(d, 1, v.Put(new int[16])),
        ["IndicesOnce"] = (d, v) => OrderKernels.IndicesOnce(d, 1, v.Put(new int[16]), v.Put(new int[1])),
        ["AtomicOperands"] = (d, v) => OrderKernels.AtomicOperands(d, 1, v.Put(new int[16]), v.Put(new int[1])),
        ["Choices"] = (d, v) => OrderKernels.Choices(d, 1, v.Put(new int[16])),
        ["Tuples"] = (d, v) => OrderKernels.Tuples(d, 1, v.Put(new int[16])),
        ["Arguments"] = (d, v) => OrderKernels.Arguments(d, 1, v.Put(new int[16])),
        ["Loops"] = (d, v) => OrderKernels.Loops(d, 1, v.Put(new int[16])),
        ["Structs"] = (d, v) => OrderKernels.Structs(d, 1, v.Put(new int[16])),
        ["MapOfCalls"] = (d, v) => OrderKernels.MapOfCalls(d, 16, v.Put(Enumerable.Range(-4, 16).ToArray()), v.Put(new int[16])),
        ["LocalArrays"] = (d, v) => OrderKernels.LocalArrays(d, 5, v.Put(new int[16])),
        ["Groups"] = (d, v) => OrderKernels.Groups(d, (4, 4), v.Put(new int[16]), v.Put(new int[16]), 3),
        ["Groups otherwise"] = (d, v) => OrderKernels.Groups(d, (4, 4), v.Put(new int[16]), v.Put(new int[16]), 1),
    };

    private static IEnumerable<Device> Devices => Device.All;

    private static IEnumerable<string> Names => Kernels.Keys;

    [Test]
    public void Every_device_computes_in_the_order_of_CSharp(
        [ValueSource(nameof(Devices))] Device device, [ValueSource(nameof(Names))] string kernel)
    {
        int number = kernel is "MapOfCalls" ? 1 : 0;
        int[] expected = Run(Device.Emulator), got = Run(device);
        Assert.That(got, Is.EqualTo(expected));
        Assert.That(expected, Has.Some.Not.Zero, "the kernel writes");

        int[] Run(Device on)
        {
            using var views = new DeviceViews(on);
            Kernels[kernel](on, views);
            return [.. views.Get<int>(number, 16), .. kernel[0] == 'G' ? views.Get<int>(1, 16) : []];
        }
    }

    [Test]
    public void A_struct_that_its_method_changes_is_changed_in_whole_vectors_and_the_rest(
        [ValueSource(nameof(Devices))] Device device, [Values(1, 37)] int count)
    {
        float[] x = [.. Enumerable.Range(0, count).Select(k => (k * 0.25f) - 1f)];
        using var views = new DeviceViews(device);
        OrderKernels.MapOfStructs(device, count, views.Put(x), views.Put(new float[count]));
        Assert.That(views.Get<float>(1, count), Is.EqualTo(x.Select(v => 0.5f + v + (v > 1f ? v * 2f : 0f))));
    }

    [Test]
    public void The_numbers_are_those_that_are_worked_out_by_hand([ValueSource(nameof(Devices))] Device device)
    {
        using var views = new DeviceViews(device);
        OrderKernels.Assignments(device, 1, views.Put(new int[8]));
        // y[1] = 2 · 10; 5 + 6; 5 + 16; y[4] = 13; y[5] += 6; then y[7] += 5 with k = 7; y[0] = 3 · 7 + 1 + 7.
        Assert.That(views.Get<int>(0, 8), Is.EqualTo(new[] { 29, 20, 11, 21, 13, 6, 0, 5 }));
    }
}
