using MomentumCore.Layers;

namespace MomentumCore.Tests.Layers;

/// <summary>A layer as PyTorch would make it, with what goes in and what must come out.</summary>
/// <param name="Label">Its name in the test report.</param>
/// <param name="Make">Makes the layer.</param>
/// <param name="Input">The shape of the input.</param>
/// <param name="Output">The shape of the output.</param>
/// <param name="State">PyTorch's names for its state, in order, with shapes as in <c>weight[2, 3]</c>.</param>
/// <param name="Printed">The printed form.</param>
internal sealed record LayerCase(
    string Label, Func<Module> Make, int[] Input, int[] Output, string State, string Printed)
{
    public static IEnumerable<LayerCase> All { get; } =
    [
        new(
            "Linear",
            () => new Linear(4, 3),
            [2, 4],
            [2, 3],
            "weight[3, 4] bias[3]",
            "Linear(inFeatures: 4, outFeatures: 3, bias: true)"),
        new("Linear, three axes, no bias", () => new Linear(4, 3, bias: false), [2, 5, 4], [2, 5, 3], "weight[3, 4]",
            "Linear(inFeatures: 4, outFeatures: 3, bias: false)"),
        new("Conv2d", () => new Conv2d(3, 4, 3, padding: 1), [2, 3, 5, 6], [2, 4, 5, 6], "weight[4, 3, 3, 3] bias[4]",
            "Conv2d(inChannels: 3, outChannels: 4, kernel: 3, stride: 1, padding: 1, dilation: 1, groups: 1, bias: " +
            "true)"),
        new("Conv2d, all settings", () => new Conv2d(4, 6, (3, 1), (2, 1), (1, 0), (1, 2), 2, false), [1, 4, 7, 5], [1, 6, 4, 5],
            "weight[6, 2, 3, 1]",
            "Conv2d(inChannels: 4, outChannels: 6, kernel: (3, 1), stride: (2, 1), padding: (1, 0), dilation: (1, " +
            "2), groups: 2, bias: false)"),
        new("ConvTranspose2d", () => new ConvTranspose2d(4, 6, 3, 2, 1, 1, 2), [1, 4, 3, 4], [1, 6, 6, 8], "weight[4, 3, 3, 3] bias[6]",
            "ConvTranspose2d(inChannels: 4, outChannels: 6, kernel: 3, stride: 2, padding: 1, outputPadding: 1, " +
            "groups: 2, bias: true, dilation: 1)"),
        new("BatchNorm1d", () => new BatchNorm1d(3), [4, 3], [4, 3],
            "weight[3] bias[3] running_mean[3] running_var[3] num_batches_tracked[]",
            "BatchNorm1d(channels: 3, eps: 1E-05, momentum: 0.1, affine: true, trackRunningStatistics: true)"),
        new("BatchNorm1d, sequences, bare", () => new BatchNorm1d(3, affine: false, trackRunningStatistics: false, momentum: null),
            [4, 3, 5], [4, 3, 5], "",
            "BatchNorm1d(channels: 3, eps: 1E-05, momentum: null, affine: false, trackRunningStatistics: false)"),
        new("BatchNorm2d", () => new BatchNorm2d(3, 1e-3), [2, 3, 4, 5], [2, 3, 4, 5],
            "weight[3] bias[3] running_mean[3] running_var[3] num_batches_tracked[]",
            "BatchNorm2d(channels: 3, eps: 0.001, momentum: 0.1, affine: true, trackRunningStatistics: true)"),
        new("LayerNorm", () => new LayerNorm(5), [3, 4, 5], [3, 4, 5], "weight[5] bias[5]",
            "LayerNorm(normalizedShape: [5], eps: 1E-05, elementwiseAffine: true)"),
        new("LayerNorm, two axes, no bias", () => new LayerNorm([4, 5], bias: false), [3, 4, 5], [3, 4, 5], "weight[4, 5]",
            "LayerNorm(normalizedShape: [4, 5], eps: 1E-05, elementwiseAffine: true)"),
        new("GroupNorm", () => new GroupNorm(2, 6), [2, 6, 3, 3], [2, 6, 3, 3], "weight[6] bias[6]",
            "GroupNorm(groups: 2, channels: 6, eps: 1E-05, affine: true)"),
        new("InstanceNorm2d", () => new InstanceNorm2d(3), [2, 3, 4, 4], [2, 3, 4, 4], "",
            "InstanceNorm2d(channels: 3, eps: 1E-05, affine: false)"),
        new("InstanceNorm2d, affine", () => new InstanceNorm2d(3, affine: true), [2, 3, 4, 4], [2, 3, 4, 4], "weight[3] bias[3]",
            "InstanceNorm2d(channels: 3, eps: 1E-05, affine: true)"),
        new("MultiheadAttention", () => new MultiheadAttention(6, 2), [4, 3, 6], [4, 3, 6],
            "in_proj_weight[18, 6] in_proj_bias[18] out_proj.weight[6, 6] out_proj.bias[6]",
            "MultiheadAttention(dim: 6, heads: 2, dropout: 0, bias: true, batchFirst: false\n" +
            "  (out_proj): Linear(inFeatures: 6, outFeatures: 6, bias: true)\n)"),
        new("MultiheadAttention, no bias, batch first", () => new MultiheadAttention(6, 3, bias: false, batchFirst: true), [2, 5, 6],
            [2, 5, 6], "in_proj_weight[18, 6] out_proj.weight[6, 6]",
            "MultiheadAttention(dim: 6, heads: 3, dropout: 0, bias: false, batchFirst: true\n" +
            "  (out_proj): Linear(inFeatures: 6, outFeatures: 6, bias: false)\n)"),
        new("MultiheadAttention without a batch", () => new MultiheadAttention(4, 2), [3, 4], [3, 4],
            "in_proj_weight[12, 4] in_proj_bias[12] out_proj.weight[4, 4] out_proj.bias[4]",
            "MultiheadAttention(dim: 4, heads: 2, dropout: 0, bias: true, batchFirst: false\n" +
            "  (out_proj): Linear(inFeatures: 4, outFeatures: 4, bias: true)\n)"),
        new(
            "MaxPool2d",
            () => new MaxPool2d(2),
            [2, 3, 4, 6],
            [2, 3, 2, 3],
            "",
            "MaxPool2d(kernel: 2, stride: 2, padding: 0, dilation: 1)"),
        new("MaxPool2d, all settings", () => new MaxPool2d(3, 2, 1, 2), [1, 2, 9, 9], [1, 2, 4, 4], "",
            "MaxPool2d(kernel: 3, stride: 2, padding: 1, dilation: 2)"),
        new("AvgPool2d", () => new AvgPool2d((2, 3), 1, 1, false), [2, 3, 4, 6], [2, 3, 5, 6], "",
            "AvgPool2d(kernel: (2, 3), stride: 1, padding: 1, countIncludePad: false)"),
        new(
            "AdaptiveAvgPool2d",
            () => new AdaptiveAvgPool2d(1),
            [2, 3, 5, 7],
            [2, 3, 1, 1],
            "",
            "AdaptiveAvgPool2d(output: 1)"),
        new(
            "AdaptiveMaxPool2d",
            () => new AdaptiveMaxPool2d((2, 3)),
            [2, 3, 5, 7],
            [2, 3, 2, 3],
            "",
            "AdaptiveMaxPool2d(output: (2, 3))"),
        new("Flatten", () => new Flatten(), [2, 3, 4], [2, 12], "", "Flatten(startAxis: 1, endAxis: -1)"),
        new("Dropout", () => new Dropout(0.25), [3, 4], [3, 4], "", "Dropout(p: 0.25)"),
        new("Identity", () => new Identity(), [3, 4], [3, 4], "", "Identity()"),
        new("Tanh", () => new Tanh(), [3, 4], [3, 4], "", "Tanh()"),
        new("Relu", () => new Relu(), [3, 4], [3, 4], "", "Relu()"),
        new("LeakyRelu", () => new LeakyRelu(0.2), [3, 4], [3, 4], "", "LeakyRelu(slope: 0.2)"),
        new("Gelu", () => new Gelu(), [3, 4], [3, 4], "", "Gelu(form: Exact)"),
        new("Silu", () => new Silu(), [3, 4], [3, 4], "", "Silu()"),
        new("Sigmoid", () => new Sigmoid(), [3, 4], [3, 4], "", "Sigmoid()"),
        new("Softplus", () => new Softplus(), [3, 4], [3, 4], "", "Softplus()"),
        new("Softmax", () => new Softmax(1), [3, 4], [3, 4], "", "Softmax(axis: 1)"),
        new("LogSoftmax", () => new LogSoftmax(), [3, 4], [3, 4], "", "LogSoftmax(axis: -1)"),
    ];

    public override string ToString() => Label;
}
