using MomentumCore.Kernels.Devices.Emulator;
using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>Integer division: C#'s results everywhere, and where it has none an exception or a stated value.</summary>
[TestFixture]
internal sealed class DivisionTests
{
    private static readonly int[] Dividends = [0, 1, -1, 7, -7, 100, -100, int.MaxValue, int.MinValue, 12345];
    private static readonly int[] Divisors = [3, -3, 2, -2, 7, 13, -13, 5, 9, int.MinValue];

    private static IEnumerable<Device> Devices => DeviceViews.AllDevices;

    private static IEnumerable<Device> Throwing => [Device.Cpu, Device.Emulator];

    [Test]
    public void Every_device_divides_as_CSharp_does([ValueSource(nameof(Devices))] Device device)
    {
        int count = Dividends.Length;
        long[] wide = [.. Dividends.Select(d => (long)d * 0x100000001)];
        long[] by = [.. Divisors.Select(d => (long)d * 3)];
        using var views = new DeviceViews(device);
        DivisionKernels.Ints(
            device, count, views.Put(Dividends), views.Put(Divisors), views.Put(new int[count]), views.Put(new int[count]));
        Assert.That(views.Get<int>(2, count), Is.EqualTo(Dividends.Zip(Divisors, (a, b) => a / b)));
        Assert.That(views.Get<int>(3, count), Is.EqualTo(Dividends.Zip(Divisors, (a, b) => a % b)));
        DivisionKernels.Longs(
            device, count, views.Put(wide), views.Put(by), views.Put(new long[count]), views.Put(new long[count]));
        Assert.That(views.Get<long>(6, count), Is.EqualTo(wide.Zip(by, (a, b) => a / b)));
        Assert.That(views.Get<long>(7, count), Is.EqualTo(wide.Zip(by, (a, b) => a % b)));
        uint[] from = [0, 1, 77, uint.MaxValue], into = [5, uint.MaxValue, 10, 3];
        DivisionKernels.Unsigned(
            device, 4, views.Put(from), views.Put(into), views.Put(new ulong[4]), views.Put(new uint[4]));
        Assert.That(views.Get<ulong>(10, 4), Is.EqualTo(from.Zip(into, (a, b) => ((ulong)a << 32) / b)));
        Assert.That(views.Get<uint>(11, 4), Is.EqualTo(from.Zip(into, (a, b) => a % b)));
        DivisionKernels.Constants(device, count, views.Put(Dividends), views.Put(new long[count]));
        Assert.That(
            views.Get<long>(13, count), Is.EqualTo(Dividends.Select(a => (a / 7) + (a % -3) + ((long)a / 11L))));
    }

    [Test]
    public void The_CPU_and_the_emulator_throw_what_CSharp_throws([ValueSource(nameof(Throwing))] Device device)
    {
        using var views = new DeviceViews(device);
        var quotients = views.Put(new int[3]);
        Assert.That(
            () => DivisionKernels.Ints(device, 3, views.Put(1, 2, 3), views.Put(1, 0, 1), quotients, quotients),
            Fails<DivideByZeroException>(device));
        Assert.That(
            () => DivisionKernels.Ints(device, 1, views.Put(int.MinValue), views.Put(-1), quotients, quotients),
            Fails<OverflowException>(device));
        Assert.That(
            () => DivisionKernels.Grouped(device, (1, 3), views.Put(1, 2, 3), views.Put(1, 1, 0), quotients),
            Fails<DivideByZeroException>(device));
        if (device == Device.Emulator)
        {
            Assert.That(
                () => DivisionKernels.Ints(device, 3, views.Put(1, 2, 3), views.Put(1, 1, 0), quotients, quotients),
                Throws.TypeOf<KernelFaultException>().With.Message.Contains("'Ints', work item 2"));
        }
    }

