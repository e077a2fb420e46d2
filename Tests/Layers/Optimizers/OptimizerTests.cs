using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Optimizers;

/// <summary>What all optimizers share: groups, state, errors, memory.</summary>
[TestFixture]
internal sealed class OptimizerTests
{
    private static readonly Dictionary<string, Func<IEnumerable<Tensor>, Optimizer>> Kinds = new()
    {
        ["Sgd"] = p => new Sgd(p, 0.1),
        ["Sgd momentum"] = p => new Sgd(p, 0.1, momentum: 0.9, dampening: 0.1, weightDecay: 0.01),
        ["Sgd Nesterov"] = p => new Sgd(p, 0.1, momentum: 0.9, nesterov: true),
        ["Adam"] = p => new Adam(p, 0.1, weightDecay: 0.1),
        ["Adam amsGrad"] = p => new Adam(p, 0.1, amsGrad: true),
        ["AdamW"] = p => new AdamW(p, 0.1),
        ["RmsProp"] = p => new RmsProp(p, 0.1),
        ["RmsProp centered momentum"] = p => new RmsProp(p, 0.1, centered: true, momentum: 0.5),
    };

    private static IEnumerable<string> Names() => Kinds.Keys;

    [Test]
    public void A_saved_state_goes_on_bit_for_bit(
        [ValueSource(nameof(Names))] string kind, [Values(DType.Float32, DType.Float64)] DType dtype)
    {
        using var scope = TensorScope.Begin();
        var straight = Parameters(dtype);
        using var whole = Kinds[kind](straight);
        Train(whole, straight, 0, 6);

        var first = Parameters(dtype);
        var second = Parameters(dtype);
        var saved = new Dictionary<string, Tensor>();
        using (var before = Kinds[kind](first))
        {
            before.LearningRate = 0.1;
            Train(before, first, 0, 3);
            foreach (var (name, tensor) in before.StateDict())
                saved[name] = tensor.Clone();
        }

        for (int i = 0; i < first.Length; i++)
            second[i].Detach().CopyFrom(first[i]);
        using var after = Kinds[kind](second);
        after.LearningRate = 99;
        after.LoadStateDict(saved);
        Train(after, second, 3, 6);
        for (int i = 0; i < straight.Length; i++)
            Assert.That(second[i].Values(), Is.EqualTo(straight[i].Values()), $"parameter {i}");
    }

