using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>Copies of models with momentum networks have their settings, and nothing else in common with them.</summary>
[TestFixture]
internal sealed class MomentumCopyTests
{
    private static readonly string[] Layers = ["layers"];

    private static readonly ResNetOptions Small = new(2, 2, 2, 2) { Classes = 5, Width = 4, Stem = ResNetStem.Cifar };

    [TestCase(false)]
    [TestCase(true)]
    public void Settings_given_after_a_model_was_made_are_copied(bool transformed)
    {
        using Module model = transformed
            ? MomentumTransform.Apply(new ResNet(Small), gamma: 0.8)
            : new MomentumResNet(Small, gamma: 0.8);
        var grid = new ExactGrid { FractionBits = 12 };
        int place = 0;
        foreach (var net in Nets(model))
        {
            (net.Memory, net.Grid, net.Verify) = (MemoryMode.Exact, grid, true);
            (net.DriftTolerance, net.OnDrift) = (0.25, OnDrift.Checkpoint);
            net.CheckpointEvery = ++place;
        }

        Nets(model)[2].Memory = MemoryMode.Store;
        using var copy = model.Clone();
        using var shared = model.Clone(shareMemory: true);
        foreach (var net in Nets(copy).Zip(Nets(model)).Concat(Nets(shared).Zip(Nets(model))))
            Assert.That(Settings(net.First), Is.EqualTo(Settings(net.Second)));
        Assert.That(Nets(copy).Select(n => n.Memory), Is.EqualTo(Nets(model).Select(n => n.Memory)));
        Assert.That(Nets(copy).Select(n => n.CheckpointEvery), Is.EqualTo(new[] { 1, 2, 3, 4 }));
    }

    [Test]
    public void What_a_plan_chose_is_copied_and_the_copy_computes_the_same_bits()
    {
        using var scope = TensorScope.Begin();
        using var model = new MomentumResNet(Small, memory: MemoryMode.Store);
        var plan = MemoryPlan.For(model, [2, 3, 8, 8], long.MaxValue / 4, [MemoryMode.Exact]);
        plan.Apply();
        model.Eval();
        using var copy = model.Clone();
        Assert.That(Nets(copy).Select(n => n.Memory), Is.All.EqualTo(MemoryMode.Exact));
        var x = Tensor.Rand([2, 3, 8, 8]);
        Assert.That(copy.Call(x).Values(), Is.EqualTo(model.Call(x).Values()));
    }

    [Test]
    public void A_network_made_with_another_gamma_is_no_copy()
    {
        using var model = new Fickle(0.5);
        Assert.That(
            () => model.Clone(),
            Throws.InvalidOperationException.With.Message.Contains("gamma: 0.9").And.Message.Contains("gamma: 0.5"));
    }

    [Test]
    public void A_copy_of_a_transformed_model_that_runs_its_layers_itself_is_told_so()
    {
        using var scope = TensorScope.Begin();
        using var model = new OwnArray();
        MomentumTransform.ApplyInPlace(model, Layers, 0.9, MemoryMode.Store, keepFirstLayer: false);
        using var copy = model.Clone();
        using var around = (Sequential)new Sequential(model).Clone();
        foreach (var told in new Module[] { copy, copy.Clone(), around })
        {
            Assert.That(
                () => told.Call(Tensor.Rand([2, 3])),
                Throws.InvalidOperationException.With.Message.Contains("its Forward ran a Linear that is no part of it"));
        }

        using var good = MomentumTransform.Apply(new ResNet(Small)).Clone();
        Assert.That(() => good.Call(Tensor.Rand([2, 3, 8, 8])), Throws.Nothing);
    }

    [Test]
    public void A_copy_that_is_the_model_or_has_parts_of_it_is_refused_and_nothing_is_changed()
    {
        var part = new Linear(3, 3);
        using var model = new Sequential(new Sequential(part, new Linear(3, 3)));
        string printed = model.ToString();
        using (Assert.EnterMultipleScope())
        {
            foreach (bool share in new[] { false, true })
            {
                Assert.That(
                    () => Apply(() => model, share),
                    Throws.InvalidOperationException.With.Message.Contains("it has the module itself"));
                Assert.That(
                    () => Apply(() => new Sequential(new Sequential(part, new Linear(3, 3))), share),
                    Throws.InvalidOperationException.With.Message.Contains("the same Linear '0.0'"));
            }

            Assert.That(() => new Weighted(part.Weight).Clone(), Throws.InvalidOperationException.With.Message.Contains("the same tensor 'weight'"));
            Assert.That(() => new Weighted(part.Weight).Clone(shareMemory: true), Throws.Nothing);
            Assert.That(() => Apply(() => null!, false), Throws.InvalidOperationException.With.Message.Contains("null"));
        }

        Assert.That(model.ToString(), Is.EqualTo(printed));

        void Apply(Func<Sequential> newLike, bool share) => MomentumTransform.Apply(
            model, ["0"], keepFirstLayer: false, isResidual: true, shareParameters: share, newLike: newLike);
    }

