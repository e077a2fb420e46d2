using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers;

/// <summary>What single layers do beyond their shapes: modes, statistics, masks, containers, losses.</summary>
[TestFixture]
internal sealed class LayerBehaviourTests
{
    [Test]
    public void Dropout_drops_in_training_keeps_the_mean_and_does_nothing_in_evaluation()
    {
        using var scope = TensorScope.Begin();
        using var random = RandomSource.Use(new RandomSource(1));
        using var layer = new Dropout(0.25);
        var x = Tensor.Ones([100, 100]);
        double[] y = layer.Call(x).Values();
        Assert.That(y.Distinct().Order(), Is.EqualTo(new[] { 0, (double)(float)(1 / 0.75) }));
        Assert.That(y.Count(v => v == 0) / 10_000.0, Is.EqualTo(0.25).Within(0.025));
        layer.Eval();
        Assert.That(layer.Call(x), Is.SameAs(x));
    }

    [Test]
    public void Batch_norm_moves_its_statistics_in_training_only_and_can_set_them_back()
    {
        using var scope = TensorScope.Begin();
        using var norm = new BatchNorm1d(1);
        var x = Tensor.From([1f, 3f], [2, 1]);
        norm.Call(x);
        Assert.That(norm.RunningMean!.Item(), Is.EqualTo(0.2).Within(1e-6));
        Assert.That(norm.RunningVariance!.Item(), Is.EqualTo(0.9 + (0.1 * 2)).Within(1e-6));
        Assert.That(norm.BatchCount!.Item(), Is.EqualTo(1));
        norm.Eval().Call(x);
        Assert.That(norm.BatchCount!.Item(), Is.EqualTo(1));
        Assert.That(norm.RunningMean!.Item(), Is.EqualTo(0.2).Within(1e-6));
        Initialize.Constant(norm.Weight!, 7);
        norm.ResetParameters();
        Assert.That(norm.Weight!.Item(), Is.EqualTo(1));
        Assert.That(norm.RunningMean!.Item(), Is.Zero);
        Assert.That(norm.RunningVariance!.Item(), Is.EqualTo(1));
        Assert.That(norm.BatchCount!.Item(), Is.Zero);
    }

    [Test]
    public void The_padding_row_of_an_embedding_gets_no_gradient()
    {
        using var scope = TensorScope.Begin();
        using var table = new Embedding(3, 2, paddingIndex: 1);
        table.Call(Tensor.From(0L, 1L, 1L, 2L)).Sum().Backward();
        Assert.That(table.Weight.Gradient!.Values(), Is.EqualTo(new double[] { 1, 1, 0, 0, 1, 1 }));
    }

