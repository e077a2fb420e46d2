using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Operations that move elements without computing.</summary>
internal static class ViewReferences
{
    [Reference("Clone")]
    public static NdArray Clone(OpExample example, NdArray[] x) => x[0];

    [Reference("Reshape")]
    public static NdArray Reshape(OpExample example, NdArray[] x) => example.Label switch
    {
        "split" => new NdArray([2, 3, 5], x[0].Data),
        "inferred" => new NdArray([15], x[0].Data),
        "to scalar" => new NdArray([], x[0].Data),
        "empty" => new NdArray([5, 0], x[0].Data),
        "merged" => new NdArray([1, 6, 1, 5], x[0].Data),
        _ => throw new ArgumentException(example.Label),
    };

    [Reference("Expand")]
    public static NdArray Expand(OpExample example, NdArray[] x)
    {
        int[] shape = example.Label switch
        {
            "column" => [3, 4],
            "new axis" => [2, 3],
            "scalar" => [2, 2],
            "to empty" => [0, 3],
            _ => throw new ArgumentException(example.Label),
        };
        return NdArray.From(shape, x[0].Broadcast);
    }

    [Reference("Permute")]
    public static NdArray Permute(OpExample example, NdArray[] x)
    {
        int rank = x[0].Shape.Length;
        int[] axes = [.. ((int[])example.Options["axes"]).Select(a => a < 0 ? a + rank : a)];
        return NdArray.From([.. axes.Select(a => x[0].Shape[a])], index =>
        {
            var source = new int[rank];
            for (int i = 0; i < rank; i++)
                source[axes[i]] = index[i];
            return x[0][source];
        });
    }

    [Reference("Slice")]
    public static NdArray Slice(OpExample example, NdArray[] x)
    {
        int axis = Axis(example, x[0]);
        int size = x[0].Shape[axis];
        int start = (int)example.Options["start"];
        int end = (int)example.Options["end"];
        int step = (int)example.Options["step"];
        var taken = new List<int>();
        for (int i = start < 0 ? start + size : start; i < (end < 0 ? end + size : end); i += step)
            taken.Add(i);
        return Take(x[0], axis, taken);
    }

    [Reference("SliceBackward")]
    public static NdArray SliceBackward(OpExample example, NdArray[] x)
    {
        var y = NdArray.Zeros(3, 5);
        foreach (int[] index in NdArray.Indices(x[0].Shape))
            y[index[0], 1 + (2 * index[1])] = x[0][index];
        return y;
    }

    [Reference("Select")]
    public static NdArray Select(OpExample example, NdArray[] x)
    {
        int axis = Axis(example, x[0]);
        int index = (int)example.Options["index"];
        var taken = Take(x[0], axis, [index < 0 ? index + x[0].Shape[axis] : index]);
        return new NdArray([.. taken.Shape.Where((_, a) => a != axis)], taken.Data);
    }

    /// <summary>The listed indices of one axis.</summary>
    public static NdArray Take(NdArray x, int axis, IReadOnlyList<int> taken)
    {
        int[] shape = [.. x.Shape];
        shape[axis] = taken.Count;
        return NdArray.From(shape, index =>
        {
            int[] source = [.. index];
            source[axis] = taken[index[axis]];
            return x[source];
        });
    }

    /// <summary>The example's option "axis", counted from the start.</summary>
    public static int Axis(OpExample example, NdArray x)
    {
        int axis = (int)example.Options["axis"];
        return axis < 0 ? axis + x.Shape.Length : axis;
    }
}
