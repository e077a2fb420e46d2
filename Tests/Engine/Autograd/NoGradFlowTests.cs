namespace MomentumCore.Tests.Engine.Autograd;

/// <summary>
/// NoGrad follows the async flow, and what an operation switches off for itself does not leak into it.
/// </summary>
[TestFixture]
internal sealed class NoGradFlowTests
{
    [Test]
    public async Task It_holds_across_an_await_and_ends_with_its_scope()
    {
        using (NoGrad.Begin())
        {
            await Task.Run(() => Assert.That(NoGrad.IsRecording, Is.False));
            Assert.That(NoGrad.IsRecording, Is.False);
        }

        await Task.Run(() => Assert.That(NoGrad.IsRecording, Is.True));
    }

    [Test]
    public async Task Begin_inside_an_operation_leaves_no_trace_in_the_flow()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(2f);
        x.RequiresGradient = true;

        _ = new OpThatUsesNoGrad().Apply(x);

        Assert.That(NoGrad.IsRecording, Is.True);
        await Task.Run(
            () => Assert.That(NoGrad.IsRecording, Is.True, "another thread of the flow takes over its value"));
        await Task.Yield();
        Assert.That((x * x).RequiresGradient, Is.True);
    }

    private sealed class OpThatUsesNoGrad : Op
    {
        protected override Tensor Forward(Tensor[] inputs)
        {
            using var noGrad = NoGrad.Begin();
            return inputs[0].Clone();
        }

        protected override Tensor?[] Backward(Tensor outputGradient) => [outputGradient];
    }
}
