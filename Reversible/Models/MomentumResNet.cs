using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>
/// The momentum ResNet of the authors' package: in each stage the first block stays as it is, those after it become a
/// <see cref="MomentumNet"/> of their branches. x [images, 3, height, width], y [images, classes].
/// </summary>
/// <remarks>
/// The branches lack the last ReLU of a ResNet's blocks, so this is not what <see cref="MomentumTransform"/> makes of a
/// ResNet: it is to be trained from the start. Names and numbers are those of the package's <c>mResNet18</c> …
/// <c>mResNet152</c>, so that its weights load as they are.
/// </remarks>
public sealed class MomentumResNet : ResNet
{
    private readonly MemoryMode _memory;

    /// <summary>A network of these parts.</summary>
    /// <param name="options">What the network is made of.</param>
    /// <param name="gamma">γ in [0, 1]; above 0 unless everything is stored.</param>
    /// <param name="memory">What the momentum layers keep for backward.</param>
    /// <param name="learnedVelocity">Whether a block of its own gives the initial velocity; otherwise zero.</param>
    /// <exception cref="ArgumentException">γ is out of range, or the options are, see <see cref="ResNet"/>.</exception>
    public MomentumResNet(
        ResNetOptions options,
        double gamma = 0.9,
        MemoryMode memory = MemoryMode.Recompute,
        bool learnedVelocity = false)
        : base(options, (first, count, another) => new Sequential(
            first,
            new MomentumNet(
                [.. Enumerable.Range(1, count - 1).Select(_ => another(true))],
                gamma,
                memory,
                learnedVelocity ? another(true) : null)))
    {
        Gamma = gamma;
        _memory = memory;
        HasLearnedVelocity = learnedVelocity;
    }

    /// <summary>γ, how much of the velocity a step keeps.</summary>
    public double Gamma { get; }

    /// <summary>Whether a block of its own gives the initial velocity of each stage.</summary>
    public bool HasLearnedVelocity { get; }

    /// <summary>The momentum form of ResNet-18.</summary>
    /// <param name="classes">The number of classes.</param>
    /// <param name="gamma">γ in [0, 1]; above 0 unless everything is stored.</param>
    /// <param name="memory">What the momentum layers keep for backward.</param>
    /// <param name="learnedVelocity">Whether a block of its own gives the initial velocity.</param>
    /// <param name="batchNorm">False to leave out the norms.</param>
    /// <param name="stem">How it begins; when left out, as in the package: ImageNet's for 1000 classes only.</param>
    public static MomentumResNet MResNet18(
        int classes = 1000, double gamma = 0.9, MemoryMode memory = MemoryMode.Recompute,
        bool learnedVelocity = false, bool batchNorm = true, ResNetStem? stem = null) =>
        Make(Options18, classes, gamma, memory, learnedVelocity, batchNorm, stem);

    /// <summary>The momentum form of ResNet-34; settings as in <see cref="MResNet18"/>.</summary>
    public static MomentumResNet MResNet34(
        int classes = 1000, double gamma = 0.9, MemoryMode memory = MemoryMode.Recompute,
        bool learnedVelocity = false, bool batchNorm = true, ResNetStem? stem = null) =>
        Make(Options34, classes, gamma, memory, learnedVelocity, batchNorm, stem);

    /// <summary>The momentum form of ResNet-50; settings as in <see cref="MResNet18"/>.</summary>
    public static MomentumResNet MResNet50(
        int classes = 1000, double gamma = 0.9, MemoryMode memory = MemoryMode.Recompute,
        bool learnedVelocity = false, bool batchNorm = true, ResNetStem? stem = null) =>
        Make(Options50, classes, gamma, memory, learnedVelocity, batchNorm, stem);

    /// <summary>The momentum form of ResNet-101; settings as in <see cref="MResNet18"/>.</summary>
    public static MomentumResNet MResNet101(
        int classes = 1000, double gamma = 0.9, MemoryMode memory = MemoryMode.Recompute,
        bool learnedVelocity = false, bool batchNorm = true, ResNetStem? stem = null) =>
        Make(Options101, classes, gamma, memory, learnedVelocity, batchNorm, stem);

    /// <summary>The momentum form of ResNet-152; settings as in <see cref="MResNet18"/>.</summary>
    public static MomentumResNet MResNet152(
        int classes = 1000, double gamma = 0.9, MemoryMode memory = MemoryMode.Recompute,
        bool learnedVelocity = false, bool batchNorm = true, ResNetStem? stem = null) =>
        Make(Options152, classes, gamma, memory, learnedVelocity, batchNorm, stem);

    /// <inheritdoc/>
    public override Module NewLike() => new MomentumResNet(Options, Gamma, _memory, HasLearnedVelocity);

    // Each size repeats the list of settings, so that a call can name them.
    private static MomentumResNet Make(
        ResNetOptions options, int classes, double gamma, MemoryMode memory, bool learnedVelocity, bool batchNorm,
        ResNetStem? stem)
    {
        options = options with
        {
            Classes = classes,
            Stem = stem ?? (classes == 1000 ? ResNetStem.ImageNet : ResNetStem.Cifar),
        };
        if (!batchNorm)
            options = options with { Norm = _ => new Identity() };
        return new MomentumResNet(options, gamma, memory, learnedVelocity);
    }
}
