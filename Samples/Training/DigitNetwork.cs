using MomentumCore.Engine;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>
/// The network of the main job: a stem, two stages of momentum layers with a reduction between them, and a classifier.
/// </summary>
/// <remarks>
/// digits [n, 1, 28, 28] → stem [n, C, 14, 14] → T momentum layers → reduction [n, 2C, 7, 7] → T momentum layers
/// → linear classifier → scores [n, 10]. Each f_t is convolution, group norm, tanh: group norm looks at one digit at a
/// time, so a digit's state never depends on its neighbours in the batch.
/// </remarks>
internal sealed class DigitNetwork : Module
{
    /// <summary>γ of both stages.</summary>
    public const double Gamma = 0.9;

    private const int Channels = 12;
    private const int Groups = 4;
    private const int Classes = 10;
    private const int ReducedSide = MisreadDigit.Side / 4;

    private readonly Sequential _layers;

    /// <param name="depth">T, momentum layers in each stage.</param>
    /// <param name="memory">What the stages keep for backward.</param>
    public DigitNetwork(int depth, MemoryMode memory) => _layers = RegisterModule("layers", new Sequential(
        new Conv2d(1, Channels, 3, stride: 2, padding: 1, bias: false),
        new GroupNorm(Groups, Channels),
        new Relu(),
        Stage(Channels, depth, memory),
        new Conv2d(Channels, 2 * Channels, 3, stride: 2, padding: 1, bias: false),
        new GroupNorm(Groups, 2 * Channels),
        new Relu(),
        Stage(2 * Channels, depth, memory),
        new Flatten(),
        new Linear(2 * Channels * ReducedSide * ReducedSide, Classes)));

    protected override Tensor Forward(Tensor x) => _layers.Call(x);

    private static MomentumNet Stage(int channels, int depth, MemoryMode memory) =>
        new([.. Enumerable.Range(0, depth).Select(_ => Function(channels))], Gamma, memory);

    private static Sequential Function(int channels) => new(
        new Conv2d(channels, channels, 3, padding: 1, bias: false),
        new GroupNorm(Groups, channels),
        new Tanh());
}
