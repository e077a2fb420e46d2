using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>A vector of zeros with a single one for each class index: y[.., k] = (k == this[..]).</summary>
    /// <param name="classes">How many classes there are: the size of the new last axis.</param>
    /// <param name="dtype">The type of the result.</param>
    /// <exception cref="DTypeException">This tensor holds no integers.</exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A class index is negative or not smaller than <paramref name="classes"/>.
    /// </exception>
    public Tensor OneHot(int classes, DType dtype = DType.Float32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(classes);
        return new OneHotOp(classes, dtype).Apply(this);
    }
}

/// <summary>One-hot vectors of class indices.</summary>
internal sealed class OneHotOp(int classes, DType dtype) : OpWithoutDerivative("its input is an index"), IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new("vector", t => t[0].OneHot(5), OpInput.Index([7], 5)),
        new("matrix", t => t[0].OneHot(3, DType.Int64), OpInput.Index([2, 4], 3)),
        new("empty", t => t[0].OneHot(4, DType.Float64), OpInput.Index([0], 4)),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var indices = Indices.Checked(Name, inputs[0], classes, "the classes");
        var y = Tensor.Zeros([.. inputs[0].Shape, classes], dtype, inputs[0].Device);
        var at = indices.View<long>();
        switch (dtype)
        {
            case DType.Float32: Indexing.OneHot(y.Device, indices.Count, at, y.View<float>(), classes); break;
            case DType.Float64: Indexing.OneHot(y.Device, indices.Count, at, y.View<double>(), classes); break;
            case DType.Int32: Indexing.OneHot(y.Device, indices.Count, at, y.View<int>(), classes); break;
            case DType.Int64: Indexing.OneHot(y.Device, indices.Count, at, y.View<long>(), classes); break;
            default: throw Map.Unsupported(Name, dtype);
        }

        GC.KeepAlive(indices);
        return y;
    }
}
