using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>Where every kernel of the library that is not a map is launched, in sizes as they are in use.</summary>
internal static class KernelScenes
{
    /// <summary>What the CPU runs in place of kernels: the types of its hand-written loops, as profiles name them.</summary>
    public static IReadOnlyDictionary<string, string[]> HandWritten { get; } = new Dictionary<string, string[]>
    {
        ["Reduction.SumNarrow"] = ["Narrow"],
        ["Reduction.SumWide"] = ["Wide"],
        ["Softmax.AttentionWeights"] = ["AttentionWeightsBody"],
        ["Convolution.Forward"] = ["PaddedImageBody"],
        ["Convolution.InputGradient"] = ["PaddedImageBody"],
        ["Convolution.WeightGradient"] = ["PaddedWeightBody", "MergeBody"],
        ["TiledProducts.Convolve"] = ["PaddedImageBody"],
        ["TiledProducts.Multiply"] = ["TileBody", "PackBody"],
        ["MatMul.Multiply"] = ["TileBody", "PackBody"],
        ["Normalization.BlockMoments"] = ["Moments"],
        ["Normalization.BlockGradients"] = ["Gradients"],
        ["Normalization.NormalizeGroups"] = ["ForwardBody"],
        ["Normalization.NormalizeGroupsBackward"] = ["BackwardBody"],
        ["Pooling.Max"] = ["MaxPlanes"],
        ["Pooling.Scatter"] = ["ScatterPlanes"],
        ["MomentumGrid.StepWatched"] = ["Blocked"],
        ["MomentumGrid.UndoWithAdjointWatched"] = ["Blocked"],
        ["MomentumGridWide.StepWatched"] = ["Blocked"],
        ["MomentumGridWide.UndoWithAdjointWatched"] = ["Blocked"],
    };

