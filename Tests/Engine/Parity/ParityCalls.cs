namespace MomentumCore.Tests.Engine.Parity;

/// <summary>The engine's call for each operation in the fixtures.</summary>
internal static class ParityCalls
{
    public delegate Tensor Call(ParityCase settings, Inputs inputs);

    public static IReadOnlyDictionary<string, Call> ByOp { get; } = new Dictionary<string, Call>
    {
        ["softmax"] = (c, t) => t["x"].Softmax((int)c.Number("axis")),
        ["logSoftmax"] = (c, t) => t["x"].LogSoftmax((int)c.Number("axis")),
        ["crossEntropy"] = (c, t) => t["x"].CrossEntropy(
            t["target"], t.Optional("weight"), c.Number("smoothing"), (long)c.Number("ignored"), Reduction(c)),
        ["nllLoss"] = (c, t) =>
            t["x"].NllLoss(t["target"], t.Optional("weight"), (long)c.Number("ignored"), Reduction(c)),
        ["mseLoss"] = (c, t) => t["x"].MseLoss(t["target"], Reduction(c)),
        ["l1Loss"] = (c, t) => t["x"].L1Loss(t["target"], Reduction(c)),
        ["smoothL1Loss"] = (c, t) => t["x"].SmoothL1Loss(t["target"], c.Number("beta"), Reduction(c)),
        ["bceWithLogits"] = (c, t) => t["x"].BceWithLogits(t["target"], t.Optional("posWeight"), Reduction(c)),
        ["batchNorm"] = (c, t) => t["x"].BatchNorm(
            t.Optional("weight"), t.Optional("bias"), t.Optional("runningMean"), t.Optional("runningVar"),
            c.Flag("training"),
            c.Number("momentum"), c.Number("eps")),
        ["layerNorm"] = (c, t) =>
            t["x"].LayerNorm(c.Sizes("shape"), t.Optional("weight"), t.Optional("bias"), c.Number("eps")),
        ["groupNorm"] = (c, t) =>
            t["x"].GroupNorm((int)c.Number("groups"), t.Optional("weight"), t.Optional("bias"), c.Number("eps")),
        ["instanceNorm"] = (c, t) => t["x"].InstanceNorm(t.Optional("weight"), t.Optional("bias"), c.Number("eps")),
        ["attention"] = (c, t) => Tensor.Attention(
            t["q"], t["k"], t["v"], t.Optional("mask"), c.Flag("causal"),
            scale: c.Has("scale") ? c.Number("scale") : null),
        ["conv2d"] = (c, t) => t["x"].Conv2d(
            t["weight"], t.Optional("bias"), Pair(c, "stride"), Pair(c, "padding"), Pair(c, "dilation"),
            (int)c.Number("groups")),
        ["convTranspose2d"] = (c, t) => t["x"].ConvTranspose2d(
            t["weight"], t.Optional("bias"), Pair(c, "stride"), Pair(c, "padding"), Pair(c, "outputPadding"),
            Pair(c, "dilation"),
            (int)c.Number("groups")),
        ["maxPool2d"] = (c, t) =>
            t["x"].MaxPool2d(Pair(c, "kernel"), Pair(c, "stride"), Pair(c, "padding"), Pair(c, "dilation")),
        ["avgPool2d"] = (c, t) =>
            t["x"].AvgPool2d(Pair(c, "kernel"), Pair(c, "stride"), Pair(c, "padding"), c.Flag("countPad")),
        ["adaptiveAvgPool2d"] = (c, t) => t["x"].AdaptiveAvgPool2d(Pair(c, "size")),
        ["adaptiveMaxPool2d"] = (c, t) => t["x"].AdaptiveMaxPool2d(Pair(c, "size")),
        ["linear"] = (c, t) => t["x"].Linear(t["weight"], t.Optional("bias")),
        ["matMul"] = (c, t) => t["a"].MatMul(t["b"]),
        ["embedding"] = (c, t) => t["weight"].Embedding(t["indices"]),
        ["gelu"] = (c, t) => t["x"].Gelu(c.Text("form") == "tanh" ? GeluForm.Tanh : GeluForm.Exact),
        ["silu"] = (c, t) => t["x"].Silu(), ["softplus"] = (c, t) => t["x"].Softplus(),
        ["leakyRelu"] = (c, t) => t["x"].LeakyRelu(c.Number("slope")),
        ["erf"] = (c, t) => t["x"].Erf(),
        ["var"] = (c, t) => t["x"].Var(c.Sizes("axes"), (int)c.Number("correction"), c.Flag("keep")),
        ["std"] = (c, t) => t["x"].Std(c.Sizes("axes"), (int)c.Number("correction"), c.Flag("keep")),
        ["logSumExp"] = (c, t) => t["x"].LogSumExp(c.Sizes("axes"), c.Flag("keep")),
        ["norm"] = (c, t) => t["x"].Norm(c.Number("p"), c.Sizes("axes"), c.Flag("keep")),
    };

    private static Size2D Pair(ParityCase settings, string option) =>
        (settings.Sizes(option)[0], settings.Sizes(option)[1]);

    private static LossReduction Reduction(ParityCase settings) =>
        Enum.Parse<LossReduction>(settings.Text("reduction"), ignoreCase: true);

    /// <summary>The input tensors of a case, by name.</summary>
    internal sealed class Inputs(IReadOnlyDictionary<string, Tensor> tensors)
    {
        public Tensor this[string name] => tensors[name];

        public Tensor? Optional(string name) => tensors.GetValueOrDefault(name);
    }
}
