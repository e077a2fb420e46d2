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
}
