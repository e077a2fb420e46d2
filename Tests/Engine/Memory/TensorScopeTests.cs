using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Memory;

/// <summary>Who owns a tensor: nested scopes, the async flow, hand-over, errors, workers.</summary>
[TestFixture]
internal sealed class TensorScopeTests
{
    [Test]
    public void A_scope_frees_what_was_made_in_it_and_only_that()
    {
        var device = new CpuDevice(1);
        using var outer = TensorScope.Begin();
        var before = Tensor.Ones([10], device: device);
        Tensor inside;
        using (var inner = TensorScope.Begin())
        {
            inside = before + 1;
            _ = inside.Tanh();
            Assert.That(inner.Count, Is.EqualTo(2));
        }

        Assert.That(inside.IsDisposed, Is.True);
        Assert.That(before.IsDisposed, Is.False);
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(40));
        Assert.That(TensorScope.Current, Is.SameAs(outer));
    }

    [Test]
    public void Keep_hands_on_to_the_scope_around()
    {
        var device = new CpuDevice(1);
        Tensor result;
        using (var outer = TensorScope.Begin())
        {
            using (var inner = TensorScope.Begin())
            {
                result = inner.Keep(Tensor.Ones([3], device: device) * 2);
                Assert.That(inner.Keep(result), Is.SameAs(result), "a second time changes nothing");
            }

            Assert.That(result.Values(), Is.All.EqualTo(2));
            Assert.That(outer.Count, Is.EqualTo(1));
        }

        Assert.That(result.IsDisposed, Is.True);
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void Keep_in_the_outermost_scope_hands_on_to_the_caller()
    {
        var device = new CpuDevice(1);
        Tensor result;
        using (var scope = TensorScope.Begin())
            result = scope.Keep(Tensor.Ones([3], device: device).Transpose(0, 0));
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(12));
        result.Dispose();
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void A_freed_tensor_says_how_it_could_have_lived()
    {
        Tensor x;
        using (TensorScope.Begin())
            x = Tensor.Ones([2, 3]);
        Assert.That(
            () => x + x,
            Throws.TypeOf<ObjectDisposedException>()
                .With.Message.Contains("shape [2, 3]").And.Message.Contains("scope.Keep"));
        Assert.That(() => x.ToArray<float>(), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(() => x.Slice(0, 0, 1), Throws.TypeOf<ObjectDisposedException>());
        Assert.That(x.Dispose, Throws.Nothing);
    }

    [Test]
    public void An_exception_inside_frees_what_was_made()
    {
        var device = new CpuDevice(1);
        void Fail()
        {
            using var scope = TensorScope.Begin();
            var x = Tensor.Ones([4, 5], device: device);
            _ = x.Tanh().Permute(0, 0);
        }

        Assert.That(Fail, Throws.TypeOf<ShapeException>());
        Assert.That(device.Memory.LiveBytes, Is.Zero);
        Assert.That(TensorScope.Current, Is.Null);
    }

    [Test]
    public void An_operation_that_fails_halfway_leaves_nothing_behind()
    {
        var device = new CpuDevice(1);
        using var scope = TensorScope.Begin();
        var x = Tensor.Ones([100], device: device);
        long before = device.Memory.LiveBytes;
        Assert.That(() => new Failing().Apply(x), Throws.TypeOf<ArithmeticException>());
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(before));
        Assert.That(TensorScope.Current, Is.SameAs(scope));
        Assert.That(NoGrad.IsRecording, Is.True);
    }

    [Test]
    public async Task Scopes_follow_the_async_flow()
    {
        var device = new CpuDevice(1);
        async Task<double> Work(int number)
        {
            using var scope = TensorScope.Begin();
            var x = Tensor.Full([50], number, device: device);
            await Task.Delay(5);
            Assert.That(TensorScope.Current, Is.SameAs(scope));
            var y = x * 2;
            await Task.Yield();
            Assert.That(x.IsDisposed, Is.False);
            return y.Sum().Item();
        }

        using var outer = TensorScope.Begin();
        double[] results = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Task.Run(() => Work(n))));
        double alone = await Work(7);
        Assert.That(results, Is.EqualTo(Enumerable.Range(0, 20).Select(n => n * 100.0)));
        Assert.That(alone, Is.EqualTo(700));
        Assert.That(device.Memory.LiveBytes, Is.Zero);
        Assert.That(TensorScope.Current, Is.SameAs(outer));
    }

    [Test]
    public void Tensors_made_on_worker_tiles_belong_to_the_scope_around_or_to_the_tiles_own()
    {
        var device = new CpuDevice(3);
        var kept = new Tensor[8];
        using (var scope = TensorScope.Begin())
        {
            device.RunTiles(8, tile =>
            {
                using var own = TensorScope.Begin();
                var x = Tensor.Full([100], tile, device: device);
                kept[tile] = own.Keep(x.Tanh() * 0 + tile);
            });
            Assert.That(device.Memory.LiveBytes, Is.EqualTo(8 * 400));
            Assert.That(kept.Select(k => k[0].Item()), Is.EqualTo(Enumerable.Range(0, 8)));
        }

        Assert.That(kept.Select(k => k.IsDisposed), Is.All.True);
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    [Test]
    public void Closing_scopes_in_the_wrong_order_loses_nothing()
    {
        var device = new CpuDevice(1);
        var outermost = TensorScope.Begin();
        var outer = TensorScope.Begin();
        var inner = TensorScope.Begin();
        var x = Tensor.Ones([3], device: device);
        outer.Dispose();
        Assert.That(TensorScope.Current, Is.SameAs(inner));
        Assert.That(x.IsDisposed, Is.False);
        inner.Keep(x);
        inner.Dispose();
        Assert.That(TensorScope.Current, Is.SameAs(outermost));
        Assert.That(x.IsDisposed, Is.False, "handed on to the nearest open scope");
        outermost.Dispose();
        Assert.That(device.Memory.LiveBytes, Is.Zero);
        Assert.That(TensorScope.Current, Is.Null);
    }

    [Test]
    public void A_view_keeps_the_memory_alive_until_the_last_handle_goes()
    {
        var device = new CpuDevice(1);
        var x = Tensor.Ones([10, 10], device: device);
        var row = x[3];
        x.Dispose();
        Assert.That(row.Values(), Is.All.EqualTo(1));
        Assert.That(device.Memory.LiveBytes, Is.EqualTo(400));
        row.Dispose();
        Assert.That(device.Memory.LiveBytes, Is.Zero);
    }

    private sealed class Failing : Op
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            _ = inputs[0].Tanh().Exp();
            throw new ArithmeticException();
        }

        protected override Tensor?[] Backward(Tensor outputGradient) => [null];
    }
}