    [Test]
    public void An_embedding_takes_32_bit_indices_and_refuses_those_beyond_the_table()
    {
        using var scope = TensorScope.Begin();
        using var table = new Embedding(3, 2);
        Assert.That(table.Call(Tensor.From([0, 2], [2, 1])).Shape, Is.EqualTo(Shape.Create([2, 1, 2])));
        Assert.That(() => table.Call(Tensor.From(3)), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Attention_does_not_see_what_a_key_mask_hides()
    {
        using var scope = TensorScope.Begin();
        using var attention = new MultiheadAttention(4, 2, batchFirst: true);
        var x = Tensor.Rand([2, 3, 4]);
        var changed = x.Clone();
        changed.Slice(1, 2, 3).Fill(9);
        var mask = Tensor.From([1, 1, 0, 1, 1, 0], [2, 3]);
        var query = x.Slice(1, 0, 1);
        Assert.That(
            attention.Attend(query, changed, changed, keyMask: mask).Values(),
            Is.EqualTo(attention.Attend(query, x, x, keyMask: mask).Values()));
        Assert.That(
            attention.Attend(query, changed, changed).Values(), Is.Not.EqualTo(attention.Attend(query, x, x).Values()));
    }

    [Test]
    public void Attention_drops_in_training_only()
    {
        using var scope = TensorScope.Begin();
        using var attention = new MultiheadAttention(4, 2, dropout: 0.5);
        var x = Tensor.Rand([8, 2, 4]);
        double[] first = attention.Call(x).Values();
        Assert.That(attention.Call(x).Values(), Is.Not.EqualTo(first));
        attention.Eval();
        first = attention.Call(x).Values();
        Assert.That(attention.Call(x).Values(), Is.EqualTo(first));
    }

    [Test]
    public void A_list_names_by_position_and_prints_equal_modules_once()
    {
        using var list = new ModuleList(new Tanh(), new Tanh(), new Relu());
        Assert.That(list.Add(new Linear(1, 1)), Is.SameAs(list));
        Assert.That(list.NamedParameters().Select(p => p.Name), Is.EqualTo(new[] { "3.weight", "3.bias" }));
        Assert.That(list, Has.Count.EqualTo(4));
        Assert.That(list[2], Is.InstanceOf<Relu>());
        Assert.That(list.ToString(), Is.EqualTo(
            "ModuleList(\n  (0-1): 2 x Tanh()\n  (2): Relu()\n  (3): Linear(inFeatures: 1, outFeatures: 1, bias: " +
            "true)\n)"));
        Assert.That(
            () => list.Call(Tensor.Scalar(1)),
            Throws.InvalidOperationException.With.Message.Contains("ModuleList cannot be called"));
    }

    [Test]
    public void A_dictionary_of_modules_finds_them_by_name_and_keeps_their_order()
    {
        using var modules = new ModuleDict(("b", new Linear(1, 1)), ("a", new Tanh()));
        Assert.That(modules.Add("c", new Relu()), Is.SameAs(modules));
        Assert.That(modules.Keys, Is.EqualTo(new[] { "b", "a", "c" }));
        Assert.That(modules["a"], Is.InstanceOf<Tanh>());
        Assert.That(modules.ContainsKey("d"), Is.False);
        Assert.That(modules.TryGetValue("c", out var relu), Is.True);
        Assert.That(relu, Is.InstanceOf<Relu>());
        Assert.That(modules.NamedParameters().Select(p => p.Name), Is.EqualTo(new[] { "b.weight", "b.bias" }));
        Assert.That(() => modules["d"], Throws.TypeOf<KeyNotFoundException>().With.Message.Contains("it has b, a, c"));
        Assert.That(() => modules.Add("a", new Relu()), Throws.ArgumentException);
        Assert.That(modules, Has.Count.EqualTo(3));
    }

    [Test]
    public void A_chain_may_have_names_or_be_built_step_by_step()
    {
        using var named = new Sequential(("first", new Linear(1, 2)), ("second", new Tanh()));
        Assert.That(named.NamedParameters().Select(p => p.Name), Is.EqualTo(new[] { "first.weight", "first.bias" }));
        using var built = new Sequential().Add(new Tanh()).Add(new Relu());
        Assert.That(built.NamedChildren().Select(c => c.Name), Is.EqualTo(new[] { "0", "1" }));
        Assert.That(built, Has.Count.EqualTo(2));
    }

    [Test]
    public void Loss_modules_are_the_tensors_losses_with_settings()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From([0.5f, -1f, 2f, 0.1f, 0.2f, 0.3f], [2, 3]);
        var t = Tensor.From([1f, 1f, 0f, 0f, 1f, 0f], [2, 3]);
        var classes = Tensor.From(2L, 0L);
        var weight = Tensor.From(1f, 2f, 3f);

        AssertSame(new MseLoss(LossReduction.Sum).Call(x, t), x.MseLoss(t, LossReduction.Sum));
        AssertSame(new L1Loss(LossReduction.None).Call(x, t), x.L1Loss(t, LossReduction.None));
        AssertSame(new SmoothL1Loss(0.5).Call(x, t), x.SmoothL1Loss(t, 0.5));
        AssertSame(
            new CrossEntropyLoss(weight.Clone(), 0.1, 0).Call(x, classes), x.CrossEntropy(classes, weight, 0.1, 0));
        AssertSame(new NllLoss(weight.Clone(), 0).Call(x, classes), x.NllLoss(classes, weight, 0));
        AssertSame(new BceWithLogitsLoss().Call(x, t), x.BceWithLogits(t));
        AssertSame(
            new BceWithLogitsLoss(weight.Clone(), LossReduction.Sum).Call(x, t),
            x.BceWithLogits(t, weight, LossReduction.Sum));
        Assert.That(new BceWithLogitsLoss(weight.Clone()).StateDict().Keys, Is.EqualTo(new[] { "pos_weight" }));
        Assert.That(new CrossEntropyLoss(weight.Clone()).StateDict().Keys, Is.EqualTo(new[] { "weight" }));
        Assert.That(new CrossEntropyLoss().StateDict(), Is.Empty);
        Assert.That(new SmoothL1Loss(0.5).ToString(), Is.EqualTo("SmoothL1Loss(beta: 0.5, reduction: Mean)"));
        Assert.That(
            new CrossEntropyLoss().ToString(),
            Is.EqualTo("CrossEntropyLoss(labelSmoothing: 0, ignoreIndex: -100, reduction: Mean)"));
        Assert.That(new NllLoss().ToString(), Is.EqualTo("NllLoss(ignoreIndex: -100, reduction: Mean)"));
    }

    private static void AssertSame(Tensor actual, Tensor expected)
    {
        Assert.That(actual.Shape, Is.EqualTo(expected.Shape));
        Assert.That(actual.Values(), Is.EqualTo(expected.Values()));
    }
}
