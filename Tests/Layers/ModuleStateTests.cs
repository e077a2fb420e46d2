using MomentumCore.Layers;

namespace MomentumCore.Tests.Layers;

/// <summary>State dictionaries: complete, checked before anything changes, and clear about what does not fit.</summary>
[TestFixture]
internal sealed class ModuleStateTests
{
    [Test]
    public void A_null_in_a_state_is_reported_and_nothing_is_loaded()
    {
        using var scope = TensorScope.Begin();
        using var layer = new Linear(2, 2);
        float[] before = layer.Bias!.ToArray<float>();
        var state = new Dictionary<string, Tensor> { ["weight"] = null!, ["bias"] = Tensor.Full([2], 9) };
        Assert.That(
            () => layer.LoadStateDict(state),
            Throws.TypeOf<StateDictException>().With.Message.Contains("weight (got null"));
        Assert.That(layer.Bias.ToArray<float>(), Is.EqualTo(before));
    }

    [Test]
    public void A_conversion_between_forward_and_backward_is_refused()
    {
        using var scope = TensorScope.Begin();
        using var layer = new Linear(2, 2);
        var loss = layer.Call(Tensor.Ones([1, 2])).Sum();
        layer.Double();
        Assert.That(
            () => loss.Backward(),
            Throws.TypeOf<GradientException>().With.Message.Contains("between forward and backward"));
    }

    [Test]
    public void The_state_holds_parameters_and_persistent_buffers_but_no_others()
    {
        using var scope = TensorScope.Begin();
        using var net = new Sequential(new Scale(2), new Tanh(), new Scale(3));
        var state = net.StateDict();
        Assert.That(state.Keys, Is.EqualTo(new[] { "0.weight", "0.calls", "2.weight", "2.calls" }));
        Assert.That(net.StateDict("net").Keys.First(), Is.EqualTo("net.0.weight"));
        Assert.That(state["2.weight"].Item(), Is.EqualTo(3));
        Assert.That(state["2.weight"].RequiresGradient, Is.False);
    }

    [Test]
    public void A_shared_module_is_in_the_state_under_each_of_its_names()
    {
        using var scope = TensorScope.Begin();
        var shared = new Scale(2);
        using var net = new Sequential(shared, shared);
        Assert.That(net.StateDict().Keys, Is.EqualTo(new[] { "0.weight", "0.calls", "1.weight", "1.calls" }));
    }

    [Test]
    public void What_was_saved_comes_back_into_the_same_parameter_objects()
    {
        using var scope = TensorScope.Begin();
        using var from = new Sequential(new Linear(3, 4), new Scale(3));
        using var to = new Sequential(new Linear(3, 4), new Scale(7));
        Parameter[] before = [.. to.Parameters()];

        var report = to.LoadStateDict(from.StateDict());

        Assert.That(report.IsComplete, Is.True);
        Assert.That(to.Parameters(), Is.EqualTo(before));
        foreach (var (a, b) in from.Parameters().Zip(to.Parameters()))
            Assert.That(b.ToArray<float>(), Is.EqualTo(a.ToArray<float>()));
        from.Parameters().First().Detach().Fill(0);
        Assert.That(to.Parameters().First().ToArray<float>(), Has.Some.Not.Zero, "the values are copied, not shared");
    }

    [Test]
    public void Strict_loading_reports_all_that_is_wrong_and_changes_nothing()
    {
        using var scope = TensorScope.Begin();
        using var net = new Sequential(new Scale(2), new Linear(2, 3));
        var state = new Dictionary<string, Tensor>
        {
            ["0.weight"] = Tensor.Scalar(9),
            ["0.calls"] = Tensor.Scalar(1.5),
            ["1.weight"] = Tensor.Zeros([2, 3]),
            ["1.gamma"] = Tensor.Scalar(1),
        };

        var error = Assert.Throws<StateDictException>(() => net.LoadStateDict(state))!;

        Assert.That(error.Report.Missing, Is.EqualTo(new[] { "1.bias" }));
        Assert.That(error.Report.Unexpected, Is.EqualTo(new[] { "1.gamma" }));
        Assert.That(
            error.Report.Mismatched["1.weight"], Is.EqualTo("got Float32 [2, 3], the module has Float32 [3, 2]"));
        Assert.That(error.Report.Mismatched["0.calls"], Is.EqualTo("got Float32 [], the module has Int64 []"));
        Assert.That(error.Message, Is.EqualTo(
            "Sequential: the state does not fit, nothing was loaded. missing: 1.bias; unexpected: 1.gamma; mismatched: " +
            "0.calls (got Float32 [], the module has Int64 []), 1.weight (got Float32 [2, 3], the module has Float32 [3, 2]). " +
            "Pass strict: false to load what fits."));
        Assert.That(net.GetParameter("0.weight").Item(), Is.EqualTo(2));
    }

