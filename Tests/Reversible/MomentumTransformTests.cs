using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Reversible;

/// <summary>
/// What the transform promises besides the numbers, which ModelParityTests holds to the authors' package.
/// </summary>
[TestFixture]
internal sealed class MomentumTransformTests
{
    private static readonly string[] DecoderPart = ["layers"];

    private static readonly ResNetOptions Small = new(2, 2, 2, 2) { Classes = 5, Width = 4, Stem = ResNetStem.Cifar };

    [Test]
    public void The_model_given_is_left_as_it_was()
    {
        using var scope = TensorScope.Begin();
        using var resnet = new ResNet(Small);
        resnet.Eval();
        string printed = resnet.ToString();
        double[] before = State(resnet);

        using var momentum = MomentumTransform.Apply(resnet);
        Train(momentum.Train());

        Assert.That(resnet.ToString(), Is.EqualTo(printed).And.Not.EqualTo(momentum.ToString()));
        Assert.That(State(resnet), Is.EqualTo(before));
        Assert.That(resnet.Modules().Any(m => m.IsTraining), Is.False);
        Assert.That(State(momentum), Is.Not.EqualTo(before));
    }

    [Test]
    public void Shared_parameters_are_trained_in_both_models()
    {
        using var scope = TensorScope.Begin();
        using var resnet = new ResNet(Small);
        using var momentum = MomentumTransform.Apply(resnet, shareParameters: true);
        double[] before = State(resnet);
        Train(momentum);
        Assert.That(State(resnet), Is.EqualTo(State(momentum)).And.Not.EqualTo(before));
    }

    [Test]
    public void With_gamma_0_it_is_the_model_it_was()
    {
        using var scope = TensorScope.Begin();
        using var resnet = new ResNet(Small);
        resnet.Double().Eval();
        using var momentum = MomentumTransform.Apply(resnet, gamma: 0, memory: MemoryMode.Store);
        var x = Tensor.Rand([2, 3, 8, 8], DType.Float64);
        TestTensors.AssertClose(momentum.Call(x).Values(), resnet.Call(x).Values(), 1e-12, 1e-12, "output");
    }

    [Test]
    public void A_users_module_with_its_parts_in_fields_works_where_it_says_how_to_make_another()
    {
        using var scope = TensorScope.Begin();
        using var plain = new Plain();
        plain.Double();
        using var momentum = MomentumTransform.Apply(
            plain, ["stack.blocks"], 0.5, MemoryMode.Store, keepFirstLayer: false, newLike: () => new Plain());
        var x = Tensor.Rand([2, 3], DType.Float64);
        double[] before = plain.Call(x).Values();
        Assert.That(momentum.Call(x).Values(), Is.Not.EqualTo(before), "the new contents are what runs");
        Assert.That(plain.Call(x).Values(), Is.EqualTo(before));

        using var none = MomentumTransform.Apply(
            plain, ["stack.blocks"], 0, MemoryMode.Store, keepFirstLayer: false, newLike: () => new Plain());
        TestTensors.AssertClose(none.Call(x).Values(), before, 1e-12, 1e-12, "gamma 0");
    }

    [Test]
    public void In_place_any_module_can_be_transformed_and_keeps_its_parameters()
    {
        using var scope = TensorScope.Begin();
        using var plain = new Plain();
        Parameter[] parameters = [.. plain.Parameters()];
        var x = Tensor.Rand([2, 3]);
        double[] before = plain.Call(x).Values();
        var same = MomentumTransform.ApplyInPlace(plain, ["stack.blocks"], 0.5, keepFirstLayer: false);
        Assert.That(same, Is.SameAs(plain));
        Assert.That(plain.Parameters(), Is.EqualTo(parameters));
        Assert.That(plain.Call(x).Values(), Is.Not.EqualTo(before));
        plain.Call(x).Sum().Backward();
        Assert.That(parameters.All(p => p.Gradient != null), Is.True);
    }

    [Test]
    public void A_module_that_does_not_say_how_to_make_another_is_told_the_ways()
    {
        using var plain = new Plain();
        Assert.That(
            () => MomentumTransform.Apply(plain, ["stack.blocks"]),
            Throws.InvalidOperationException.With.Message.Contains(
                "Plain: does not say how to make another one like it"));
    }

