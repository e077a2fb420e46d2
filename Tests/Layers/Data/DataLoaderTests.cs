using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Data;

/// <summary>
/// The loader: what is in which batch, resuming, and what happens when things go wrong on its thread.
/// </summary>
[TestFixture]
internal sealed class DataLoaderTests
{
    private const int Patience = 10_000;

    [TestCase(10, 4, false, new[] { 4, 4, 2 })]
    [TestCase(10, 4, true, new[] { 4, 4 })]
    [TestCase(8, 4, false, new[] { 4, 4 })]
    [TestCase(3, 4, false, new[] { 3 })]
    [TestCase(3, 4, true, new int[0])]
    [TestCase(0, 4, false, new int[0])]
    public void Batches_have_the_size_asked_for_but_perhaps_the_last(int count, int size, bool dropLast, int[] wanted)
    {
        using var data = Numbers(count);
        foreach (int prefetch in new[] { 0, 3 })
        {
            var loader = new DataLoader(data, size, dropLast: dropLast, prefetch: prefetch);
            Assert.That(loader.Epoch(0).Select(b => b.Count).ToArray(), Is.EqualTo(wanted));
            Assert.That(loader.BatchCount, Is.EqualTo(wanted.Length));
            Assert.That(loader.SampleCount, Is.EqualTo(wanted.Sum()));
        }
    }

    [Test]
    public void Without_shuffling_samples_come_in_order_inputs_beside_their_targets()
    {
        using var data = Numbers(10);
        var loader = new DataLoader(data, 4);
        Assert.That(Samples(loader, 0), Is.EqualTo(Enumerable.Range(0, 10)));
        foreach (var batch in loader.Epoch(0))
        {
            Assert.That(batch.Targets.Values(), Is.EqualTo(batch.Inputs.Select(1, 0).Values().Select(v => 10 * v)));
            Assert.That(batch.Targets.DType, Is.EqualTo(DType.Int64));
        }
    }

    [Test]
    public void Shuffling_gives_each_epoch_every_sample_once_in_an_order_of_its_own()
    {
        using var data = Numbers(50);
        var loader = new DataLoader(data, 7, shuffle: true, seed: 3);
        int[] first = Samples(loader, 0), second = Samples(loader, 1);
        Assert.That(first, Is.EquivalentTo(Enumerable.Range(0, 50)));
        Assert.That(second, Is.EquivalentTo(Enumerable.Range(0, 50)));
        Assert.That(first, Is.Not.EqualTo(second).And.Not.EqualTo(Enumerable.Range(0, 50)));
        Assert.That(Samples(loader, 0), Is.EqualTo(first));
        Assert.That(Samples(new DataLoader(data, 7, shuffle: true, seed: 3, prefetch: 0), 0), Is.EqualTo(first));
        Assert.That(Samples(new DataLoader(data, 7, shuffle: true, seed: 4), 0), Is.Not.EqualTo(first));
    }

    [Test]
    public void An_epoch_resumed_at_a_batch_goes_on_with_the_same_bits([Values(0, 2)] int prefetch)
    {
        using var images = new TensorDataset(Pictures(20, 3, 6, 6), Tensor.Zeros([20], DType.Int64));
        var loader = new DataLoader(
            images, 4, shuffle: true, seed: 9, prefetch: prefetch,
            transforms: [new RandomCrop(6, padding: 2), new RandomHorizontalFlip(), new Normalize([0.1, 0.2, 0.3], [1, 2, 3])]);
        float[][] Take(int first) => [.. loader.Epoch(5, first).Select(b => b.Inputs.ToArray<float>())];
        var whole = Take(0);
        Assert.That(Take(2), Is.EqualTo(whole[2..]));
        Assert.That(Take(5), Is.Empty);
    }

    [Test]
    public void A_batch_knows_its_place()
    {
        using var data = Numbers(10);
        var loader = new DataLoader(data, 4);
        Assert.That(loader.Epoch(7, 1).Select(b => (b.Epoch, b.Index)), Is.EqualTo(new[] { (7, 1), (7, 2) }));
    }

