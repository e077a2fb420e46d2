using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>A copy with memory of its own, gapless.</summary>
    public Tensor Clone() => new CloneOp().Apply(this);

    /// <summary>This tensor if its elements lie in order without gaps, else a copy for which that is so.</summary>
    public Tensor Contiguous() => IsContiguous ? this : Clone();

    /// <summary>A handle of its own, to be disposed, without gaps: on this tensor's memory, or on a copy.</summary>
    internal Tensor Gapless() => IsContiguous ? Detach() : Clone();

    /// <summary>Copies elements between tensors of one shape and type.</summary>
    internal static void CopyElements(Tensor source, Tensor target)
    {
        Map.RequireSame("Copy", source, target);
        var layout = StridedLayout.Create(source.Shape.AsSpan(), source.StrideArray, target.StrideArray);
        switch (source.DType)
        {
            case DType.Float32:
                Elementwise.Copy(source.Device, layout, source.View<float>(), target.View<float>());
                break;
            case DType.Float64:
                Elementwise.Copy(source.Device, layout, source.View<double>(), target.View<double>());
                break;
            case DType.Int32: Elementwise.Copy(source.Device, layout, source.View<int>(), target.View<int>()); break;
            case DType.Int64: Elementwise.Copy(source.Device, layout, source.View<long>(), target.View<long>()); break;
            case DType.Float16:
                Elementwise.CopyHalves(
                    source.Device, layout, source.View<Half>().Cast<short>(), target.View<Half>().Cast<short>());
                break;
            default:
                Elementwise.CopyHalves(
                    source.Device, layout,
                    source.View<BFloat16>().Cast<short>(), target.View<BFloat16>().Cast<short>());
                break;
        }

        GC.KeepAlive(source);
        GC.KeepAlive(target);
    }
}

/// <summary>y = x in new memory; dx = g. Keeps nothing.</summary>
internal sealed class CloneOp : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        new("matrix", t => t[0].Clone(), OpInput.Uniform([3, 5])),
        new("empty", t => t[0].Clone(), OpInput.Uniform([0, 2])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var y = inputs[0].EmptyLike(inputs[0].Shape);
        Tensor.CopyElements(inputs[0], y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [g];
}