    [Test]
    public void A_model_that_runs_its_layers_out_of_an_array_of_its_own_is_told_so()
    {
        using var scope = TensorScope.Begin();
        using var model = new OwnArray();
        MomentumTransform.ApplyInPlace(model, DecoderPart, 0.9, MemoryMode.Store, keepFirstLayer: false);
        Assert.That(
            () => model.Call(Tensor.Rand([2, 3])),
            Throws.InvalidOperationException.With.Message.Contains("OwnArray ran the layers of 'layers.0' themselves"));
        Assert.That(() => model.GetSubmodule("layers").Call(Tensor.Rand([2, 3])), Throws.Nothing);
        model.UsesFirstAlone = true;
        Assert.That(() => model.Call(Tensor.Rand([2, 3])), Throws.Nothing, "a layer may have another use besides");
    }

    [Test]
    public void The_layer_that_changes_the_shape_is_named()
    {
        using var scope = TensorScope.Begin();
        using var resnet = new ResNet(Small);
        using var momentum = MomentumTransform.Apply(resnet, ["layer3"], keepFirstLayer: false);
        Assert.That(
            () => momentum.Call(Tensor.Rand([2, 3, 8, 8])),
            Throws.TypeOf<ShapeException>().With.Message.Contains("'layer3.0' (BasicBlock)")
                .And.Message.Contains("[2, 16, 2, 2]").And.Message.Contains("[2, 8, 4, 4]"));
    }

    [TestCase("layer5", typeof(KeyNotFoundException), "layer5")]
    [TestCase("conv1", typeof(ArgumentException), "'conv1' is a Conv2d")]
    [TestCase("layer1,layer1", typeof(ArgumentException), "'layer1' is there twice")]
    [TestCase("", typeof(ArgumentException), "'layer1', 'layer2'")]
    public void A_path_that_leads_to_no_list_of_layers_is_refused(string paths, Type exception, string message)
    {
        using var resnet = new ResNet(Small);
        string printed = resnet.ToString();
        Assert.That(
            () => MomentumTransform.ApplyInPlace(resnet, ["layer2", .. paths.Split(',')]),
            Throws.InstanceOf(exception).With.Message.Contains(message));
        Assert.That(resnet.ToString(), Is.EqualTo(printed), "nothing was changed");
    }

    [Test]
    public void A_model_without_the_stages_of_a_ResNet_is_told_to_name_its_parts()
    {
        using var model = new Sequential(new Linear(2, 2));
        Assert.That(
            () => MomentumTransform.Apply(model),
            Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("'layer1'").And.Message.Contains("subLayers"));
    }

    [Test]
    public void A_part_is_transformed_once_and_gamma_has_a_range()
    {
        using var resnet = new ResNet(Small);
        using var momentum = MomentumTransform.Apply(resnet);
        Assert.That(
            () => MomentumTransform.Apply(momentum),
            Throws.ArgumentException.With.Message.Contains("'layer1' holds").And.Message.Contains("already"));
        Assert.That(() => MomentumTransform.Apply(resnet, gamma: 1.5), Throws.InstanceOf<ArgumentException>());
        Assert.That(
            () => MomentumTransform.Apply(resnet, gamma: 0),
            Throws.ArgumentException.With.Message.Contains("MemoryMode.Store"), "recompute needs an inverse");
        Assert.That(
            () => MomentumTransform.ApplyInPlace(new Sequential(), [""]),
            Throws.ArgumentException.With.Message.Contains("holds no layers"));
    }

    [Test]
    public void A_layer_of_the_model_itself_is_named_by_its_number()
    {
        using var scope = TensorScope.Begin();
        var net = MomentumTransform.ApplyInPlace(new Sequential(new Linear(3, 4), new Linear(4, 5)), [""]);
        Assert.That(() => net.Call(Tensor.Ones([2, 3])), Throws.TypeOf<ShapeException>().With.Message.Contains("layer 0, '1' (Linear)"));
    }

