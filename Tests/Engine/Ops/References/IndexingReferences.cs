using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Operations that gather, scatter and join elements.</summary>
internal static class IndexingReferences
{
    [Reference("Concat")]
    public static NdArray Concat(OpExample example, NdArray[] x)
    {
        int axis = ViewReferences.Axis(example, x[0]);
        int[] shape = [.. x[0].Shape];
        shape[axis] = x.Sum(part => part.Shape[axis]);
        return NdArray.From(shape, index =>
        {
            int[] source = [.. index];
            int part = 0;
            while (source[axis] >= x[part].Shape[axis])
                source[axis] -= x[part++].Shape[axis];
            return x[part][source];
        });
    }

    [Reference("Split")]
    public static NdArray Split(OpExample example, NdArray[] x)
    {
        int axis = ViewReferences.Axis(example, x[0]), size = (int)example.Options["size"];
        var taken = ((int[])example.Options["chosen"])
            .SelectMany(part => Enumerable.Range(part * size, size)).Where(i => i < x[0].Shape[axis]);
        return ViewReferences.Take(x[0], axis, [.. taken]);
    }

    [Reference("Gather")]
    public static NdArray Gather(OpExample example, NdArray[] x)
    {
        int axis = ViewReferences.Axis(example, x[0]);
        return NdArray.From(x[1].Shape, index => x[0][At(index, axis, x[1][index])]);
    }

    [Reference("GatherBackward")]
    public static NdArray GatherBackward(OpExample example, NdArray[] x) =>
        Scatter(NdArray.Zeros(3, 4), 1, x[1], x[0]);

    [Reference("ScatterAdd")]
    public static NdArray ScatterAdd(OpExample example, NdArray[] x) =>
        Scatter(x[0], ViewReferences.Axis(example, x[0]), x[1], x[2]);

    [Reference("IndexSelect")]
    public static NdArray IndexSelect(OpExample example, NdArray[] x) =>
        ViewReferences.Take(x[0], ViewReferences.Axis(example, x[0]), [.. x[1].Data.Select(v => (int)v)]);

    [Reference("IndexSelectBackward")]
    public static NdArray IndexSelectBackward(OpExample example, NdArray[] x)
    {
        bool columns = example.Label == "columns";
        int axis = columns ? 1 : 0;
        var index = NdArray.From(x[0].Shape, i => x[1][i[axis]]);
        return Scatter(columns ? NdArray.Zeros(2, 4) : NdArray.Zeros(3, 130), axis, index, x[0]);
    }

    [Reference("OneHot")]
    public static NdArray OneHot(OpExample example, NdArray[] x)
    {
        int classes = example.Label switch { "vector" => 5, "matrix" => 3, _ => 4 };
        return NdArray.From([.. x[0].Shape, classes], index => x[0][index[..^1]] == index[^1] ? 1 : 0);
    }

    [Reference("Pad")]
    public static NdArray Pad(OpExample example, NdArray[] x)
    {
        var amounts = ((int Before, int After)[])example.Options["amounts"];
        int first = x[0].Shape.Length - amounts.Length;
        int[] shape = [.. x[0].Shape.Select((size, a) =>
            a < first ? size : size + amounts[a - first].Before + amounts[a - first].After)];
        return NdArray.From(shape, index =>
        {
            int[] source = [.. index.Select((at, a) => a < first ? at : at - amounts[a - first].Before)];
            bool inside = source.Select((at, a) => at >= 0 && at < x[0].Shape[a]).All(b => b);
            return inside ? x[0][source] : (double)example.Options["value"];
        });
    }

    [Reference("Flip")]
    public static NdArray Flip(OpExample example, NdArray[] x)
    {
        int rank = x[0].Shape.Length;
        var flipped = ((int[])example.Options["axes"]).Select(a => a < 0 ? a + rank : a).ToHashSet();
        return NdArray.From(x[0].Shape, index =>
            x[0][[.. index.Select((at, a) => flipped.Contains(a) ? x[0].Shape[a] - 1 - at : at)]]);
    }

    [Reference("Triangle")]
    public static NdArray Triangle(OpExample example, NdArray[] x)
    {
        int diagonal = (int)example.Options["diagonal"];
        bool lower = (bool)example.Options["lower"];
        return NdArray.From(x[0].Shape, index =>
            (lower ? index[^1] <= index[^2] + diagonal : index[^1] >= index[^2] + diagonal) ? x[0][index] : 0);
    }

    private static NdArray Scatter(NdArray target, int axis, NdArray index, NdArray source)
    {
        var y = new NdArray(target.Shape, [.. target.Data]);
        foreach (int[] i in NdArray.Indices(source.Shape))
            y[At(i, axis, index[i])] += source[i];
        return y;
    }

    private static int[] At(int[] index, int axis, double value)
    {
        int[] at = [.. index];
        at[axis] = (int)value;
        return at;
    }
}
