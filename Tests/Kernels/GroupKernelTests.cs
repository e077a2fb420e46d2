using MomentumCore.Kernels.Dialect;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Kernels;

/// <summary>Grouped kernels give what plain C# gives, on every device and in both precisions.</summary>
[TestFixture]
internal sealed class GroupKernelTests
{
    private static IEnumerable<Device> Devices => DeviceViews.AllDevices;

    [Test]
    public void Shared_memory_passes_values_between_work_items(
        [ValueSource(nameof(Devices))] Device device, [Values(1, 7, 64)] int size)
    {
        const int Groups = 3;
        float[] x = Numbers(Groups * size);
        float[] expected = [.. Enumerable.Range(0, Groups).SelectMany(g => x.Skip(g * size).Take(size).Reverse())];
        using var views = new DeviceViews(device);
        GroupKernels.Reverse(device, (Groups, size), views.Put(x), views.Put(new float[x.Length]));
        Assert.That(views.Get<float>(1, x.Length), Is.EqualTo(expected));
        using var doubles = new DeviceViews(device);
        GroupKernels.Reverse(device, (Groups, size), doubles.Put(Doubles(x)), doubles.Put(new double[x.Length]));
        Assert.That(doubles.Get<double>(1, x.Length), Is.EqualTo(Doubles(expected)));
    }

    [Test]
    public void Barriers_in_a_loop_order_the_steps_of_a_tree_sum(
        [ValueSource(nameof(Devices))] Device device, [Values(1, 2, 32)] int size)
    {
        const int Groups = 4;
        int count = (Groups * size) - (size / 3);
        float[] x = Numbers(count);
        float[] expected = [.. Enumerable.Range(0, Groups).Select(g => Tree([.. x.Skip(g * size).Take(size)], size))];
        using var views = new DeviceViews(device);
        var config = new KernelConfig(Groups, size, SharedMemoryConfig.RequestDynamic<float>(size));
        GroupKernels.TreeSum(device, config, views.Put(x), views.Put(new float[Groups]), count);
        Assert.That(views.Get<float>(1, Groups), Is.EqualTo(expected));
    }

    [Test]
    public void Votes_and_broadcasts_reach_every_work_item([ValueSource(nameof(Devices))] Device device)
    {
        const int Groups = 2, Size = 6;
        float[] x = [1, 2, 3, 40, 5, 6, 10, 20, 30, 40, 50, 60];
        using var views = new DeviceViews(device);
        GroupKernels.Votes(device, (Groups, Size), views.Put(x), views.Put(new int[8]), views.Put(new float[12]), 4f);
        // 40 and 60 are halved four times until they are not above 4.
        Assert.That(views.Get<int>(1, 8), Is.EqualTo(new[] { 3, 0, 1, 4, 6, 1, 1, 4 }));
        float[] expected = [.. x.Select((v, i) => x[(i / Size * Size) + Size - 1] + (v / 16))];
        Assert.That(views.Get<float>(2, 12), Is.EqualTo(expected));
    }

    [Test]
    public void Atomics_count_every_work_item_once([ValueSource(nameof(Devices))] Device device)
    {
        int[] x = [.. Enumerable.Range(0, 1001).Select(i => i * i % 31)];
        int[] expected = [.. Enumerable.Range(0, 16).Select(b => x.Count(v => (v & 15) == b))];
        using var views = new DeviceViews(device);
        GroupKernels.Histogram(device, (5, 16), views.Put(x), views.Put(new int[16]), views.Put(new long[1]), x.Length);
        Assert.That(views.Get<int>(1, 16), Is.EqualTo(expected));
        Assert.That(views.Get<long>(2, 1), Is.EqualTo(new[] { 1001L }));
    }

    [Test]
    public void Every_atomic_works_on_floats_and_doubles([ValueSource(nameof(Devices))] Device device)
    {
        float[] x = [1, -2, 3, 4, -5, 6, 7, 8];
        using var views = new DeviceViews(device);
        GroupKernels.Atomics(device, (2, 4), views.Put(x), views.Put(0f, 9f, -9f, 0f), views.Put(new int[16]));
        Assert.That(views.Get<float>(1, 4), Is.EqualTo(new[] { 22f, -5f, 8f, 5f }));
        Check(views.Get<int>(2, 16));
        using var doubles = new DeviceViews(device);
        GroupKernels.Atomics(
            device, (2, 4), doubles.Put(Doubles(x)), doubles.Put(0d, 9d, -9d, 0d), doubles.Put(new int[16]));
        Assert.That(doubles.Get<double>(1, 4), Is.EqualTo(new[] { 22d, -5d, 8d, 5d }));
        Check(doubles.Get<int>(2, 16));

        // Of the two work items that want a place, one finds it free.
        static void Check(int[] claims)
        {
            Assert.That(claims.Take(4), Is.All.EqualTo(1));
            for (int pair = 0; pair < 4; pair++)
                Assert.That(claims[8 + (2 * pair)] + claims[9 + (2 * pair)], Is.EqualTo(1));
        }
    }