    [Test]
    public void Extra_inputs_reach_every_layer_also_where_the_first_is_kept()
    {
        using var scope = TensorScope.Begin();
        var options = new TransformerOptions(8, 2) { FeedForward = 16, Dropout = 0 };
        using var decoder = new TransformerDecoder(new TransformerDecoderLayer(options), 3);
        decoder.Double();
        using var momentum = MomentumTransform.Apply(decoder, DecoderPart, 0.8);
        var (x, memory) = (Tensor.Rand([4, 2, 8], DType.Float64), Tensor.Rand([5, 2, 8], DType.Float64));
        memory.RequiresGradient = true;
        var mask = TransformerMask.Causal(4);

        var first = decoder.Layers[0].Call(x, memory, mask);
        var net = new MomentumNet([.. decoder.Layers.Skip(1)], 0.8, isResidual: false);
        var expected = net.Call(first, memory, mask);
        expected.Square().Sum().Backward();
        double[] gradient = memory.Gradient!.Values();
        memory.ZeroGradient();
        var y = momentum.CallWith(x, memory, mask);
        y.Square().Sum().Backward();

        TestTensors.AssertClose(y.Values(), expected.Values(), 1e-12, 1e-12, "output");
        TestTensors.AssertClose(memory.Gradient!.Values(), gradient, 1e-9, 1e-9, "gradient of the memory");
    }

    [TestCase(MemoryMode.Recompute)]
    [TestCase(MemoryMode.Exact)]
    public void Dropout_and_running_statistics_are_right_under_recomputation(MemoryMode memory)
    {
        using var scope = TensorScope.Begin();
        using var stored = Dropped(MemoryMode.Store);
        using var other = Dropped(memory);
        var x = Tensor.Rand([6, 4], DType.Float64, source: new RandomSource(3));
        foreach (var net in new[] { stored, other })
        {
            using var random = RandomSource.Use(new RandomSource(5));
            for (int step = 0; step < 2; step++)
                net.Call(x).Square().Sum().Backward();
        }

        foreach (var ((name, wanted), (_, got)) in stored.NamedParameters().Zip(other.NamedParameters()))
            TestTensors.AssertClose(got.Gradient!.Values(), wanted.Gradient!.Values(), 1e-6, 1e-7, name);
        foreach (var ((name, wanted), (_, got)) in stored.NamedBuffers().Zip(other.NamedBuffers()))
            TestTensors.AssertClose(got.Values(), wanted.Values(), 1e-7, 1e-7, name);
    }

    private static Sequential Dropped(MemoryMode memory)
    {
        using var random = RandomSource.Use(new RandomSource(1));
        static Module Layer() => new Sequential(new Linear(4, 4), new BatchNorm1d(4), new Tanh(), new Dropout(0.3));
        var net = new Sequential(new Linear(4, 4), new Sequential(Layer(), Layer(), Layer(), Layer()));
        net.Double();
        return MomentumTransform.Apply(net, ["1"], 0.9, memory);
    }

    private static void Train(Module model)
    {
        using var optimizer = new Sgd(model.Parameters(), 0.1);
        model.Call(Tensor.Rand([2, 3, 8, 8])).Square().Sum().Backward();
        optimizer.Step();
    }

    private static double[] State(Module module) => [.. module.StateDict().Values.SelectMany(t => t.Values())];

    /// <summary>Runs its layers without the list that it registered.</summary>
    private sealed class OwnArray : Module
    {
        private readonly Module[] _layers = [new Linear(3, 3), new Linear(3, 3)];

        public OwnArray() => RegisterModule("layers", new Sequential(_layers));

        public bool UsesFirstAlone { get; set; }

        protected override Tensor Forward(Tensor x) =>
            UsesFirstAlone ? _layers[0].Call(x) : _layers[1].Call(_layers[0].Call(x));
    }

    /// <summary>As a user writes a module who has not heard of copies.</summary>
    private sealed class Plain : Module
    {
        private readonly Stack _stack;
        private readonly Linear _last;

        public Plain()
        {
            _stack = RegisterModule("stack", new Stack());
            _last = RegisterModule("last", new Linear(3, 2));
        }

        protected override Tensor Forward(Tensor x) => _last.Call(_stack.Call(x));

        private sealed class Stack : Module
        {
            private readonly ModuleList _blocks;

            public Stack() => _blocks = RegisterModule("blocks", new ModuleList(
                Enumerable.Range(0, 3).Select(_ => new Sequential(new Linear(3, 3), new Tanh()))));

            protected override Tensor Forward(Tensor x)
            {
                foreach (var block in _blocks)
                    x = block.Call(x);
                return x;
            }
        }
    }
}
