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
}
