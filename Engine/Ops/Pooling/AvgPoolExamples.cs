using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>The mean poolings on which one test checks the mean and its adjoint.</summary>
internal static class AvgPoolExamples
{
    /// <summary>Examples of one of the two maps, given its call and the shape it starts from.</summary>
    public static IEnumerable<OpExample> Create(Func<Tensor, PoolShape, Tensor> call, bool fromOutput)
    {
        OpExample Example(string label, PoolShape s)
        {
            Shape input = fromOutput
                ? [s.Planes, s.OutputHeight, s.OutputWidth]
                : [s.Planes, s.InputHeight, s.InputWidth];
            return new(label, t => call(t[0], s), OpInput.Uniform(input))
            {
                Options = new Dictionary<string, object> { ["shape"] = s },
            };
        }

        yield return Example("2×2", Windows([6, 4, 6], 2, 2, 0, true));
        yield return Example("overlapping", Windows([2, 5, 6], 3, 1, 0, true));
        yield return Example("padding counted", Windows([2, 5, 4], 3, 2, 1, true));
        yield return Example("padding not counted", Windows([2, 5, 4], 3, 2, 1, false));
        yield return Example("rest left out", Windows([3, 5, 7], (2, 3), (2, 3), 0, true));
        yield return Example("gaps", Windows([1, 7, 7], 2, 3, 0, true));
        yield return Example("one element", Windows([1, 1, 1], 1, 1, 0, true));
        yield return Example("no images", Windows([0, 4, 4], 2, 2, 0, true));
        yield return Example("adaptive", PoolSettings.Adaptive("AdaptiveAvgPool2d", [2, 5, 7], (3, 4)));
        yield return Example(
            "adaptive, more than there are", PoolSettings.Adaptive("AdaptiveAvgPool2d", [2, 3, 2], (4, 5)));
        yield return Example("whole image", PoolSettings.Adaptive("AdaptiveAvgPool2d", [3, 4, 5], 1));
    }

    private static PoolShape Windows(Shape input, Size2D kernel, Size2D stride, Size2D padding, bool countsPadding) =>
        PoolSettings.Windows("AvgPool2d", input, kernel, stride, padding, 1, countsPadding);
}
