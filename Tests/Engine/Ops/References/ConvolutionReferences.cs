using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Convolutions: every product of an input, a weight and an output place is visited once.</summary>
internal static class ConvolutionReferences
{
    private delegate void Visit(int[] input, int[] weight, int[] output);

    [Reference("Conv2d")]
    public static NdArray Conv2d(OpExample example, NdArray[] x)
    {
        var y = NdArray.Zeros(OutputShape(example));
        ForEachProduct(example, (i, w, o) => y[o] += x[0][i] * x[1][w]);
        return WithBias(y, x);
    }

    [Reference("ConvTranspose2d")]
    public static NdArray ConvTranspose2d(OpExample example, NdArray[] x)
    {
        var y = NdArray.Zeros([.. (Shape)example.Options["input"]]);
        ForEachProduct(example, (i, w, o) => y[i] += x[0][o] * x[1][w]);
        return WithBias(y, x);
    }

    [Reference("Conv2dWeightGradient")]
    public static NdArray Conv2dWeightGradient(OpExample example, NdArray[] x)
    {
        var y = NdArray.Zeros([.. (Shape)example.Options["weight"]]);
        ForEachProduct(example, (i, w, o) => y[w] += x[0][i] * x[1][o]);
        return y;
    }

    private static NdArray WithBias(NdArray y, NdArray[] x) =>
        x.Length > 2 ? NdArray.From(y.Shape, i => y[i] + x[2][i[1]]) : y;

    private static void ForEachProduct(OpExample example, Visit visit)
    {
        var (input, weight) = ((Shape)example.Options["input"], (Shape)example.Options["weight"]);
        var s = (ConvolutionSettings)example.Options["settings"];
        int outGroup = weight[0] / s.Groups;
        foreach (int[] o in NdArray.Indices(OutputShape(example)))
        {
            for (int c = 0; c < weight[1]; c++)
            {
                for (int u = 0; u < weight[2]; u++)
                {
                    for (int v = 0; v < weight[3]; v++)
                    {
                        int iy = (o[2] * s.Stride.Height) - s.Padding.Height + (u * s.Dilation.Height);
                        int ix = (o[3] * s.Stride.Width) - s.Padding.Width + (v * s.Dilation.Width);
                        if (iy >= 0 && iy < input[2] && ix >= 0 && ix < input[3])
                            visit([o[0], (o[1] / outGroup * weight[1]) + c, iy, ix], [o[1], c, u, v], o);
                    }
                }
            }
        }
    }

    private static int[] OutputShape(OpExample example)
    {
        var (input, weight) = ((Shape)example.Options["input"], (Shape)example.Options["weight"]);
        var s = (ConvolutionSettings)example.Options["settings"];
        int Size(int axis, int stride, int padding, int dilation) =>
            (input[axis] + (2 * padding) - (dilation * (weight[axis] - 1)) - 1 + stride) / stride;
        return
        [
            input[0],
            weight[0],
            Size(2, s.Stride.Height, s.Padding.Height, s.Dilation.Height),
            Size(3, s.Stride.Width, s.Padding.Width, s.Dilation.Width),
        ];
    }
}
