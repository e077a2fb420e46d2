using MomentumCore.Engine;
using MomentumCore.Layers;

namespace MomentumCore.Samples;

/// <summary>
/// One training step that can be run again and again: forward, loss, backward and, if there is one, optimizer.
/// </summary>
/// <param name="network">The network; disposed with the step.</param>
/// <param name="input">What goes in; disposed with the step.</param>
/// <param name="loss">From the network's output to one number.</param>
/// <param name="optimizer">Moves the parameters, or null to only compute gradients; disposed with the step.</param>
/// <param name="target">What the loss compares with, if anything; disposed with the step.</param>
/// <param name="second">What goes into the network beside the input, if anything; disposed with the step.</param>
internal sealed class TrainingStep(
    Module network, Tensor input, Func<Tensor, Tensor> loss, Optimizer? optimizer = null, Tensor? target = null,
    Tensor? second = null)
        : IDisposable
{
    private readonly Tensor[] _others = second == null ? [] : [second];

    /// <summary>Bytes of all parameters.</summary>
    public long ParameterBytes => network.Parameters().Sum(p => (long)p.Count * p.DType.Size());

    /// <summary>Runs the step; returns the loss.</summary>
    public double Run()
    {
        using var scope = TensorScope.Begin();
        var value = loss(network.Call(input, _others));
        value.Backward();
        optimizer?.Step();
        network.ZeroGradient();
        return value.Item();
    }

    public void Dispose()
    {
        optimizer?.Dispose();
        network.Dispose();
        input.Dispose();
        target?.Dispose();
        second?.Dispose();
    }
}