    [Test]
    public void The_absolute_value_of_the_smallest_number_throws_or_is_that_number([ValueSource(nameof(Devices))] Device device)
    {
        int[] values = [.. Enumerable.Repeat(-3, 40)];
        using var views = new DeviceViews(device);
        DivisionKernels.Absolute(device, 40, views.Put(values), views.Put(new int[40]));
        Assert.That(views.Get<int>(1, 40), Is.All.EqualTo(3));
        values[5] = int.MinValue;
        void Launch() => DivisionKernels.Absolute(device, 40, views.Put(values), views.Put(new int[40]));
        if (Throwing.Contains(device))
        {
            Assert.That(Launch, Fails<OverflowException>(device));
            return;
        }

        Launch();
        Assert.That(views.Get<int>(3, 40)[5], Is.EqualTo(int.MinValue));
    }

    [Test]
    public void A_program_that_loads_a_driver_keeps_its_exceptions_and_survives_a_division_by_zero_on_the_device()
    {
        string printed = CompiledProgram.RunAlone(
            """
            using MomentumCore.Kernels.Devices;
            using MomentumCore.Kernels.Devices.OpenCl;
            using MomentumCore.Kernels.Dialect;

            int zero = int.Parse("0");
            Check("before");
            foreach (var device in Device.All.OfType<OpenClDevice>())
            {
                Check("listed");
                device.Synchronize();
                Check("started");
            }

            Check("at the end");
            try
            {
                string? nothing = zero == 0 ? null : "";
                Console.WriteLine(nothing!.Length);
            }
            catch (NullReferenceException)
            {
                Console.WriteLine("a null is noticed");
            }

            void Check(string when)
            {
                try
                {
                    Console.WriteLine($"{when}: {1 / zero}, {5 % zero}");
                }
                catch (DivideByZeroException)
                {
                    Console.WriteLine($"{when}: thrown");
                }
            }
            """,
            "division.cs");
        var expected = new List<string> { "before: thrown" };
        foreach (var _ in Device.All.OfType<OpenClDevice>())
            expected.AddRange(["listed: thrown", "started: thrown"]);
        Assert.That(printed.Trim().ReplaceLineEndings("\n").Split('\n'), Is.EqualTo([.. expected, "at the end: thrown", "a null is noticed"]));
    }

    [Test]
    public void On_a_device_that_cannot_throw_a_quotient_is_0_and_a_remainder_the_dividend()
    {
        var device = SomeOpenCl.Required;
        using var views = new DeviceViews(device);
        DivisionKernels.Ints(
            device, 4, views.Put(7, -7, int.MinValue, int.MinValue), views.Put(0, 0, 0, -1), views.Put(new int[4]),
            views.Put(new int[4]));
        Assert.That(views.Get<int>(2, 4), Is.EqualTo(new[] { 0, 0, 0, int.MinValue }));
        Assert.That(views.Get<int>(3, 4), Is.EqualTo(new[] { 7, -7, int.MinValue, 0 }));
        DivisionKernels.Longs(
            device, 3, views.Put(7L, long.MinValue, long.MinValue), views.Put(0L, 0L, -1L), views.Put(new long[3]),
            views.Put(new long[3]));
        Assert.That(views.Get<long>(6, 3), Is.EqualTo(new[] { 0L, 0L, long.MinValue }));
        Assert.That(views.Get<long>(7, 3), Is.EqualTo(new[] { 7L, long.MinValue, 0L }));
        DivisionKernels.Unsigned(
            device, 2, views.Put(7u, uint.MaxValue), views.Put(0u, 0u), views.Put(new ulong[2]), views.Put(new uint[2]));
        Assert.That(views.Get<ulong>(10, 2), Is.EqualTo(new[] { 0UL, 0UL }));
        Assert.That(views.Get<uint>(11, 2), Is.EqualTo(new[] { 7u, uint.MaxValue }));
    }

    private static NUnit.Framework.Constraints.IResolveConstraint Fails<T>(Device device)
        where T : Exception =>
        device is EmulatorDevice
            ? Throws.TypeOf<KernelFaultException>().With.InnerException.TypeOf<T>()
            : Throws.TypeOf<T>();
}
