using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>y = a where the mask is not 0, else b; elementwise. The three of any shapes that broadcast.</summary>
    /// <param name="mask">Int32, as the comparisons make it.</param>
    /// <param name="a">Taken where the mask is not 0; floats or integers.</param>
    /// <param name="b">Taken elsewhere; of the same type.</param>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The mask is not Int32, or the types of a and b differ.</exception>
    public static Tensor Where(Tensor mask, Tensor a, Tensor b) => new WhereOp().Apply(mask, a, b);
}

/// <summary>
/// y = a where the mask is not 0, else b; da = g there, db = g elsewhere, summed over the axes each was broadcast
/// along. Keeps the mask.
/// </summary>
internal sealed class WhereOp : Op, IOpExamples
{
    private Shape _a;
    private Shape _b;

    private delegate void Launch<T>(
        Device device, in StridedLayout layout, ArrayView<int> mask, ArrayView<T> a, ArrayView<T> b, ArrayView<T> y)
        where T : unmanaged;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("same shape", [3, 5], [3, 5], [3, 5]),
        Example("mask row", [5], [3, 5], [3, 5]),
        Example("all broadcast", [4, 1, 1], [2, 1], [3]),
        Example("scalars", [], [], []),
        Example("empty", [0, 1], [3], [1]),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var (mask, a, b) = (inputs[0], inputs[1], inputs[2]);
        if (mask.DType != DType.Int32)
        {
            throw new DTypeException(
                $"Where: the mask must be Int32, as comparisons make it; got {mask.DType}, convert it with " +
                "NotEqual(0).");
        }

        Map.RequireSame(Name, a, b);
        Map.RequireSameDevice(Name, mask, a);
        Keep(mask);
        (_a, _b) = (a.Shape, b.Shape);
        var y = a.EmptyLike(Shape.Broadcast(mask.Shape, Shape.Broadcast(a.Shape, b.Shape, Name), Name));
        switch (a.DType)
        {
            case DType.Float32: Run<float>(mask, a, b, y, Elementwise.Where); break;
            case DType.Float64: Run<double>(mask, a, b, y, Elementwise.Where); break;
            case DType.Int32: Run<int>(mask, a, b, y, Elementwise.Where); break;
            case DType.Int64: Run<long>(mask, a, b, y, Elementwise.Where); break;
            default: throw Map.Unsupported(Name, a.DType);
        }

        GC.KeepAlive(mask);
        GC.KeepAlive(a);
        GC.KeepAlive(b);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var zero = Tensor.Scalar(0, g.DType, g.Device);
        return
        [
            null,
            Needs(1) ? Tensor.Where(Kept(0), g, zero).SumTo(_a) : null,
            Needs(2) ? Tensor.Where(Kept(0), zero, g).SumTo(_b) : null,
        ];
    }

    private static void Run<T>(Tensor mask, Tensor a, Tensor b, Tensor y, Launch<T> kernel)
        where T : unmanaged =>
        kernel(a.Device, Map.Layout(y, mask, a, b), mask.View<int>(), a.View<T>(), b.View<T>(), y.View<T>());

    private static OpExample Example(string label, Shape mask, Shape a, Shape b) => new(
        label,
        t => Tensor.Where(t[0].To(DType.Int32), t[1], t[2]),
        OpInput.Index(mask, 2),
        OpInput.Uniform(a),
        OpInput.Uniform(b));
}
