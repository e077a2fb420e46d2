using System.Text.Json.Nodes;
using MomentumCore.Layers;
using MomentumCore.Reversible;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Models;

/// <summary>The models of models.json, made here; and the formula that fills them, the same as in the script.</summary>
internal static class ModelCases
{
    private static readonly MemoryMode[] Stored = [MemoryMode.Store], Recomputed = [MemoryMode.Recompute];

    /// <summary>The memory modes in which a case can be run.</summary>
    public static MemoryMode[] Modes(JsonNode test) =>
        (string)test["modes"]! switch
        {
            "all" => Enum.GetValues<MemoryMode>(),
            "recompute" => Recomputed,
            _ => Stored,
        };

    public static Module Make(string name, MemoryMode mode) => name switch
    {
        "resnet18" or "resnet18, evaluation" or "resnet18, evaluation, one small image" => ResNet.ResNet18(10),
        "resnet18, small images" => ResNet.ResNet18(10, ResNetStem.Cifar),
        "resnet50" or "resnet50, evaluation" or "resnet50, small branches" => ResNet.ResNet50(10),
        "resnet34, evaluation" => ResNet.ResNet34(10),
        "resnet101, evaluation" => ResNet.ResNet101(10),
        "resnet152, evaluation" => ResNet.ResNet152(10),
        "resnet of bottlenecks, small images" => new ResNet(Bottlenecks(2, 1, 2, 1)),
        "mresnet18" => MomentumResNet.MResNet18(10, memory: mode),
        "mresnet34, evaluation" => MomentumResNet.MResNet34(10, memory: mode),
        "mresnet101, evaluation" => MomentumResNet.MResNet101(10, memory: mode),
        "mresnet152, evaluation" => MomentumResNet.MResNet152(10, memory: mode),
        "mresnet of bottlenecks" => new MomentumResNet(Bottlenecks(3, 2, 3, 2), 0.9, mode),
        "mresnet of bottlenecks, learned velocity, evaluation" =>
            new MomentumResNet(Bottlenecks(2, 2, 2, 2), 0.9, mode, learnedVelocity: true),
        "mresnet18, evaluation" => MomentumResNet.MResNet18(10, gamma: 0.5, memory: mode),
        "mresnet18, learned velocity" => MomentumResNet.MResNet18(10, memory: mode, learnedVelocity: true),
        "mresnet18, no norms" => MomentumResNet.MResNet18(10, memory: mode, batchNorm: false),
        "resnet18, transformed" => MomentumTransform.Apply(ResNet.ResNet18(10), memory: mode),
        "resnet18, first stage whole, gamma 0.7" =>
            MomentumTransform.Apply(ResNet.ResNet18(10), ["layer1"], 0.7, mode, keepFirstLayer: false),
        "resnet18, transformed, gamma 0" => MomentumTransform.Apply(ResNet.ResNet18(10), gamma: 0, memory: mode),
        "resnet18, transformed, residual" =>
            MomentumTransform.Apply(ResNet.ResNet18(10), memory: mode, isResidual: true),
        "tutorial" => new TutorialNet(),
        "tutorial, first part" => TutorialNet.FirstPart(new TutorialNet(), mode),
        "tutorial, both parts" => MomentumTransform.Apply(
            TutorialNet.FirstPart(new TutorialNet(), mode), ["layer2"], 0.9, mode, keepFirstLayer: false),
        _ => TransformerCases.Make(name, mode),
    };