    [Test]
    public void Memory_of_batches_is_freed_however_the_enumeration_ends([Values(0, 1, 4)] int prefetch)
    {
        var device = new CpuDevice(1);
        using var data = Numbers(64, device);
        long held = device.Memory.LiveBytes;
        using var cancel = new CancellationTokenSource();
        var loader = new DataLoader(data, 4, shuffle: true, prefetch: prefetch);
        using (var scope = TensorScope.Begin())
        {
            // To the end.
            foreach (var batch in loader.Epoch(0))
                Assert.That(device.Memory.LiveBytes, Is.GreaterThan(held).And.LessThan(held * 2));
            Assert.That(device.Memory.LiveBytes, Is.EqualTo(held));
            // Left early.
            foreach (var batch in loader.Epoch(1))
                break;
            Assert.That(device.Memory.LiveBytes, Is.EqualTo(held));
            // Cancelled.
            Assert.That(
                () =>
                {
                    foreach (var batch in loader.Epoch(2, cancellation: cancel.Token))
                        cancel.Cancel();
                },
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(device.Memory.LiveBytes, Is.EqualTo(held));
            Assert.That(scope.Count, Is.Zero, "batches belong to the enumeration, not to the scope around it");
        }
    }

    [Test]
    public void The_thread_ends_with_the_enumeration()
    {
        Thread? worker = null;
        var data = new Scripted(100, _ => worker = Thread.CurrentThread);
        var loader = new DataLoader(data, 1, prefetch: 2);
        foreach (var batch in loader.Epoch(0))
        {
            Assert.That(worker, Is.Not.Null.And.Not.SameAs(Thread.CurrentThread));
            break;
        }

        Assert.That(worker!.IsAlive, Is.False);
    }

    [Test]
    public void An_enumerator_that_nobody_disposes_lets_its_thread_go()
    {
        Thread? worker = null;
        var data = new Scripted(100, _ => worker = Thread.CurrentThread);
        Abandon(new DataLoader(data, 1, prefetch: 2));
        var waited = System.Diagnostics.Stopwatch.StartNew();
        while (worker!.IsAlive && waited.ElapsedMilliseconds < Patience)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.That(worker.IsAlive, Is.False);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Abandon(DataLoader loader) => loader.Epoch(0).GetEnumerator().MoveNext();
    }

    [Test]
    public void The_queue_is_bounded()
    {
        int made = 0;
        using var fourth = new ManualResetEventSlim();
        var data = new Scripted(100, _ =>
        {
            if (Interlocked.Increment(ref made) == 4)
                fourth.Set();
        });
        foreach (var batch in new DataLoader(data, 1, prefetch: 3).Epoch(0))
        {
            // One is out and three wait, which is all; the wait is for a fifth that must not come.
            Assert.That(fourth.Wait(Patience));
            Thread.Sleep(50);
            Assert.That(Volatile.Read(ref made), Is.EqualTo(4));
            break;
        }
    }

    [Test]
    public void An_error_on_the_thread_comes_out_after_the_batches_before_it([Values(0, 1, 5)] int prefetch)
    {
        var device = new CpuDevice(1);
        var data = new Scripted(
            10, sample => { if (sample == 3) throw new DataFileException("x.idx", "rubble", "data"); }, device);
        var seen = new List<int>();
        Assert.That(
            () =>
            {
                foreach (var batch in new DataLoader(data, 1, prefetch: prefetch).Epoch(0))
                    seen.Add(batch.Index);
            },
            Throws.TypeOf<DataFileException>().With.Message.Contains("rubble"));
        Assert.That(seen, Is.EqualTo(new[] { 0, 1, 2 }));
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void An_error_in_a_transform_comes_out_too_and_leaks_nothing()
    {
        var device = new CpuDevice(1);
        var data = new Scripted(10, _ => { }, device);
        var loader = new DataLoader(data, 2, transforms: [new RandomHorizontalFlip()]);
        Assert.That(
            () => loader.Epoch(0).Count(),
            Throws.TypeOf<ShapeException>().With.Message.Contains("RandomHorizontalFlip"));
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void Cancelling_while_a_batch_is_being_made_ends_the_enumeration_without_that_batch()
    {
        using var cancel = new CancellationTokenSource();
        var data = new Scripted(10, _ => cancel.Cancel());
        using var batches = new DataLoader(data, 1).Epoch(0, cancellation: cancel.Token).GetEnumerator();
        Assert.That(() => batches.MoveNext(), Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Two_epochs_can_be_read_side_by_side()
    {
        using var data = Numbers(20);
        var loader = new DataLoader(data, 3, shuffle: true);
        var pairs =
            loader.Epoch(0).Zip(loader.Epoch(1), (a, b) => (a.Inputs.Values()[0], b.Inputs.Values()[0])).ToArray();
        int[] first = Samples(loader, 0), second = Samples(loader, 1);
        Assert.That(pairs.Select(p => (int)p.Item1), Is.EqualTo(first.Where((_, i) => i % 3 == 0)));
        Assert.That(pairs.Select(p => (int)p.Item2), Is.EqualTo(second.Where((_, i) => i % 3 == 0)));
    }

    [Test]
    public void Wrong_settings_are_refused_at_once()
    {
        using var data = Numbers(4);
        Assert.That(() => new DataLoader(data, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new DataLoader(data, 1, transforms: [null!]), Throws.ArgumentNullException);
        Assert.That(() => new TensorDataset([null!]), Throws.ArgumentNullException);
        Assert.That(() => new DataLoader(data, 1, prefetch: -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new DataLoader(data, 1).Epoch(-1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new DataLoader(data, 1).Epoch(0, 5), Throws.InstanceOf<ArgumentOutOfRangeException>());
        using var scope = TensorScope.Begin();
        Assert.That(
            () => new TensorDataset(Tensor.Zeros([3, 2]), Tensor.Zeros([4])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("[3, 2], [4]"));
        Assert.That(() => new TensorDataset(Tensor.Scalar(1)), Throws.TypeOf<ShapeException>());
    }

    [Test]
    public void A_data_set_outlives_the_tensors_it_was_made_of_and_takes_ones_with_gaps()
    {
        TensorDataset data;
        using (TensorScope.Begin())
            data = new TensorDataset(TestTensors.MakeNonContiguous([1, 2, 3, 4, 5, 6], [3, 2], DType.Float64));
        using (data)
        using (TensorScope.Begin())
            Assert.That(data.Read([2, 0])[0].Values(), Is.EqualTo(new double[] { 5, 6, 1, 2 }));
    }

    private static int[] Samples(DataLoader loader, int epoch) =>
        [.. loader.Epoch(epoch).SelectMany(b => b.Inputs.Select(1, 0).Values()).Select(v => (int)v)];

    /// <summary>Sample i is the row (i, i + 0.5) with target 10 i.</summary>
    private static TensorDataset Numbers(int count, Device? device = null)
    {
        using var scope = TensorScope.Begin();
        float[] inputs = [.. Enumerable.Range(0, count).SelectMany(i => new[] { i, i + 0.5f })];
        long[] targets = [.. Enumerable.Range(0, count).Select(i => 10L * i)];
        return new TensorDataset(Tensor.From(inputs, [count, 2], device), Tensor.From(targets, [count], device));
    }

    private static Tensor Pictures(int count, int channels, int height, int width) =>
        Tensor.From(
            [.. Enumerable.Range(0, count * channels * height * width).Select(i => MathF.Sin(i))],
            [count, channels, height, width]);

    /// <summary>A data set that runs a script for each sample it reads.</summary>
    private sealed class Scripted(int count, Action<int> script, Device? device = null) : IDataset
    {
        public int Count => count;

        public Tensor[] Read(ReadOnlySpan<int> samples)
        {
            var rows = Tensor.Zeros([samples.Length, 1], device: device);
            foreach (int sample in samples)
                script(sample);
            return [rows];
        }
    }
}
