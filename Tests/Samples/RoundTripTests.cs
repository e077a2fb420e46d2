using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Samples;
using MomentumCore.Tests.Kernels;

namespace MomentumCore.Tests.Samples;

/// <summary>A training step stays on its device: what it checks it checks when the host reads anyway.</summary>
[TestFixture]
[NonParallelizable] // counts what the whole process copies
internal sealed class RoundTripTests
{
    [TestCase(MemoryMode.Store, false)]
    [TestCase(MemoryMode.Recompute, false)]
    [TestCase(MemoryMode.Exact, false)]
    [TestCase(MemoryMode.Exact, true)]
    public void A_training_step_of_the_digit_network_makes_no_round_trip_but_one_in_Exact(MemoryMode mode, bool verify)
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any, cacheFolder: OpenClBinaryCache.Folder(null));
        using var scope = TensorScope.Begin();
        using var random = RandomSource.Use(new RandomSource(1));
        using var network = new DigitNetwork(2, mode);
        network.To(device);
        var blocks = network.Modules().OfType<MomentumNet>().ToList();
        foreach (var block in blocks)
            block.Verify = verify;
        using var optimizer = new AdamW(network.Parameters(), 0.01);
        var images = Tensor.Rand([4, 1, 28, 28]).To(device);
        var labels = Tensor.From([3L, 1, 4, 1], [4], device);
        double first = Step().Item();
        long before = device.Transfers, launches = device.Launches, waits = device.Waits;

        var loss = Step();
        // In Exact every block's backward reads once what was noted of ranges and hashes, a few numbers.
        int reads = mode == MemoryMode.Exact ? blocks.Count : 0;
        Assert.That(device.Transfers, Is.EqualTo(before + reads));
        Assert.That(device.Waits, Is.EqualTo(waits), "nobody waits for the device, but for those reads");
        Assert.That(device.Launches, Is.GreaterThan(launches + 20));
        Assert.That(loss.Item(), Is.LessThan(first));
        Assert.That(device.Transfers, Is.GreaterThan(before), "the count counts");
        Assert.That(device.Waits, Is.GreaterThan(waits), "and so does the other");

        Tensor Step()
        {
            var loss = network.Call(images).CrossEntropy(labels);
            optimizer.ZeroGradient();
            loss.Backward();
            optimizer.Step();
            return loss;
        }
    }

    private static IEnumerable<TestCaseData> Trainings()
    {
        yield return Case("convolutions, pooling, dropout, SGD", () => new Sequential(
            new Conv2d(3, 8, 3, padding: 1), new Relu(), new MaxPool2d(2), new Conv2d(8, 12, 3, stride: 2, groups: 2),
            new GroupNorm(3, 12), new Gelu(), new Flatten(), new Dropout(0.2), new Linear(12, 5)),
            p => new Sgd(p, 0.05, momentum: 0.9, nesterov: true));
        yield return Case(
            "ResNet with batch norm, Adam",
            () => new ResNet(new ResNetOptions(1, 1, 1, 1) { Classes = 5, Stem = ResNetStem.Cifar, Width = 4 }),
            p => new Adam(p, 0.003));
        foreach (var memory in new[] { MemoryMode.Store, MemoryMode.Recompute })
        {
            yield return Case(
                $"momentum transformer with embedding and dropout, {memory}, RmsProp",
                () => new Sequential(
                    new Embedding(9, 8),
                    new MomentumNet(
                        [.. Enumerable.Range(0, 2).Select(_ => new TransformerEncoderLayer(
                            new TransformerOptions(8, 2) { FeedForward = 12, Dropout = 0.1, BatchFirst = true }))],
                        0.9,
                        memory),
                    new Flatten(),
                    new Linear(8 * 6, 5)),
                p => new RmsProp(p, 0.003, centered: true),
                isText: true);
        }

        static TestCaseData Case(
            string name, Func<Module> network, Func<IEnumerable<Tensor>, Optimizer> optimizer, bool isText = false) =>
            new TestCaseData(network, optimizer, isText).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Trainings))]
    public void A_step_of_any_training_makes_no_round_trip_and_clipping_by_norm_one(
        Func<Module> make, Func<IEnumerable<Tensor>, Optimizer> makeOptimizer, bool isText)
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any, cacheFolder: OpenClBinaryCache.Folder(null));
        using var scope = TensorScope.Begin();
        using var random = RandomSource.Use(new RandomSource(1));
        using var network = make();
        network.To(device);
        using var optimizer = makeOptimizer(network.Parameters());
        var inputs = (isText ? Tensor.RandInt([4, 6], 0, 9) : Tensor.Rand([4, 3, 8, 8])).To(device);
        var labels = Tensor.From([3L, 1, 4, 1], [4], device);
        double first = Step().Item();
        long before = device.Transfers, waits = device.Waits;

        Step();
        Assert.That(device.Transfers, Is.EqualTo(before));
        Assert.That(device.Waits, Is.EqualTo(waits));
        device.Synchronize();
        before = device.Transfers;
        GradientClipping.ByNorm(network.Parameters(), 1);
        Assert.That(device.Transfers, Is.EqualTo(before + 1), "what ByNorm returns");
        for (int i = 0; i < 6; i++)
            Step();
        Assert.That(Step().Item(), Is.LessThan(first));

        Tensor Step()
        {
            var loss = network.Call(inputs).CrossEntropy(labels);
            optimizer.ZeroGradient();
            loss.Backward();
            GradientClipping.ByValue(network.Parameters(), 1);
            optimizer.Step();
            return loss;
        }
    }

    [Test]
    public void A_wrong_probability_is_named_at_the_next_read()
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any);
        using var scope = TensorScope.Begin();
        var probabilities = Tensor.From([0.5f, 1, 0, 1.5f], [2, 2], device);
        long before = device.Transfers;
        var mask = probabilities.Bernoulli();
        Assert.That(device.Transfers, Is.EqualTo(before));
        probabilities.Fill(1);
        Assert.That(
            () => mask.ToArray<int>(),
            Throws.TypeOf<ArgumentOutOfRangeException>()
                .With.Message.Contains("element 3").And.Message.Contains("1.5"));
        Assert.That(probabilities.Bernoulli().ToArray<int>(), Is.All.EqualTo(1));
    }

    [Test]
    public void A_wrong_class_is_named_at_the_next_read_and_the_device_goes_on()
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any);
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([3, 5], device: device);
        var loss = x.CrossEntropy(Tensor.From([0L, 5, 2], [3], device));
        Assert.That(
            () => loss.Item(),
            Throws.TypeOf<ArgumentOutOfRangeException>()
                .With.Message.Contains("class index 5 at position 1 is outside 0 … 4"));
        Assert.That(
            x.CrossEntropy(Tensor.From([0L, -100, 2], [3], device)).Item(), Is.EqualTo(Math.Log(5)).Within(1e-6));

        x.IndexSelect(0, Tensor.From([0L, -1], [2], device));
        Assert.That(
            device.Synchronize,
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("IndexSelect")
                .And.Message.Contains("-1"));
        Assert.That(x.IndexSelect(0, Tensor.From([0L, 2], [2], device)).ToArray<float>(), Is.All.Zero);
    }

    [Test]
    public void A_value_out_of_the_range_of_Exact_is_named_before_it_can_be_read_or_give_a_gradient(
        [Values] bool records, [Values] bool backward)
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any);
        using var scope = TensorScope.Begin();
        using var net = new MomentumNet(
            [new Tanh(), new Tests.Reversible.Lambda(x => (x * 1000.0) + 400.0), new Tanh()], 0.5, MemoryMode.Exact);
        var x = Tensor.Ones([70], device: device);
        x.RequiresGradient = records;
        GridRangeException error;
        if (!records)
        {
            error = Assert.Throws<GridRangeException>(() => net.Call(x))!;
        }
        else
        {
            long before = device.Transfers;
            var loss = net.Call(x).Sum();
            Assert.That(device.Transfers, Is.EqualTo(before), "nobody waits for forward");
            error = backward
                ? Assert.Throws<GridRangeException>(() => loss.Backward())!
                : Assert.Throws<GridRangeException>(() => loss.Item())!;
            Assert.That(x.Gradient, Is.Null);
        }

        Assert.That(error.Layer, Is.EqualTo(1));
        Assert.That(error.Largest, Is.GreaterThan(256).And.LessThan(1000));
        Assert.That(error.Message, Does.Contain("layer 1").And.Contain("FractionBits = 12"));
        Assert.That(Tensor.Ones([2], device: device).Sum().Item(), Is.EqualTo(2), "the device goes on");
    }

    [Test]
    public void A_layer_that_changes_its_mind_is_named_by_Verify_in_backward()
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any);
        using var scope = TensorScope.Begin();
        double factor = 0.5;
        using var net = new MomentumNet(
            [new Tanh(), new Tanh(), new Tests.Reversible.Lambda(x => x * factor), new Tanh()], 0.7, MemoryMode.Exact)
        {
            Verify = true,
        };
        var x = Tensor.Ones([70], device: device);
        x.RequiresGradient = true;
        var loss = net.Call(x).Sum();
        factor = 0.25;
        var error = Assert.Throws<ReversalException>(() => loss.Backward())!;
        Assert.That(error.Layer, Is.EqualTo(1));
        Assert.That(x.Gradient, Is.Null);
    }

    [Test]
    public void Too_large_a_drift_is_thrown_at_the_next_read()
    {
        var any = SomeOpenCl.Required;
        var device = SomeOpenCl.Again(any);
        using var scope = TensorScope.Begin();
        using var random = RandomSource.Use(new RandomSource(1));
        using var net = MomentumNet.Repeat(new Sequential(new Linear(3, 3), new Tanh()), 60, 0.5, MemoryMode.Recompute);
        net.To(device);
        net.Call(Tensor.Randn([2, 3], device: device)).Sum().Backward();
        Assert.That(net.LastDrift, Is.Null);
        Assert.That(device.Synchronize, Throws.TypeOf<ReversalException>().With.Message.Contains("60 layers"));
        Assert.That(net.LastDrift, Is.GreaterThan(1e-3));
    }
}
