using System.Numerics;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// Each part of the kernel language: what C# makes of it is what every device makes of it, and how it reads in OpenCL C.
/// </summary>
/// <remarks>Groups, dynamic and local memory, planes and boxes: <see cref="GroupKernelTests"/>.</remarks>
[TestFixture]
internal sealed class LanguageTests
{
    private static readonly float[] Numbers = [0.5f, -3f, 7.25f, 2f, 0f, 1e6f, -0.125f];

    private static IEnumerable<Device> Devices => DeviceViews.AllDevices;

    [Test]
    public void Structs_and_tuples_are_parameters([ValueSource(nameof(Devices))] Device device)
    {
        var segment = new LanguageKernels.Segment(2, new LanguageKernels.Line(3f, 0.5f));
        using var views = new DeviceViews(device);
        LanguageKernels.Structs(device, Numbers.Length, segment, (0.5f, 3), views.Put(Numbers), views.Put(new float[Numbers.Length]));
        Assert.That(
            views.Get<float>(1, Numbers.Length),
            Is.EqualTo(Numbers.Select((x, i) => i < 2 ? 0f : ((3f * x) + 0.5f) * 0.5f * 0.5f * 0.5f)));
        Assert.That(LanguageKernels.StructsDescription.Forms, Has.Count.EqualTo(1), "the floats of a struct stay floats");
        Assert.That(
            Text(LanguageKernels.StructsDescription),
            Does.Contain("int segment_From_, float segment_Line_Slope_, float segment_Line_Offset_, float how_Scale_, int how_Power_"));
    }

    [Test]
    public void Tuples_are_returned_taken_apart_and_swapped([ValueSource(nameof(Devices))] Device device)
    {
        using var views = new DeviceViews(device);
        LanguageKernels.Tuples(device, Numbers.Length, views.Put(Numbers), views.Put(new float[Numbers.Length]));
        Assert.That(views.Get<float>(1, Numbers.Length), Is.EqualTo(Numbers.Select((x, i) =>
        {
            var (low, high) = (MathF.Max(x, 2f), MathF.Min(x, 2f));
            return (1000f * high) + low - (3f * high) + (high * (low + 1f)) + i;
        })));
        Assert.That(Text(LanguageKernels.TuplesDescription), Does.Contain("static void Ordered_(float a_, float b_, float*"));
    }

    [Test]
    public void Switches_choose_by_constants(
        [ValueSource(nameof(Devices))] Device device,
        [Values(LanguageKernels.Shape.Flat, LanguageKernels.Shape.Steep, (LanguageKernels.Shape)9)] object shape)
    {
        int[] x = [0, 3, -2, 1, 2, 40];
        var chosen = (LanguageKernels.Shape)shape;
        float factor = chosen == LanguageKernels.Shape.Flat ? 10f : chosen == LanguageKernels.Shape.Steep ? 100f : 1f;
        float steep = chosen == LanguageKernels.Shape.Steep ? 7f : 2f;
        using var views = new DeviceViews(device);
        LanguageKernels.Switches(device, x.Length, views.Put(x), views.Put(new float[x.Length]), chosen);
        Assert.That(
            views.Get<float>(1, x.Length),
            Is.EqualTo(new[] { factor, factor, steep * factor, factor + 0.25f, (2 * factor) + 0.5f, 40f * factor }));
        Assert.That(Text(LanguageKernels.SwitchesDescription), Does.Contain("(choice_ == 0) || (choice_ == 3)").And.Not.Contain("switch"));
    }