    public static Module Full(string name) => name.Split(", state")[0] switch
    {
        "resnet18" => ResNet.ResNet18(),
        "resnet34" => ResNet.ResNet34(),
        "resnet50" => ResNet.ResNet50(),
        "resnet101" => ResNet.ResNet101(),
        "resnet152" => ResNet.ResNet152(),
        "resnext50_32x4d" =>
            new ResNet(new ResNetOptions(3, 4, 6, 3) { Bottleneck = true, Groups = 32, WidthPerGroup = 4 }),
        "wide_resnet50_2" => new ResNet(new ResNetOptions(3, 4, 6, 3) { Bottleneck = true, WidthPerGroup = 128 }),
        "momentumnet ResNet18" => ResNet.ResNet18(10, ResNetStem.Cifar),
        "momentumnet ResNet34" => ResNet.ResNet34(10, ResNetStem.Cifar),
        "momentumnet ResNet101" => ResNet.ResNet101(10, ResNetStem.Cifar),
        "momentumnet ResNet152" => ResNet.ResNet152(10, ResNetStem.Cifar),
        "transformer" => new Transformer(),
        "mResNet18" => MomentumResNet.MResNet18(10),
        "mResNet34" => MomentumResNet.MResNet34(10),
        "mResNet50" => MomentumResNet.MResNet50(10),
        "mResNet101" => MomentumResNet.MResNet101(10),
        "mResNet152" => MomentumResNet.MResNet152(10),
        "mResNet18, learned velocity" => MomentumResNet.MResNet18(learnedVelocity: true),
        "mResNet34, learned velocity" => MomentumResNet.MResNet34(learnedVelocity: true),
        "mResNet50, learned velocity" => MomentumResNet.MResNet50(learnedVelocity: true),
        "mResNet101, learned velocity" => MomentumResNet.MResNet101(learnedVelocity: true),
        "mResNet152, learned velocity" => MomentumResNet.MResNet152(learnedVelocity: true),
        _ => throw new ArgumentException($"The fixture has an unknown model '{name}'."),
    };

    public static VisionTransformerOptions FullVision(string name) => name.Split(',')[0] switch
    {
        "vit_b_16" => VisionTransformerOptions.B16,
        "vit_b_32" => VisionTransformerOptions.B32,
        "vit_l_16" => VisionTransformerOptions.L16,
        "vit_l_32" => VisionTransformerOptions.L32,
        "vit_h_14" => VisionTransformerOptions.H14,
        _ => throw new ArgumentException($"The fixture has an unknown model '{name}'."),
    };

    public static Tensor Input(JsonNode shape, int position, DType dtype, Device device)
    {
        Shape sizes = [.. shape.Numbers().Select(n => (int)n)];
        var x = TestTensors.Make(Noise(sizes.ElementCount, 500 + position), sizes, dtype, device);
        x.RequiresGradient = true;
        return x;
    }

    /// <summary>
    /// Values of a trained network's size; the position in the state is the seed. What a bottleneck's branch adds is
    /// multiplied by a factor.
    /// </summary>
    public static void Fill(Module model, double branches)
    {
        using var noGrad = NoGrad.Begin();
        int seed = 0;
        foreach (var (name, tensor) in model.StateDict())
        {
            double[] noise = Noise(tensor.Count, seed++);
            if (!tensor.DType.IsFloat())
                continue;
            using var scope = TensorScope.Begin();
            double factor = name.EndsWith("bn3.weight", StringComparison.Ordinal) ? branches : 1;
            double[] values = [.. Scaled(noise, name, tensor.Shape).Select(v => v * factor)];
            tensor.CopyFrom(TestTensors.Make(values, tensor.Shape, tensor.DType));
        }
    }

    /// <summary>Uniform in [−1, 1), from a hash of position and seed.</summary>
    public static double[] Noise(int count, int seed)
    {
        var values = new double[count];
        for (int i = 0; i < count; i++)
        {
            uint h = (uint)(((ulong)i * 2654435761) + ((ulong)seed * 40503) + 12345);
            h ^= h >> 16;
            h *= 0x85EBCA6B;
            h ^= h >> 13;
            h *= 0xC2B2AE35;
            h ^= h >> 16;
            values[i] = (h / 2147483648.0) - 1;
        }

        return values;
    }

    private static ResNetOptions Bottlenecks(int first, int second, int third, int fourth) =>
        new(first, second, third, fourth) { Bottleneck = true, Classes = 10, Stem = ResNetStem.Cifar };

    private static double[] Scaled(double[] noise, string name, Shape shape)
    {
        var (start, factor) = shape.Rank > 1 ? (0, Math.Sqrt(3.0 / Math.Max(1, shape[1..].ElementCount)))
            : name.EndsWith("running_var", StringComparison.Ordinal) ? (1, 0.3)
            : name.EndsWith("weight", StringComparison.Ordinal) ? (1.0, 0.2)
            : (0, 0.1);
        return [.. noise.Select(n => start + (factor * n))];
    }
}
