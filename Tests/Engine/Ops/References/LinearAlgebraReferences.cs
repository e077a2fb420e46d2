using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Matrix products, one sum for each element of the result.</summary>
internal static class LinearAlgebraReferences
{
    [Reference("MatMul")]
    public static NdArray MatMul(OpExample example, NdArray[] x)
    {
        var a = example.Options.ContainsKey("transposeLeft") ? Transposed(x[0]) : x[0];
        var b = example.Options.ContainsKey("transposeRight") ? Transposed(x[1]) : x[1];
        return Product(a, b);
    }

    [Reference("Linear")]
    public static NdArray Linear(OpExample example, NdArray[] x)
    {
        var y = Product(x[0], Transposed(x[1]));
        return x.Length > 2 ? NdArray.Zip(y, x[2], (sum, bias) => sum + bias) : y;
    }

    /// <summary>NumPy's matmul: vectors become a row or a column, stacks broadcast.</summary>
    private static NdArray Product(NdArray a, NdArray b)
    {
        var left = a.Shape.Length == 1 ? new NdArray([1, a.Count], a.Data) : a;
        var right = b.Shape.Length == 1 ? new NdArray([b.Count, 1], b.Data) : b;
        int inner = left.Shape[^1];
        int[] stack = NdArray.Zip(NdArray.Zeros(left.Shape[..^2]), NdArray.Zeros(right.Shape[..^2]), (_, _) => 0).Shape;
        var y = NdArray.From([.. stack, left.Shape[^2], right.Shape[^1]], index =>
        {
            double sum = 0;
            for (int k = 0; k < inner; k++)
                sum += At(left, [.. index[..^1], k]) * At(right, [.. index[..^2], k, index[^1]]);
            return sum;
        });
        int[] shape = [.. stack];
        if (a.Shape.Length > 1)
            shape = [.. shape, left.Shape[^2]];
        if (b.Shape.Length > 1)
            shape = [.. shape, right.Shape[^1]];
        return new NdArray(shape, y.Data);
    }

    /// <summary>The element at an index whose leading axes broadcast but whose last two do not.</summary>
    private static double At(NdArray x, int[] index)
    {
        int lead = index.Length - x.Shape.Length;
        int[] own =
            [.. x.Shape.Select((size, axis) => axis < x.Shape.Length - 2 && size == 1 ? 0 : index[lead + axis])];
        return x[own];
    }

    private static NdArray Transposed(NdArray x) =>
        NdArray.From([.. x.Shape[..^2], x.Shape[^1], x.Shape[^2]], i => x[[.. i[..^2], i[^1], i[^2]]]);
}
