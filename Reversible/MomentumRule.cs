using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>The arithmetic of one momentum layer on tensors: checks what f gave and chooses the kernel.</summary>
/// <param name="Gamma">γ, how much of the velocity is kept.</param>
/// <param name="IsResidual">Whether f is used as it is; otherwise f − x.</param>
internal sealed partial record MomentumRule(double Gamma, bool IsResidual)
{
    /// <summary>1 − γ, worked out in double also for Float32, as the reference implementation does.</summary>
    public double Rate { get; } = 1 - Gamma;

    private float GammaF => (float)Gamma;

    private float RateF => (float)Rate;

    /// <summary>f, or a velocity, must look like x.</summary>
    public static void RequireLike(Tensor x, Tensor f, string what)
    {
        if (f.Shape != x.Shape)
        {
            throw new ShapeException(
                $"MomentumNet: {what} gave shape {f.Shape} for an input of shape {x.Shape}; it must keep the shape, " +
                "because the result is added to its input.");
        }

        if (f.DType != x.DType)
        {
            throw new DTypeException(
                $"MomentumNet: {what} gave {f.DType} for an input of {x.DType}; it must keep the element type.");
        }

        if (f.Device != x.Device)
        {
            throw new ArgumentException(
                $"MomentumNet: {what} gave a result on {f.Device.Name} for an input on {x.Device.Name}.");
        }
    }

    /// <summary>
    /// One layer forward. Overwrites x and v where that is allowed and nobody else sees their memory.
    /// </summary>
    public (Tensor X, Tensor V) Step(Tensor x, Tensor v, Tensor f, bool overwriteX, bool overwriteV)
    {
        var nextX = overwriteX && x.OwnsMemoryAlone ? x : x.EmptyLike(x.Shape);
        var nextV = overwriteV && v.OwnsMemoryAlone ? v : v.EmptyLike(v.Shape);
        var layout = Layout(x, v, f, nextX, nextV);
        switch (x.DType, IsResidual)
        {
            case (DType.Float32, true):
                Momentum.Step(
                    x.Device, layout, x.View<float>(), v.View<float>(), f.View<float>(), nextX.View<float>(),
                    nextV.View<float>(), GammaF, RateF);
                break;
            case (DType.Float32, false):
                Momentum.StepTowards(
                    x.Device, layout, x.View<float>(), v.View<float>(), f.View<float>(), nextX.View<float>(),
                    nextV.View<float>(), GammaF, RateF);
                break;
            case (DType.Float64, true):
                Momentum.Step(
                    x.Device, layout, x.View<double>(), v.View<double>(), f.View<double>(), nextX.View<double>(),
                    nextV.View<double>(), Gamma, Rate);
                break;
            case (DType.Float64, false):
                Momentum.StepTowards(
                    x.Device, layout, x.View<double>(), v.View<double>(), f.View<double>(), nextX.View<double>(),
                    nextV.View<double>(), Gamma, Rate);
                break;
            default:
                throw Unsupported(x);
        }

        Written(nextX, nextV);
        GC.KeepAlive(f);
        return (nextX, nextV);
    }

    /// <summary>target = x' − v', where f is to be evaluated again; target may be x'.</summary>
    public static void UndoPosition(Tensor nextX, Tensor nextV, Tensor target)
    {
        var layout = Layout(nextX, nextV, target);
        switch (nextX.DType)
        {
            case DType.Float32:
                Momentum.UndoPosition(
                    target.Device, layout, nextX.View<float>(), nextV.View<float>(), target.View<float>());
                break;
            case DType.Float64:
                Momentum.UndoPosition(
                    target.Device, layout, nextX.View<double>(), nextV.View<double>(), target.View<double>());
                break;
            default:
                throw Unsupported(nextX);
        }

        Written(target);
    }

    /// <summary>In place: v becomes the velocity before this layer.</summary>
    public void UndoVelocity(Tensor x, Tensor v, Tensor f)
    {
        var layout = IsResidual ? Layout(v, f, v) : Layout(x, v, f, v);
        switch (v.DType, IsResidual)
        {
            case (DType.Float32, true):
                Momentum.UndoVelocity(
                    v.Device, layout, v.View<float>(), f.View<float>(), v.View<float>(), GammaF, RateF);
                break;
            case (DType.Float32, false):
                Momentum.UndoVelocityTowards(
                    v.Device, layout, x.View<float>(), v.View<float>(), f.View<float>(), v.View<float>(), GammaF,
                    RateF);
                break;
            case (DType.Float64, true):
                Momentum.UndoVelocity(
                    v.Device, layout, v.View<double>(), f.View<double>(), v.View<double>(), Gamma, Rate);
                break;
            default:
                Momentum.UndoVelocityTowards(
                    v.Device, layout, x.View<double>(), v.View<double>(), f.View<double>(), v.View<double>(), Gamma,
                    Rate);
                break;
        }

        Written(v);
        GC.KeepAlive(f);
    }

    /// <summary>
    /// In place: v becomes the velocity before this layer, x the position before the layer before it.
    /// </summary>
    public void Undo(Tensor x, Tensor v, Tensor f)
    {
        var layout = Layout(x, v, f);
        switch (x.DType, IsResidual)
        {
            case (DType.Float32, true):
                Momentum.Undo(x.Device, layout, x.View<float>(), v.View<float>(), f.View<float>(), GammaF, RateF);
                break;
            case (DType.Float32, false):
                Momentum.UndoTowards(
                    x.Device, layout, x.View<float>(), v.View<float>(), f.View<float>(), GammaF, RateF);
                break;
            case (DType.Float64, true):
                Momentum.Undo(x.Device, layout, x.View<double>(), v.View<double>(), f.View<double>(), Gamma, Rate);
                break;
            default:
                Momentum.UndoTowards(
                    x.Device, layout, x.View<double>(), v.View<double>(), f.View<double>(), Gamma, Rate);
                break;
        }

        Written(x, v);
        GC.KeepAlive(f);
    }

    /// <summary>How tensors of one shape lie in memory.</summary>
    public static StridedLayout Layout(Tensor first, params ReadOnlySpan<Tensor> others)
    {
        var strides = new long[1 + others.Length][];
        strides[0] = first.StrideArray;
        for (int i = 0; i < others.Length; i++)
            strides[i + 1] = others[i].StrideArray;
        return StridedLayout.Create(first.Shape.AsSpan(), strides);
    }

    /// <summary>Kernels have overwritten these.</summary>
    public static void Written(params ReadOnlySpan<Tensor> targets)
    {
        foreach (var target in targets)
            target.Storage.MarkWritten();
    }

    private static DTypeException Unsupported(Tensor x) =>
        new($"MomentumNet: computes in Float32 and Float64; got {x.DType}; convert the input with To(DType.Float32).");
}