    /// <summary>All scenes; every kernel that is not a map is in one.</summary>
    public static IReadOnlyList<KernelScene> All { get; } =
    [
        .. KernelLaunches.All,
        new("numbers in a row", ["Sequences.Arange", "Sequences.Linspace", "Sequences.Eye"], _ =>
        {
            Tensor.Arange(0, 1_000_000);
            Tensor.Linspace(-1, 1, 1_000_000);
            Tensor.Eye(1000);
        }),
        new(
            "random numbers",
            ["RandomNumbers.Uniform", "RandomNumbers.Normal", "RandomNumbers.Integers", "RandomNumbers.Dropout"],
            _ =>
            {
                Tensor.Rand([1_000_000]);
                Tensor.Randn([1_000_000]).Dropout(0.3);
                Tensor.RandInt([1_000_000], 0, 10);
            }),
        new("random numbers in double", ["RandomNumbers.UniformDouble", "RandomNumbers.NormalDouble"], _ =>
        {
            Tensor.Rand([1_000_000], DType.Float64);
            Tensor.Randn([1_000_000], DType.Float64);
        }),
        new("gather 200 of 1000 columns", ["Indexing.Gather", "Indexing.ScatterAdd"], _ =>
            Differentiate(Leaf(1000, 1000).Gather(1, Tensor.RandInt([1000, 200], 0, 1000)))),
        new("4096 rows of an embedding", ["Indexing.SelectRows", "Indexing.AddRows"], _ =>
            Differentiate(Leaf(10_000, 64).Embedding(Tensor.RandInt([4096], 0, 10_000)))),
        new("masks and running sums", ["Indexing.OneHot", "Indexing.Triangle", "Indexing.CumSum"], _ =>
        {
            Tensor.RandInt([10_000], 0, 100).OneHot(100);
            var x = Tensor.Ones([1000, 1000]);
            x.Tril();
            x.CumSum(1);
        }),
        new("largest of a million", ["Extrema.BestOfBlocks", "Extrema.BestOfBest"], _ => Tensor.Arange(0, 1_000_000).Max()),
        new("sums of whole numbers", ["Reduction.SumPlain"], _ => Tensor.RandInt([1000, 1000], 0, 10).Sum([1])),
        new("sums of rows", ["Reduction.SumNarrow"], _ => Tensor.Ones([1000, 1000]).Sum([1])),
        new("sums of columns", ["Reduction.SumWide"], _ => Tensor.Ones([1000, 1000]).Sum([0])),
        new("softmax over channels", ["Softmax.Probabilities", "Softmax.ProbabilitiesBackward"], _ =>
            Differentiate(Leaf(32, 100, 64).Softmax(1))),
        new("log-softmax over channels", ["Softmax.LogProbabilities", "Softmax.LogProbabilitiesBackward"], _ =>
            Differentiate(Leaf(32, 100, 64).LogSoftmax(1))),
        new("attention", ["Softmax.AttentionWeights"], _ =>
            Differentiate(Tensor.Attention(Leaf(8, 256, 32), Leaf(8, 256, 32), Leaf(8, 256, 32)))),
        new("classes of pixels", ["Losses.CrossEntropy", "Losses.CrossEntropyBackward"], _ =>
            Leaf(8, 21, 64, 64).CrossEntropy(Tensor.RandInt([8, 64, 64], 0, 21)).Backward()),
        new("classes of pixels, twice", ["Losses.TargetDistribution"], _ =>
        {
            var x = Leaf(8, 21, 64, 64);
            var loss = x.CrossEntropy(Tensor.RandInt([8, 64, 64], 0, 21), labelSmoothing: 0.1);
            Gradients.Of([loss], [x], createGraph: true)[0].Square().Sum().Backward();
        }),
        new("likelihood of pixels", ["Losses.NegativeLogLikelihood", "Losses.NegativeLogLikelihoodBackward"], _ =>
            Leaf(8, 21, 64, 64).NllLoss(Tensor.RandInt([8, 64, 64], 0, 21)).Backward()),
        new("largest of windows", ["Pooling.Max", "Pooling.Scatter", "Pooling.Gather"], _ =>
        {
            var x = Leaf(8, 32, 32, 32);
            var y = x.MaxPool2d(3, 2).Square().Sum();
            Gradients.Of([y], [x], createGraph: true)[0].Square().Sum().Backward();
        }),
        new("mean of windows", ["Pooling.Average", "Pooling.AverageGradient"], _ =>
            Differentiate(Leaf(8, 32, 32, 32).AvgPool2d(3, 2))),
        new("convolution of each channel", ["Convolution.Forward"], _ =>
            Tensor.Ones([8, 32, 32, 32]).Conv2d(Tensor.Ones([32, 1, 3, 3]), null, 1, 1, 1, 32)),
        new("transposed convolution of each channel", ["Convolution.InputGradient"], _ =>
            Tensor.Ones([8, 32, 32, 32]).ConvTranspose2d(Tensor.Ones([32, 1, 3, 3]), null, 1, 1, groups: 32)),
        new("convolution of each channel, derivative of its weight", ["Convolution.WeightGradient"], _ =>
            Differentiate(Tensor.Ones([8, 32, 32, 32]).Conv2d(Leaf(32, 1, 3, 3), null, 1, 1, 1, 32))),
        new("convolution of 32 channels", ["TiledProducts.Convolve"], _ =>
            Tensor.Ones([4, 32, 16, 16]).Conv2d(Tensor.Ones([32, 32, 3, 3]), null, 1, 1)),
        new("product of matrices", ["TiledProducts.Multiply"], _ => Tensor.Ones([256, 256]).MatMul(Tensor.Ones([256, 256]))),
        new("linear layer of one row", ["MatMul.Multiply"], _ => Tensor.Ones([1, 512]).Linear(Tensor.Ones([512, 512]))),
        new("batch norm", ["Normalization.BlockMoments", "Normalization.MergeMoments", "Normalization.ScaleAndShift"], _ =>
            Tensor.Ones([32, 64, 16, 16]).BatchNorm(Tensor.Ones([64]), Tensor.Ones([64]), null, null, true)),
        new(
            "batch norm, derivative",
            ["Normalization.BlockGradients", "Normalization.GradientCoefficients", "Normalization.SumBlocks"],
            _ => Differentiate(Leaf(32, 64, 16, 16).BatchNorm(Leaf(64), Leaf(64), null, null, true))),
        new("layer norm", ["Normalization.NormalizeGroups"], _ =>
            Tensor.Ones([1024, 256]).LayerNorm([256], Tensor.Ones([256]), Tensor.Ones([256]))),
        new("layer norm, derivative", ["Normalization.NormalizeGroupsBackward"], _ =>
            Differentiate(Leaf(1024, 256).LayerNorm([256], Leaf(256), Leaf(256)))),
        new("norms of gradients", ["Optimizers.SquareSums", "Optimizers.PowerSums", "Optimizers.Largest"], _ =>
        {
            var x = Leaf(1000, 1000);
            Differentiate(x.Square());
            foreach (double order in (double[])[2, 3, double.PositiveInfinity])
                GradientClipping.ByNorm([x], 1, order);
        }),
        new("training in exact mode", ["MomentumGrid.StepWatched", "MomentumGrid.UndoWithAdjointWatched"], _ =>
            TrainExactly(DType.Float32)),
        new(
            "training in exact mode in double", ["MomentumGridWide.StepWatched", "MomentumGridWide.UndoWithAdjointWatched"],
            _ => TrainExactly(DType.Float64)),
    ];

    private static Tensor Leaf(params int[] sizes)
    {
        var x = Tensor.Randn(sizes);
        x.RequiresGradient = true;
        return x;
    }

    private static void Differentiate(Tensor y) => y.Square().Sum().Backward();

    private static void TrainExactly(DType dtype)
    {
        using var function = new Sequential(new Linear(16, 16), new Tanh());
        function.To(dtype);
        using var net = MomentumNet.Repeat(function, 4, 0.9, MemoryMode.Exact);
        net.To(Device.Default);
        net.Verify = true;
        var x = Tensor.Randn([4096, 16], dtype);
        x.RequiresGradient = true;
        Differentiate(net.Call(x));
    }
}