    [Test]
    public void A_module_in_two_chains_is_one_module_in_the_copy_also_when_transformed()
    {
        using var scope = TensorScope.Begin();
        var tied = new Linear(3, 3);
        using var model = new Sequential(
            new Sequential(tied, new Tanh()), new Sequential(new Sequential(new Linear(3, 3), tied), new Tanh()));
        model.Double();
        using var copy = (Sequential)model.Clone();
        var x = Tensor.Rand([2, 3], DType.Float64);
        Assert.That(copy.Call(x).Values(), Is.EqualTo(model.Call(x).Values()));
        Assert.That(copy.GetSubmodule("0.0"), Is.SameAs(copy.GetSubmodule("1.0.1")).And.Not.SameAs(tied));

        using var momentum = MomentumTransform.Apply(
            model, ["0", "1.0"], 0.5, MemoryMode.Store, keepFirstLayer: false, isResidual: true);
        using var again = momentum.Clone();
        Assert.That(
            momentum.GetSubmodule("0.0.network.0"), Is.SameAs(momentum.GetSubmodule("1.0.0.network.1")).And.Not.SameAs(tied));
        Assert.That(again.Call(x).Values(), Is.EqualTo(momentum.Call(x).Values()));
    }

    [Test]
    public void What_tells_too_little_for_a_copy_is_told_of_the_way_in_place()
    {
        using var model = new Fickle(0.9, extra: true);
        Assert.That(
            () => MomentumTransform.Apply(model, ["net"]),
            Throws.InvalidOperationException.With.Message.Contains("ApplyInPlace"));
    }

    [Test]
    public void Numbers_past_the_end_of_a_transformed_list_are_explained()
    {
        using var scope = TensorScope.Begin();
        using var model = new ByNumber();
        Assert.That(() => model.Call(Tensor.Rand([2, 3])), Throws.Nothing);
        MomentumTransform.ApplyInPlace(model, Layers, 0.9, keepFirstLayer: false);
        Assert.That(
            () => model.Call(Tensor.Rand([2, 3])),
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("no module 1")
                .And.Message.Contains("it holds 1: 0 (MomentumNet)").And.Message.Contains("the 2 that it held before")
                .And.Message.Contains("foreach"));
        Assert.That(
            () => new Sequential(new Tanh())[-1],
            Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("Sequential: there is no module -1; it holds 1: 0 (Tanh)"));
        Assert.That(() => new ModuleList()[0], Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("it is empty"));
    }

    [Test]
    public void Asking_for_nothing_to_be_transformed_is_an_error()
    {
        using var model = new Sequential(new Sequential(new Linear(3, 3)));
        Assert.That(
            () => MomentumTransform.Apply(model, []), Throws.ArgumentException.With.Message.Contains("names no part"));
        Assert.That(
            () => MomentumTransform.Apply(model, [null!]), Throws.ArgumentException.With.Message.Contains("a path in subLayers is null"));
        Assert.That(
            () => MomentumTransform.Apply(model, ["0"]),
            Throws.ArgumentException.With.Message.Contains("'0' holds one layer").And.Message.Contains("keepFirstLayer: false"));
    }

    [Test]
    public void Hooks_stay_where_they_are_in_place_and_a_copy_has_none()
    {
        using var scope = TensorScope.Begin();
        using var model = new Sequential(new Sequential(new Linear(3, 3), new Linear(3, 3)));
        model.Double();
        var x = Tensor.Rand([2, 3], DType.Float64);
        double[] without = model.Call(x).Values();
        model[0].RegisterForwardHook((_, _, y) => y * 2.0);
        using var copy = MomentumTransform.Apply(model, ["0"], 0, MemoryMode.Store, keepFirstLayer: false);
        TestTensors.AssertClose(copy.Call(x).Values(), without, 1e-12, 1e-12, "copy");
        MomentumTransform.ApplyInPlace(model, ["0"], 0, MemoryMode.Store, keepFirstLayer: false);
        TestTensors.AssertClose(model.Call(x).Values(), [.. without.Select(y => 2 * y)], 1e-12, 1e-12, "in place");
    }

    private static MomentumNet[] Nets(Module model) => [.. model.Modules().OfType<MomentumNet>()];

    private static (MemoryMode, ExactGrid?, bool, double, int, OnDrift, bool) Settings(MomentumNet net) => (
        net.Memory, net.Grid, net.Verify, net.DriftTolerance, net.CheckpointEvery, net.OnDrift, net.HasMeasuredGrowth);

    /// <summary>Its NewLike forgets its settings.</summary>
    private sealed class Fickle : Module
    {
        public Fickle(double gamma, bool extra = false)
        {
            RegisterModule("net", new MomentumNet([new Linear(3, 3)], gamma));
            if (extra)
                RegisterModule("extra", new Linear(3, 3));
        }

        public override Module NewLike() => new Fickle(0.9);
    }

    /// <summary>Hands its own parameter on.</summary>
    private sealed class Weighted : Module
    {
        private readonly Parameter _weight;

        public Weighted(Parameter weight) => _weight = RegisterParameter("weight", weight);

        public override Module NewLike() => new Weighted(_weight);
    }

    /// <summary>Runs its layers without the list that it registered.</summary>
    private sealed class OwnArray : Module
    {
        private readonly Module[] _layers = [new Linear(3, 3), new Linear(3, 3)];

        public OwnArray() => RegisterModule("layers", new Sequential(_layers));

        public override Module NewLike() => new OwnArray();

        protected override Tensor Forward(Tensor x) => _layers[1].Call(_layers[0].Call(x));
    }

    /// <summary>Counts on how many modules its list holds.</summary>
    private sealed class ByNumber : Module
    {
        private readonly ModuleList _layers;

        public ByNumber() => _layers = RegisterModule("layers", new ModuleList(new Linear(3, 3), new Linear(3, 3)));

        protected override Tensor Forward(Tensor x) => _layers[1].Call(_layers[0].Call(x));
    }
}
