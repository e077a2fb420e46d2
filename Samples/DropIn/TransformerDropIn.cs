using MomentumCore.Engine;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>PyTorch's nn.Transformer: memory and masks go to every momentum layer.</summary>
internal static class TransformerDropIn
{
    private const int Places = 12;

    public static DropInExample Example { get; } = new(
        "transformer",
        "nn.Transformer, 6 + 6 layers, dim 64, causal mask",
        "MomentumTransform.Apply(transformer, [\"encoder.layers\", \"decoder.layers\"], 0.9, memory, keepFirstLayer: false)",
        () => new Transformer(new TransformerOptions(64, 4) { FeedForward = 128, Dropout = 0 }),
        () =>
        [
            Tensor.Randn([Places, 4, 64]), Tensor.Randn([Places, 4, 64]),
            TransformerMask.None(), TransformerMask.Causal(Places),
        ],
        (model, gamma, memory) => MomentumTransform.Apply(
            (Transformer)model, ["encoder.layers", "decoder.layers"], gamma, memory, keepFirstLayer: false));
}