    [Test]
    public void A_batch_norm_from_before_batches_were_counted_loads_with_a_count_of_zero()
    {
        using var scope = TensorScope.Begin();
        using var from = new Sequential(new BatchNorm1d(2));
        using var to = new Sequential(new BatchNorm1d(2));
        from.Call(Tensor.From<float>(1, 2, 3, 8).Reshape(2, 2));
        to.Call(Tensor.Ones([2, 2]));
        var state = from.StateDict();
        state.Remove("0.num_batches_tracked");
        string[] before = [.. state.Keys];

        var report = to.LoadStateDict(state);

        Assert.That(to.StateDict()["0.num_batches_tracked"].Item(), Is.Zero, "it was 1");
        Assert.That(
            to.StateDict()["0.running_mean"].ToArray<float>(), Is.EqualTo(state["0.running_mean"].ToArray<float>()));
        Assert.That(report.ToString(), Is.EqualTo(
            "All names and shapes fit; of an older version: 0.num_batches_tracked is added"));
        Assert.That(state.Keys, Is.EqualTo(before), "the given state stays as it is");
        state.Remove("0.running_mean");
        Assert.That(
            Assert.Throws<StateDictException>(() => to.LoadStateDict(state))!.Report.Missing,
            Is.EquivalentTo(new[] { "0.running_mean", "0.num_batches_tracked" }), "this is no old batch norm");
    }

    [Test]
    public void A_vision_transformer_with_torchvisions_first_names_loads()
    {
        using var scope = TensorScope.Begin();
        var options = new VisionTransformerOptions
        {
            ImageSize = 8, PatchSize = 4, Layers = 2, Heads = 2, Dim = 8, MlpDim = 16, Classes = 3,
        };
        using var from = new VisionTransformer(options);
        using var to = new VisionTransformer(options);
        var old = from.StateDict().ToDictionary(
            t => t.Key.Replace("mlp.0.", "mlp.linear_1.").Replace("mlp.3.", "mlp.linear_2."), t => t.Value);

        var report = to.LoadStateDict(old);

        Assert.That(report.IsComplete, Is.True);
        Assert.That(report.Upgrades, Has.Count.EqualTo(8).And.Some.Matches(
            @"layer_0\.mlp\.linear_2\.bias is taken as .*layer_0\.mlp\.3\.bias"));
        foreach (var (name, value) in from.StateDict())
            Assert.That(to.StateDict()[name].ToArray<float>(), Is.EqualTo(value.ToArray<float>()), name);
        string both = old.Keys.First(n => n.EndsWith("mlp.linear_1.bias", StringComparison.Ordinal));
        old[both.Replace("linear_1", "0")] = old[both];
        Assert.That(
            Assert.Throws<StateDictException>(() => to.LoadStateDict(old))!.Report.Unexpected,
            Is.EqualTo(new[] { both }), "old beside new is no old file");
    }

    [Test]
    public void Loading_that_is_not_strict_takes_what_fits_and_reports_the_rest()
    {
        using var scope = TensorScope.Begin();
        using var net = new Sequential(new Scale(2), new Scale(3));
        var state = new Dictionary<string, Tensor> { ["0.weight"] = Tensor.Scalar(9), ["1.weight"] = Tensor.Ones([2]), ["x"] = Tensor.Scalar(1) };

        var report = net.LoadStateDict(state, strict: false);

        Assert.That(net.Parameters().Select(p => p.Item()), Is.EqualTo(new[] { 9.0, 3.0 }));
        Assert.That(report.Missing, Is.EqualTo(new[] { "0.calls", "1.calls" }));
        Assert.That(report.Unexpected, Is.EqualTo(new[] { "x" }));
        Assert.That(report.Mismatched.Keys, Is.EqualTo(new[] { "1.weight" }));
    }

