using MomentumCore.Kernels.Library;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Poolings: the list of every output's places in the input plane, worked out once.</summary>
internal static class PoolingReferences
{
    [Reference("MaxPool2d")]
    public static NdArray MaxPool2d(OpExample example, NdArray[] x)
    {
        var s = (PoolShape)example.Options["shape"];
        return PerOutput(s, x[0], (plane, places, _) => places.Max(p => x[0].Data[(plane * s.InputSize) + p]));
    }

    [Reference("AvgPool2d")]
    public static NdArray AvgPool2d(OpExample example, NdArray[] x)
    {
        var s = (PoolShape)example.Options["shape"];
        return PerOutput(
            s, x[0], (plane, places, count) => places.Sum(p => x[0].Data[(plane * s.InputSize) + p]) / count);
    }

    [Reference("AvgPool2dBackward")]
    public static NdArray AvgPool2dBackward(OpExample example, NdArray[] x)
    {
        var s = (PoolShape)example.Options["shape"];
        var dx = NdArray.Zeros([.. x[0].Shape[..^2], s.InputHeight, s.InputWidth]);
        for (int i = 0; i < x[0].Count; i++)
        {
            var (places, count) = Window(s, i % s.OutputSize);
            foreach (int place in places)
                dx.Data[(i / s.OutputSize * s.InputSize) + place] += x[0].Data[i] / count;
        }

        return dx;
    }

    [Reference("PoolScatter")]
    public static NdArray PoolScatter(OpExample example, NdArray[] x)
    {
        int[] map = (int[])example.Options["map"];
        var dx = NdArray.Zeros(2, 1, 3, 3);
        for (int i = 0; i < map.Length; i++)
        {
            if (map[i] >= 0)
                dx.Data[(i / 6 * 9) + map[i]] += x[0].Data[i];
        }

        return dx;
    }

    [Reference("PoolGather")]
    public static NdArray PoolGather(OpExample example, NdArray[] x)
    {
        int[] map = (int[])example.Options["map"];
        return new NdArray([2, 1, 2, 3], [.. map.Select((at, i) => at < 0 ? 0 : x[0].Data[(i / 6 * 9) + at])]);
    }

    private static NdArray PerOutput(PoolShape s, NdArray x, Func<int, List<int>, int, double> f)
    {
        var y = NdArray.Zeros([.. x.Shape[..^2], s.OutputHeight, s.OutputWidth]);
        for (int i = 0; i < y.Count; i++)
        {
            var (places, count) = Window(s, i % s.OutputSize);
            y.Data[i] = f(i / s.OutputSize, places, count);
        }

        return y;
    }

    /// <summary>The places inside the input that an output's window covers, and what a mean divides by.</summary>
    private static (List<int> Places, int Count) Window(PoolShape s, int output)
    {
        int[] rows = Along(
            output / s.OutputWidth, s.InputHeight, s.OutputHeight, s.KernelHeight, s.StrideY, s.PaddingY, s.DilationY);
        int[] columns = Along(
            output % s.OutputWidth, s.InputWidth, s.OutputWidth, s.KernelWidth, s.StrideX, s.PaddingX, s.DilationX);
        List<int> places = [.. rows.Where(r => r >= 0 && r < s.InputHeight)
            .SelectMany(r => columns.Where(c => c >= 0 && c < s.InputWidth).Select(c => (r * s.InputWidth) + c))];
        return (places, s.CountsPadding != 0 ? rows.Length * columns.Length : places.Count);
    }

    private static int[] Along(int o, int input, int output, int kernel, int stride, int padding, int dilation)
    {
        if (stride > 0)
            return [.. Enumerable.Range(0, kernel).Select(k => (o * stride) - padding + (k * dilation))];
        int first = (int)Math.Floor((double)o * input / output);
        int end = (int)Math.Ceiling((double)(o + 1) * input / output);
        return [.. Enumerable.Range(first, end - first)];
    }
}