    [Test]
    public void Planes_private_arrays_and_parts_of_shared_memory_work_in_two_dimensions(
        [ValueSource(nameof(Devices))] Device device, [Values(0, 1, 3)] int passes)
    {
        const int Width = 7, Height = 5;
        float[] x = Numbers(Width * Height);
        float[] expected = new float[x.Length];
        for (int line = 0; line < Height; line++)
        {
            for (int column = 0; column < Width; column++)
                expected[(column * Height) + line] = passes * x[(line * Width) + column];
        }

        using var views = new DeviceViews(device);
        GroupKernels.Transpose(
            device,
            new KernelConfig((2, 2), (4, 4)),
            new ArrayView2D<float, Stride2D.DenseX>(
                views.Put(x), new Index2D(Width, Height), new Stride2D.DenseX(Width)),
            new ArrayView2D<float, Stride2D.DenseX>(
                views.Put(new float[x.Length]), new Index2D(Height, Width), new Stride2D.DenseX(Height)),
            passes);
        Assert.That(views.Get<float>(1, x.Length), Is.EqualTo(expected));
    }

    [Test]
    public void Helpers_know_their_group_wait_at_its_barriers_and_give_results([ValueSource(nameof(Devices))] Device device)
    {
        const int Groups = 3, Size = 5;
        float[] x = Numbers(Groups * Size);
        float[] y = new float[x.Length];
        int[] above = new int[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            float[] group = x[(i / Size * Size)..((i / Size * Size) + Size)];
            float both = Sum(group) + Sum([.. group.Select(_ => 2f * Sum([1f, 1f, 1f, 1f, 1f]))]);
            above[i] = group.Count(v => v > both / Size * 0.5f);
            y[i] = group[0] + Sum([both, both, both, both, both]);
        }

        using var views = new DeviceViews(device);
        GroupKernels.Helped(device, (Groups, Size), views.Put(x), views.Put(new float[x.Length]), views.Put(new int[x.Length]));
        Assert.That(views.Get<int>(2, x.Length), Is.EqualTo(above));
        Assert.That(views.Get<float>(1, x.Length), Is.EqualTo(y));
        using var doubles = new DeviceViews(device);
        GroupKernels.Helped(
            device, (Groups, Size), doubles.Put(Doubles(x)), doubles.Put(new double[x.Length]), doubles.Put(new int[x.Length]));
        Assert.That(doubles.Get<int>(2, x.Length), Is.EqualTo(above));

        static float Sum(float[] values)
        {
            float sum = 0;
            foreach (float v in values)
                sum += v;
            return sum;
        }
    }

    [Test]
    public void Indices_run_over_planes_and_boxes([ValueSource(nameof(Devices))] Device device)
    {
        using var views = new DeviceViews(device);
        GroupKernels.Plane(device, new Index2D(3, 2), views.Put(new float[6]), 3);
        Assert.That(views.Get<float>(0, 6), Is.EqualTo(new float[] { 0, 10, 20, 1, 11, 21 }));
        GroupKernels.Box(device, new Index3D(2, 2, 2), views.Put(new double[8]), 2, 2);
        Assert.That(views.Get<double>(1, 8), Is.EqualTo(new double[] { 0, 100, 10, 110, 1, 101, 11, 111 }));
        GroupKernels.Plane(device, new Index2D(0, 2), views.Put<float>(), 0);
    }

    [Test]
    public void A_work_item_has_arrays_of_its_own([ValueSource(nameof(Devices))] Device device)
    {
        using var views = new DeviceViews(device);
        GroupKernels.Sorted(device, 2, views.Put<double>(3, 1, 2, 9, 8, 7), views.Put(new double[6]));
        Assert.That(views.Get<double>(1, 6), Is.EqualTo(new double[] { 1, 2, 3, 7, 8, 9 }));
    }

    [Test]
    public void A_launch_without_groups_does_nothing_and_without_a_size_is_an_error(
        [ValueSource(nameof(Devices))] Device device)
    {
        using var views = new DeviceViews(device);
        var x = views.Put(1f, 2f);
        GroupKernels.Reverse(device, (0, 2), x, x);
        Assert.That(
            () => GroupKernels.Reverse(device, default, x, x),
            Throws.ArgumentException.With.Message.Contains("KernelConfig"));
        Assert.That(
            () => new KernelConfig(1, 0),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("1 or more"));
        Assert.That(() => new KernelConfig(-1, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private static float Tree(float[] x, int size)
    {
        float[] cells = new float[size];
        x.CopyTo(cells, 0);
        for (int half = size / 2; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
                cells[i] += cells[i + half];
        }

        return cells[0];
    }

    private static float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => (i * 37 % 101 / 7f) - 3f)];

    private static double[] Doubles(float[] x) => [.. x.Select(v => (double)v)];
}
