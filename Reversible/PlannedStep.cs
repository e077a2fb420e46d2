using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>The training step that a plan is for: a model, what it is given, and the loss.</summary>
/// <param name="Model">The model.</param>
/// <param name="InputShapes">The shapes of what it is given.</param>
/// <param name="Loss">The loss of its output.</param>
/// <param name="DType">The element type of what it is given.</param>
/// <param name="Device">Where all this is.</param>
internal sealed record PlannedStep(
    Module Model, IReadOnlyList<Shape> InputShapes, Func<Tensor, Tensor> Loss, DType DType, Device Device)
{
    /// <summary>The model's output for random inputs.</summary>
    public Tensor Forward()
    {
        Tensor[] inputs = [.. InputShapes.Select(shape => Tensor.Randn(shape, DType, Device))];
        return Model.Call(inputs[0], inputs[1..]);
    }
}
