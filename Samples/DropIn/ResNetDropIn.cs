using MomentumCore.Engine;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>torchvision's ResNet-18: every stage's blocks after the first become momentum layers.</summary>
internal static class ResNetDropIn
{
    public static DropInExample Example { get; } = new(
        "resnet",
        "torchvision's ResNet-18, images 32 × 32",
        "MomentumTransform.Apply(resnet, gamma: 0.9, memory: memory)",
        () => ResNet.ResNet18(classes: 10),
        () => [Tensor.Randn([8, 3, 32, 32])],
        // The defaults are a ResNet's: layer1 to layer4, the first block of each, which changes the shape, kept.
        (model, gamma, memory) => MomentumTransform.Apply((ResNet)model, gamma: gamma, memory: memory));
}