    [Test]
    public void Float_types_are_converted_while_loading()
    {
        using var scope = TensorScope.Begin();
        using var from = new Scale(1.5);
        using var to = new Scale(0);
        from.BFloat16();
        to.Double();
        to.LoadStateDict(from.StateDict());
        Assert.That(to.Weight.DType, Is.EqualTo(DType.Float64));
        Assert.That(to.Weight.Item(), Is.EqualTo(1.5));
    }

    [Test]
    public void A_disposed_tensor_in_the_state_changes_nothing()
    {
        using var scope = TensorScope.Begin();
        using var net = new Sequential(new Scale(2), new Scale(3));
        var state = net.StateDict().ToDictionary(s => s.Key, s => s.Value.Clone());
        state["0.weight"].Fill(8);
        state["1.weight"].Dispose();
        Assert.That(() => net.LoadStateDict(state), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(net.GetParameter("0.weight").Item(), Is.EqualTo(2));
    }

    [Test]
    public void Extra_state_travels_with_the_rest()
    {
        using var scope = TensorScope.Begin();
        using var from = new Sequential(new Counter { Steps = 41 });
        using var to = new Sequential(new Counter());
        var state = from.StateDict();
        Assert.That(state.Keys, Is.EqualTo(new[] { "0._extra_state" }));
        to.LoadStateDict(state);
        Assert.That(((Counter)to[0]).Steps, Is.EqualTo(41));

        state.Clear();
        Assert.That(
            () => to.LoadStateDict(state),
            Throws.TypeOf<StateDictException>().With.Message.Contains("missing: 0._extra_state"));
        using var tanh = new Tanh();
        Assert.That(tanh.GetExtraState(), Is.Null);
        Assert.That(
            () => tanh.SetExtraState(Tensor.Scalar(1)),
            Throws.InvalidOperationException.With.Message.Contains("no extra state"));
    }

    [Test]
    public void Modules_that_share_memory_have_the_same_weights_and_gradients_of_their_own()
    {
        using var scope = TensorScope.Begin();
        using var owner = new Sequential(new Scale(2));
        using var replica = new Sequential(new Scale(5));
        Assert.That(replica.ShareMemory(owner), Is.SameAs(replica));

        owner.GetParameter("0.weight").Detach().Fill(7);
        Assert.That(replica.Call(Tensor.Scalar(1)).Item(), Is.EqualTo(7));
        replica.Call(Tensor.Scalar(3)).Backward();
        Assert.That(replica.GetParameter("0.weight").Gradient!.Item(), Is.EqualTo(3));
        Assert.That(owner.GetParameter("0.weight").Gradient, Is.Null);

        using var other = new Sequential(new Tanh(), new Scale(1));
        Assert.That(
            () => other.ShareMemory(owner), Throws.TypeOf<StateDictException>().With.Message.Contains("1.weight"));
    }

    [Test]
    public void State_survives_a_weight_file()
    {
        using var scope = TensorScope.Begin();
        string path = Path.GetTempFileName();
        try
        {
            using var from = new Sequential(new Linear(5, 3), new Scale(3));
            using var to = new Sequential(new Linear(5, 3), new Scale(7));
            from.Half();
            Safetensors.Save(path, from.StateDict());
            using var file = Safetensors.Load(path);
            to.Half().LoadStateDict(file);
            from.Float();
            to.Float();
            foreach (var (a, b) in from.Parameters().Zip(to.Parameters()))
                Assert.That(b.ToArray<float>(), Is.EqualTo(a.ToArray<float>()));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private sealed class Counter : Module
    {
        public long Steps { get; set; }

        public override Tensor? GetExtraState() => Tensor.Scalar(Steps, DType.Int64);

        public override void SetExtraState(Tensor state) => Steps = (long)state.Item();
    }
}
