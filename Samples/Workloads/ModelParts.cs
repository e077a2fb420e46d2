using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;

namespace MomentumCore.Samples;

/// <summary>A model in momentum form, with what one training step gives it and asks of it.</summary>
/// <param name="Network">The model.</param>
/// <param name="Input">The shape of its input.</param>
/// <param name="Second">The shape of what goes in besides, if anything does.</param>
/// <param name="Loss">From its output to one number.</param>
/// <param name="Target">What the loss compares with, if anything.</param>
internal sealed record ModelParts(
    Module Network, Shape Input, Shape? Second, Func<Tensor, Tensor> Loss, Tensor? Target = null) : IDisposable
{
    /// <summary>The step on random inputs; it owns the parts from then on.</summary>
    public TrainingStep ToStep(Device device) => new(
        Network, Tensor.Randn(Input, device: device), Loss, target: Target,
        second: Second is { } shape ? Tensor.Randn(shape, device: device) : null);

    public void Dispose()
    {
        Network.Dispose();
        Target?.Dispose();
    }
}