    [Test]
    public void Parts_of_views_and_their_bytes_as_another_type_are_views([ValueSource(nameof(Devices))] Device device)
    {
        float[] x = [1f, -2f, 0.5f, 8f, 3f, -0f, 9f];
        using var views = new DeviceViews(device);
        LanguageKernels.Views(device, 3, views.Put(x), views.Put(new uint[3]), views.Put(new long[9]));
        Assert.That(views.Get<float>(0, 7), Is.EqualTo(new[] { 2f, 2f, 1f, 2f, 6f, 2f, 9f }));
        Assert.That(
            views.Get<uint>(1, 3),
            Is.EqualTo(Enumerable.Range(0, 3).Select(i => BitConverter.SingleToUInt32Bits(x[2 * i]) ^ BitConverter.SingleToUInt32Bits(x[(2 * i) + 1]))));
        // Seven floats are 28 bytes; six are three longs; 2f ends with 0x40.
        Assert.That(views.Get<long>(2, 9), Is.EqualTo(new long[] { 28, 3, 0x40, 28, 3, 0x40, 28, 3, 0x40 }));
        Assert.That(
            Text(LanguageKernels.ViewsDescription),
            Does.Contain("__global uint* words_ = (__global uint*)(pair_ + 0L)").And.Contain("static void Double_(__global float* view_, long view_len)"));
    }

    [Test]
    public void Products_of_twice_the_width_have_both_halves([ValueSource(nameof(Devices))] Device device)
    {
        ulong[] a = [0, 1, ulong.MaxValue, 0x123456789ABCDEF0, 0xCD9E8D57], b = [5, ulong.MaxValue, ulong.MaxValue, 0xFEDCBA9876543210, 0xD2511F53];
        using var views = new DeviceViews(device);
        LanguageKernels.Products(
            device, a.Length, views.Put(a), views.Put(b), views.Put(new ulong[a.Length]), views.Put(new ulong[a.Length]), views.Put(new uint[a.Length]));
        var products = a.Zip(b, (p, q) => (UInt128)p * q).ToList();
        Assert.That(views.Get<ulong>(2, a.Length), Is.EqualTo(products.Select(p => (ulong)(p >> 64))));
        Assert.That(views.Get<ulong>(3, a.Length), Is.EqualTo(products.Select(p => (ulong)p)));
        Assert.That(views.Get<uint>(4, a.Length), Is.EqualTo(a.Zip(b, (p, q) => (uint)(((ulong)(uint)p * (uint)q) >> 32))));
        Assert.That(Text(LanguageKernels.ProductsDescription), Does.Contain("mul_hi(left_, right_)"));
    }

    [Test]
    public void Bits_are_counted_and_shifted_as_in_CSharp([ValueSource(nameof(Devices))] Device device)
    {
        uint[] x = [0, 1, 0x80000000, 0xDEADBEEF, uint.MaxValue];
        ulong[] w = [0, 1, 1UL << 63, 0xDEADBEEFCAFEBABE, ulong.MaxValue];
        using var views = new DeviceViews(device);
        LanguageKernels.Bits(device, x.Length, views.Put(x), views.Put(w), views.Put(new int[x.Length]), views.Put(new long[x.Length]));
        Assert.That(views.Get<int>(2, x.Length), Is.EqualTo(x.Select(v =>
        {
            int s = (int)v;
            return BitOperations.PopCount(v) + (100 * BitOperations.LeadingZeroCount(v)) + (s >> 3) + (s >>> 3) + (s << 1) + (~s & 0xFF) - -s;
        })));
        Assert.That(views.Get<long>(3, x.Length), Is.EqualTo(w.Select(v =>
            BitOperations.PopCount(v) + (100 * BitOperations.LeadingZeroCount(v)) + ((long)v >> 3) + ((long)v >>> 5) + (long)(v << 1))));
        Assert.That(Text(LanguageKernels.BitsDescription), Does.Contain("(int)popcount(").And.Contain("(int)clz(").And.Contain(" & 63)"));
    }

