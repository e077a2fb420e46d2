using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Tests.Models;

/// <summary>The Transformers of models.json, and how each case calls its model.</summary>
internal static class TransformerCases
{
    private static readonly string[] Parts = ["encoder.layers", "decoder.layers"];

    private static readonly TransformerOptions Small =
        new(8, 2) { FeedForward = 16, Dropout = 0, EncoderLayers = 2, DecoderLayers = 2 };

    private static readonly VisionTransformerOptions SmallVision =
        new() { ImageSize = 8, PatchSize = 4, Layers = 3, Heads = 2, Dim = 8, MlpDim = 16, Classes = 10 };

    public static Module Make(string name, MemoryMode mode) => name switch
    {
        "encoder layer" or "encoder layer, no batch" or "encoder layer, added mask" =>
            new TransformerEncoderLayer(Small),
        "encoder layer, dropout in evaluation" => new TransformerEncoderLayer(Small with { Dropout = 0.5 }),
        "encoder layer, norm first, gelu, batch first, masks" => new TransformerEncoderLayer(
            Small with { NormFirst = true, Activation = TransformerActivation.Gelu, BatchFirst = true }),
        "decoder layer" => new TransformerDecoderLayer(Small),
        "decoder layer, norm first, all masks" => new TransformerDecoderLayer(Small with { NormFirst = true }),
        "decoder layer, gelu, batch first, padding of the memory" => new TransformerDecoderLayer(
            Small with { Activation = TransformerActivation.Gelu, BatchFirst = true }),
        "encoder" => new TransformerEncoder(new TransformerEncoderLayer(Small), 3),
        "decoder, last norm" => new TransformerDecoder(new TransformerDecoderLayer(Small), 3, new LayerNorm(8)),
        "transformer" or "transformer, all masks" => new Transformer(Small),
        "transformer, norm first, gelu, batch first, causal" => new Transformer(
            Small with { NormFirst = true, Activation = TransformerActivation.Gelu, BatchFirst = true }),
        "transformer, transformed, gamma 0.9" =>
            MomentumTransform.Apply(new Transformer(Small), Parts, 0.9, mode, keepFirstLayer: false),
        "transformer, transformed, gamma 0.5, residual" =>
            MomentumTransform.Apply(new Transformer(Small), Parts, 0.5, mode, keepFirstLayer: false, isResidual: true),
        "transformer, transformed, gamma 0" =>
            MomentumTransform.Apply(new Transformer(Small), Parts, 0, mode, keepFirstLayer: false),
        "momentum decoder, all masks" => new MomentumNet(
            [.. Enumerable.Range(0, 3).Select(_ => new TransformerDecoderLayer(Small))], 0.8, mode, isResidual: false),
        "momentum encoder, added mask" => new MomentumNet(
            [.. Enumerable.Range(0, 3).Select(_ => new TransformerEncoderLayer(Small with { NormFirst = true }))],
            0.8, mode, isResidual: false),
        "vit" => new VisionTransformer(SmallVision),
        "vit, representation, dropout in evaluation" =>
            new VisionTransformer(SmallVision with { RepresentationSize = 6, Dropout = 0.3 }),
        "vit, transformed" => MomentumTransform.Apply(
            new VisionTransformer(SmallVision), ["encoder.layers"], 0.9, mode, keepFirstLayer: false),
        "vit, transformed, first layer kept" =>
            MomentumTransform.Apply(new VisionTransformer(SmallVision), ["encoder.layers"], 0.6, mode),
        _ => throw new ArgumentException($"The fixture has an unknown model '{name}'."),
    };

    public static Tensor Call(string name, Module model, Tensor[] x) => (name, model) switch
    {
        ("encoder layer, norm first, gelu, batch first, masks", TransformerEncoderLayer layer) =>
            layer.CallWith(x[0], TransformerMask.Causal(5, x[0].Device), Padding(x[0].Device)),
        ("decoder layer, norm first, all masks", TransformerDecoderLayer layer) => layer.CallWith(
            x[0], x[1], TransformerMask.Causal(4, x[0].Device), Visible(x[0].Device), TargetPadding(x[0].Device),
            Padding(x[0].Device)),
        ("decoder layer, gelu, batch first, padding of the memory", TransformerDecoderLayer layer) =>
            layer.CallWith(x[0], x[1], memoryKeyMask: Padding(x[0].Device)),
        ("encoder", TransformerEncoder encoder) => encoder.CallWith(x[0], TransformerMask.Causal(5, x[0].Device)),
        ("transformer, all masks", Transformer transformer) => transformer.CallWith(
            x[0], x[1], TransformerMask.Causal(5, x[0].Device), TransformerMask.Causal(4, x[0].Device),
            Visible(x[0].Device), Padding(x[0].Device), TargetPadding(x[0].Device), Padding(x[0].Device)),
        ("transformer, norm first, gelu, batch first, causal", Transformer transformer) =>
            transformer.CallWith(x[0], x[1], targetMask: TransformerMask.Causal(4, x[0].Device)),
        ("momentum decoder, all masks", _) => model.Call(
            x[0], x[1], TransformerMask.Causal(4, x[0].Device), Visible(x[0].Device), TargetPadding(x[0].Device),
            Padding(x[0].Device)),
        _ => model.Call(x[0], x[1..]),
    };

    // 1 where PyTorch's boolean masks say False.
    private static Tensor Padding(Device device) => Tensor.From([1, 1, 1, 0, 0, 1, 1, 1, 1, 1], [2, 5], device);

    private static Tensor TargetPadding(Device device) => Tensor.From([1, 1, 1, 1, 1, 1, 0, 0], [2, 4], device);

    private static Tensor Visible(Device device) =>
        Tensor.From([1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1], [4, 5], device);
}
