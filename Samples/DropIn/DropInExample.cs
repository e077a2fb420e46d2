using MomentumCore.Engine;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>A model as people have it, what goes into it, and the call that turns it into its momentum form.</summary>
/// <param name="Name">What `momentum dropin` calls it.</param>
/// <param name="Description">What it is.</param>
/// <param name="Code">The call, as it stands in the sample's file.</param>
/// <param name="Model">Makes the model.</param>
/// <param name="Inputs">Makes its inputs.</param>
/// <param name="Transform">Makes the momentum form: model, γ, memory mode.</param>
internal sealed record DropInExample(
    string Name,
    string Description,
    string Code,
    Func<Module> Model,
    Func<Tensor[]> Inputs,
    Func<Module, double, MemoryMode, Module> Transform)
{
    /// <summary>All of them: the examples of the authors' package.</summary>
    public static IReadOnlyList<DropInExample> All { get; } =
        [ResNetDropIn.Example, TutorialDropIn.Example, TransformerDropIn.Example, VisionDropIn.Example];
}
