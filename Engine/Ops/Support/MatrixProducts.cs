using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>Calls the matrix product kernels on tensors: broadcasts the stacks, chooses the element type.</summary>
internal static class MatrixProducts
{
    /// <summary>y = a·b (+ bias), matrices in the last two axes, the axes before them broadcast.</summary>
    public static Tensor Multiply(string name, Tensor a, Tensor b, Tensor? bias = null)
    {
        var stack = Shape.Broadcast(a.Shape[..^2], b.Shape[..^2], name);
        var y = a.EmptyLike([.. stack, a.Shape[-2], b.Shape[-1]]);
        var batch = StridedLayout.Create(
            stack, BatchStrides(a, stack), BatchStrides(b, stack), y.StrideArray[..stack.Rank]);
        bias = bias?.Contiguous();
        switch (a.DType)
        {
            case DType.Float32:
                MatrixProduct.Run(
                    a.Device,
                    a.View<float>(),
                    Layout(a),
                    b.View<float>(),
                    Layout(b),
                    y.View<float>(),
                    batch,
                    bias?.View<float>() ?? default);
                break;
            case DType.Float64:
                MatrixProduct.Run(
                    a.Device,
                    a.View<double>(),
                    Layout(a),
                    b.View<double>(),
                    Layout(b),
                    y.View<double>(),
                    batch,
                    bias?.View<double>() ?? default);
                break;
            default: throw Map.Unsupported(name, a.DType);
        }

        GC.KeepAlive(a);
        GC.KeepAlive(b);
        GC.KeepAlive(bias);
        return y;
    }

    private static MatrixLayout Layout(Tensor x) => new(x.Shape[-2], x.Shape[-1], x.StrideArray[^2], x.StrideArray[^1]);

    private static long[] BatchStrides(Tensor x, Shape stack)
    {
        var strides = new long[stack.Rank];
        int lead = stack.Rank - (x.Rank - 2);
        for (int axis = 0; axis < x.Rank - 2; axis++)
            strides[lead + axis] = x.Shape[axis] == 1 ? 0 : x.StrideArray[axis];
        return strides;
    }
}
