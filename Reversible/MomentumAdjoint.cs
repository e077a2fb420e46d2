using MomentumCore.Engine;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>The adjoint of one momentum layer: how dL/dx and dL/dv travel back through it.</summary>
/// <remarks>With g = dL/dx' + dL/dv': dL/df = (1 − γ) g, dL/dv = γ g, dL/dx = dL/dx' (non-residual: − dL/df).</remarks>
internal sealed partial record MomentumRule
{
    /// <summary>
    /// dL/df, dL/dv and dL/dx at one layer's input (dL/dx without what flows through f) from those at its output.
    /// </summary>
    public (Tensor F, Tensor V, Tensor X) StepAdjoint(Tensor gx, Tensor gv)
    {
        var gf = gx.EmptyLike(gx.Shape);
        var previousV = gx.EmptyLike(gx.Shape);
        if (IsResidual)
        {
            var layout = Layout(gx, gv, gf, previousV);
            if (gx.DType == DType.Float32)
            {
                Momentum.StepAdjoint(
                    gx.Device, layout, gx.View<float>(), gv.View<float>(), gf.View<float>(), previousV.View<float>(),
                    GammaF, RateF);
            }
            else
            {
                Momentum.StepAdjoint(
                    gx.Device, layout, gx.View<double>(), gv.View<double>(), gf.View<double>(),
                    previousV.View<double>(), Gamma, Rate);
            }

            return (gf, previousV, gx);
        }

        var previousX = gx.EmptyLike(gx.Shape);
        var five = Layout(gx, gv, gf, previousV, previousX);
        if (gx.DType == DType.Float32)
        {
            Momentum.StepAdjointTowards(
                gx.Device, five, gx.View<float>(), gv.View<float>(), gf.View<float>(), previousV.View<float>(),
                previousX.View<float>(), GammaF, RateF);
        }
        else
        {
            Momentum.StepAdjointTowards(
                gx.Device, five, gx.View<double>(), gv.View<double>(), gf.View<double>(), previousV.View<double>(),
                previousX.View<double>(), Gamma, Rate);
        }

        return (gf, previousV, previousX);
    }

    /// <summary>g = dL/dx' + dL/dv' and (1 − γ) g at the last layer.</summary>
    public (Tensor G, Tensor F) JoinAdjoints(Tensor gx, Tensor gv)
    {
        var g = gx.EmptyLike(gx.Shape);
        var gf = gx.EmptyLike(gx.Shape);
        var layout = Layout(gx, gv, g, gf);
        if (gx.DType == DType.Float32)
        {
            Momentum.JoinAdjoints(
                gx.Device, layout, gx.View<float>(), gv.View<float>(), g.View<float>(), gf.View<float>(), RateF);
        }
        else
        {
            Momentum.JoinAdjoints(
                gx.Device, layout, gx.View<double>(), gv.View<double>(), g.View<double>(), gf.View<double>(), Rate);
        }

        return (g, gf);
    }

    /// <summary>
    /// In place, one pass over everything: v becomes the velocity before this layer and x the position before the layer
    /// before it, gx and g the adjoints there, and j = Jᵀ dL/df becomes the dL/df of the layer before, whose 1 − γ is
    /// <paramref name="previousRate"/>.
    /// </summary>
    public void UndoWithAdjoint(Tensor x, Tensor v, Tensor f, Tensor gx, Tensor g, Tensor j, double previousRate)
    {
        var layout = Layout(x, v, f, gx, g, j);
        switch (x.DType, IsResidual)
        {
            case (DType.Float32, true):
                Momentum.UndoWithAdjoint(
                    x.Device, layout, x.View<float>(), v.View<float>(), f.View<float>(), gx.View<float>(),
                    g.View<float>(), j.View<float>(), GammaF, RateF, (float)previousRate);
                break;
            case (DType.Float32, false):
                Momentum.UndoWithAdjointTowards(
                    x.Device, layout, x.View<float>(), v.View<float>(), f.View<float>(), gx.View<float>(),
                    g.View<float>(), j.View<float>(), GammaF, RateF, (float)previousRate);
                break;
            case (DType.Float64, true):
                Momentum.UndoWithAdjoint(
                    x.Device, layout, x.View<double>(), v.View<double>(), f.View<double>(), gx.View<double>(),
                    g.View<double>(), j.View<double>(), Gamma, Rate, previousRate);
                break;
            default:
                Momentum.UndoWithAdjointTowards(
                    x.Device, layout, x.View<double>(), v.View<double>(), f.View<double>(), gx.View<double>(),
                    g.View<double>(), j.View<double>(), Gamma, Rate, previousRate);
                break;
        }

        Written(x, v, gx, g, j);
        GC.KeepAlive(f);
    }

    /// <summary>
    /// In place at the first layer, where nothing is left to undo: gx becomes dL/dx₀, g becomes dL/dv₀.
    /// </summary>
    public void FirstAdjoint(Tensor gx, Tensor g, Tensor j)
    {
        var layout = Layout(gx, g, j);
        switch (gx.DType, IsResidual)
        {
            case (DType.Float32, true):
                Momentum.FirstAdjoint(gx.Device, layout, gx.View<float>(), g.View<float>(), j.View<float>(), GammaF);
                break;
            case (DType.Float32, false):
                Momentum.FirstAdjointTowards(
                    gx.Device, layout, gx.View<float>(), g.View<float>(), j.View<float>(), GammaF, RateF);
                break;
            case (DType.Float64, true):
                Momentum.FirstAdjoint(gx.Device, layout, gx.View<double>(), g.View<double>(), j.View<double>(), Gamma);
                break;
            default:
                Momentum.FirstAdjointTowards(
                    gx.Device, layout, gx.View<double>(), g.View<double>(), j.View<double>(), Gamma, Rate);
                break;
        }

        Written(gx, g);
        GC.KeepAlive(j);
    }
}