    [TestCaseSource(nameof(Names))]
    public void Ten_thousand_steps_leave_no_memory_behind(string kind)
    {
        using var scope = TensorScope.Begin();
        // A device of its own: no other test's memory is counted there.
        var device = new CpuDevice(2);
        var parameters = Parameters(DType.Float32, device);
        var optimizer = Kinds[kind](parameters);
        optimizer.RequireFiniteGradients = true;
        Train(optimizer, parameters, 0, 2);
        long before = device.Memory.LiveBytes;
        int tracked = scope.Count;
        for (int step = 0; step < 10_000; step++)
            optimizer.Step();
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
        Assert.That(scope.Count, Is.EqualTo(tracked));
        optimizer.Dispose();
        foreach (var parameter in parameters)
            parameter.Dispose();
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void A_step_allocates_next_to_nothing_managed()
    {
        using var scope = TensorScope.Begin();
        var parameters = Parameters(DType.Float32);
        using var optimizer = new Adam(parameters);
        Train(optimizer, parameters, 0, 50);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 100; step++)
            optimizer.Step();
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100 * 200));
    }

    [Test]
    public void Buffers_outlive_the_scope_of_the_step_that_made_them()
    {
        using var parameter = Leaf([1.0, 2.0]);
        using var optimizer = new Sgd([parameter], 0.5, momentum: 0.5);
        for (int step = 0; step < 2; step++)
        {
            using var scope = TensorScope.Begin();
            parameter.SetGradient(Tensor.From(1.0, 1.0));
            optimizer.Step();
        }

        Assert.That(parameter.Values(), Is.EqualTo(new[] { -0.25, 0.75 }));
    }

    [Test]
    public void A_gradient_with_another_layout_gives_the_same_step()
    {
        using var scope = TensorScope.Begin();
        double[] start = [1, 2, 3, 4, 5, 6], slope = [.1, .2, .3, .4, .5, .6];
        var plain = TestTensors.Make(start, [3, 2], DType.Float32);
        var strided = TestTensors.Make(start, [3, 2], DType.Float32);
        plain.SetGradient(TestTensors.Make(slope, [3, 2], DType.Float32));
        strided.SetGradient(TestTensors.MakeNonContiguous(slope, [3, 2], DType.Float32));
        using var a = new Adam([plain], 0.1, amsGrad: true);
        using var b = new Adam([strided], 0.1, amsGrad: true);
        a.Step();
        b.Step();
        Assert.That(strided.Values(), Is.EqualTo(plain.Values()));
        Assert.That(plain.Values(), Is.Not.EqualTo(start));
    }

    [Test]
    public void Setting_the_learning_rate_reaches_every_group_and_each_can_have_its_own()
    {
        using var scope = TensorScope.Begin();
        Tensor a = Leaf([1.0]), b = Leaf([1.0]);
        using var optimizer = new Sgd([new ParameterGroup([a], learningRate: 0.5), new ParameterGroup([b])], 0.25);
        Assert.That(optimizer.Groups.Select(g => g.LearningRate), Is.EqualTo(new[] { 0.5, 0.25 }));
        a.SetGradient(Tensor.From(1.0));
        b.SetGradient(Tensor.From(1.0));
        optimizer.Step();
        Assert.That((a.Item(), b.Item()), Is.EqualTo((0.5, 0.75)));
        optimizer.LearningRate = 0.125;
        Assert.That(optimizer.Groups.Select(g => g.LearningRate), Is.EqualTo(new[] { 0.125, 0.125 }));
    }

    [Test]
    public void ZeroGradient_frees_all_gradients()
    {
        using var scope = TensorScope.Begin();
        var device = new CpuDevice(1);
        var parameters = Parameters(DType.Float32, device);
        using var optimizer = new Sgd(parameters, 0.1);
        long without = device.Memory.LiveBytes;
        SetGradients(parameters, 1);
        optimizer.ZeroGradient();
        Assert.That(parameters.Select(p => p.Gradient), Is.All.Null);
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(without));
    }

    [TestCase(double.NaN)]
    [TestCase(double.PositiveInfinity)]
    [TestCase(double.NegativeInfinity)]
    public void A_broken_gradient_is_an_error_before_any_parameter_changes(double bad)
    {
        using var scope = TensorScope.Begin();
        Tensor a = Leaf([1.0, 2.0]), b = Leaf([3.0, 4.0]);
        using var optimizer = new Adam([a, b]) { RequireFiniteGradients = true };
        a.SetGradient(Tensor.From(1.0, 1.0));
        b.SetGradient(Tensor.From(1.0, bad));
        Assert.That(optimizer.Step, Throws.TypeOf<GradientException>()
            .With.Message.Contains("parameter 1").And.Message.Contains("NaN or infinity"));
        Assert.That(a.Values(), Is.EqualTo(new[] { 1.0, 2.0 }));
        optimizer.RequireFiniteGradients = false;
        optimizer.Step();
        Assert.That(a.Values(), Is.Not.EqualTo(new[] { 1.0, 2.0 }));
    }

    [Test]
    public void A_step_is_seen_by_the_check_for_overwritten_values()
    {
        using var scope = TensorScope.Begin();
        var w = Leaf([2.0]);
        using var optimizer = new Sgd([w], 0.1);
        var loss = (w * w).Sum();
        w.SetGradient(Tensor.From(1.0));
        optimizer.Step();
        Assert.That(() => loss.Backward(), Throws.TypeOf<GradientException>());
    }

    [Test]
    public void Wrong_parameters_are_refused()
    {
        using var scope = TensorScope.Begin();
        var leaf = Leaf([1.0]);
        Assert.That(
            () => new Sgd(Array.Empty<Tensor>(), 0.1), Throws.ArgumentException.With.Message.Contains("no parameters"));
        Assert.That(() => new Sgd([leaf, leaf], 0.1), Throws.ArgumentException.With.Message.Contains("twice"));
        Assert.That(() => new Sgd([leaf * 2], 0.1), Throws.ArgumentException.With.Message.Contains("leaves"));
        Assert.That(() => new Sgd([leaf], -0.1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Sgd([leaf], double.NaN), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => new Sgd([leaf], 0.1, nesterov: true), Throws.ArgumentException.With.Message.Contains("momentum"));
        Assert.That(() => new Adam([leaf], beta1: 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new Adam([leaf], beta2: 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new RmsProp([leaf], alpha: 1.5), Throws.InstanceOf<ArgumentOutOfRangeException>());
        using var sgd = new Sgd([leaf], 0.1);
        Assert.That(
            () => sgd.AddGroup(new ParameterGroup([leaf])), Throws.ArgumentException.With.Message.Contains("twice"));
    }

    [Test]
    public void A_gradient_of_another_type_is_an_error_that_says_what_to_do()
    {
        using var scope = TensorScope.Begin();
        var w = Leaf([1.0]);
        using var optimizer = new Sgd([w], 0.1);
        w.SetGradient(Tensor.From(1f));
        Assert.That(optimizer.Step, Throws.TypeOf<DTypeException>().With.Message.Contains("ZeroGradient"));
    }

    [Test]
    public void A_state_that_does_not_fit_names_what_is_wrong_and_changes_nothing()
    {
        using var scope = TensorScope.Begin();
        var parameters = Parameters(DType.Float32);
        using var optimizer = new Sgd(parameters, 0.1, momentum: 0.9);
        Train(optimizer, parameters, 0, 2);
        var state = optimizer.StateDict();
        double[] buffer = state["parameter.0.momentum_buffer"].Values();
        var broken = new Dictionary<string, Tensor>(state)
        {
            ["parameter.0.momentum_buffer"] = Tensor.Zeros([3, 2]),
            ["parameter.1.momentum_buffer"] = Tensor.Zeros([9]),
            ["parameter.7.steps"] = Tensor.Scalar(1),
        };
        broken.Remove("group.0.learning_rate");
        Assert.That(() => optimizer.LoadStateDict(broken), Throws.ArgumentException
            .With.Message.Contains("'group.0.learning_rate' is missing")
            .And.Message.Contains("Float32 [9], its parameter Float32 [5]")
            .And.Message.Contains("'parameter.7.steps' is not known"));
        Assert.That(optimizer.StateDict()["parameter.0.momentum_buffer"].Values(), Is.EqualTo(buffer));
    }

    [Test]
    public void After_Dispose_a_step_is_an_error()
    {
        using var w = Leaf([1.0]);
        var optimizer = new Sgd([w], 0.1);
        optimizer.Dispose();
        Assert.That(optimizer.Step, Throws.TypeOf<ObjectDisposedException>());
    }

    private static Tensor Leaf(double[] values)
    {
        var leaf = Tensor.From(values, [values.Length]);
        leaf.RequiresGradient = true;
        return leaf;
    }

    private static Tensor[] Parameters(DType dtype, Device? device = null)
    {
        Tensor[] parameters =
        [
            TestTensors.Make([.. Enumerable.Range(0, 6).Select(i => Math.Sin(i))], [3, 2], dtype, device),
            TestTensors.Make([.. Enumerable.Range(0, 5).Select(i => Math.Cos(i))], [5], dtype, device),
            TestTensors.Make([], [0], dtype, device),
        ];
        foreach (var parameter in parameters)
            parameter.RequiresGradient = true;
        return parameters;
    }

    private static void Train(Optimizer optimizer, Tensor[] parameters, int from, int to)
    {
        for (int step = from; step < to; step++)
        {
            SetGradients(parameters, step);
            // The second parameter joins late, so that step counts differ.
            if (step == 0)
                parameters[1].ZeroGradient();
            optimizer.Step();
        }
    }

    private static void SetGradients(Tensor[] parameters, int step)
    {
        foreach (var p in parameters)
        {
            double[] values = [.. Enumerable.Range(0, p.Count).Select(i => Math.Sin((7 * step) + (3 * i) + 1))];
            p.SetGradient(TestTensors.Make(values, p.Shape, p.DType, p.Device));
        }
    }
}