    [Test]
    public void Floats_that_no_integer_holds_saturate([ValueSource(nameof(Devices))] Device device)
    {
        float[] x = [0.9f, -0.9f, 1e9f, -1e9f, 3e9f, 5e9f, 1e20f, -1e20f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, 300f];
        int n = x.Length;
        using var views = new DeviceViews(device);
        LanguageKernels.Conversions(
            device, n, views.Put(x), views.Put(new int[n]), views.Put(new uint[n]), views.Put(new long[n]), views.Put(new ulong[n]));
        Assert.That(views.Get<int>(1, n), Is.EqualTo(x.Select(v => (int)v)));
        Assert.That(views.Get<uint>(2, n), Is.EqualTo(x.Select(v => (uint)v)));
        Assert.That(views.Get<ulong>(4, n), Is.EqualTo(x.Select(v => (ulong)v)));
        Assert.That(views.Get<long>(3, n), Is.EqualTo(x.Select(v => unchecked(
            (long)v + (byte)(int)v + (short)((int)v * 3) + (sbyte)(uint)v + (ushort)(int)v))));
        Assert.That(Text(LanguageKernels.ConversionsDescription), Does.Contain("convert_uint_sat_rtz(").And.Contain("convert_long_sat_rtz("));
    }

    [Test]
    public void Every_atomic_works_on_every_type_in_device_and_shared_memory([ValueSource(nameof(Devices))] Device device)
    {
        Check<float>(LanguageKernels.Atomics, LanguageKernels.SharedAtomics);
        Check<double>(LanguageKernels.Atomics, LanguageKernels.SharedAtomics);
        Check<int>(LanguageKernels.Atomics, LanguageKernels.SharedAtomics);
        Check<long>(LanguageKernels.Atomics, LanguageKernels.SharedAtomics);
        Check<uint>(LanguageKernels.AtomicsUnsigned, LanguageKernels.SharedAtomicsUnsigned);
        Assert.That(
            Text(LanguageKernels.AtomicsDescription),
            Does.Contain("static float atomic_add_float_global(volatile __global float* p, float v)").And.Contain("atomic_cmpxchg"));
        Assert.That(Text(LanguageKernels.SharedAtomicsDescription), Does.Contain("atomic_min_float_local(volatile __local float*"));
        Assert.That(Text(LanguageKernels.AtomicsUnsignedDescription), Does.Contain("return atomic_max(p, v);"));

        void Check<T>(IndexedKernel<T> indexed, GroupedKernel<T> grouped)
            where T : unmanaged, INumber<T>
        {
            T[] x = [.. new[] { 4, 9, 1, 12, 30, 3, 8, 25 }.Select(T.CreateChecked)];
            T[] places = [.. new[] { 100, 5, 6, 77, 7 }.Select(T.CreateChecked)];
            foreach (bool isGrouped in new[] { false, true })
            {
                using var views = new DeviceViews(device);
                var (from, to, olds) = (views.Put(x), views.Put(places), views.Put(new T[8]));
                if (isGrouped)
                    grouped(device, (1, 8), from, to, olds);
                else
                    indexed(device, 8, from, to, olds);
                T[] after = views.Get<T>(1, 5);
                Assert.That(after.Take(3), Is.EqualTo(new[] { 192, 1, 30 }.Select(T.CreateChecked)), $"{typeof(T)}");
                // What was exchanged went round: each value is an old one or the last.
                Assert.That(
                    views.Get<T>(2, 8).Append(after[3]), Is.EquivalentTo(x.Append(places[3])), $"{typeof(T)}");
                Assert.That(x, Does.Contain(after[4]), "the first to compare found 7");
            }
        }
    }

    private delegate void IndexedKernel<T>(
        Device device, int count, ArrayView<T> x, ArrayView<T> places,
        ArrayView<T> olds)
        where T : unmanaged;

    private delegate void GroupedKernel<T>(
        Device device, KernelConfig config, ArrayView<T> x,
        ArrayView<T> places, ArrayView<T> olds)
        where T : unmanaged;

    private static string Text(KernelDescription kernel) => kernel.Forms[0].OpenClSource!;
}
