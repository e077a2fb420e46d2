using MomentumCore.Engine;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>Exact arithmetic on tensors, backward: every whole number that forward added is taken away again.</summary>
internal sealed partial class ExactArithmetic
{
    /// <summary>The last layer's bits come back and its position is undone: target = x', one step back.</summary>
    public void UndoLastPosition(Tensor x, Tensor w, Tensor target, SideStore.Reader side)
    {
        int last = Depth - 1;
        side.Pop(w, schedule.Bits(last));
        var layout = MomentumRule.Layout(x, w, target);
        if (x.DType == DType.Float32)
        {
            MomentumGrid.UndoPosition(
                x.Device, layout, x.View<float>(), w.View<int>(), target.View<float>(), (float)schedule.Scale(last),
                UnitF);
        }
        else
        {
            MomentumGridWide.UndoPosition(
                x.Device, layout, x.View<double>(), w.View<long>(), target.View<double>(), schedule.Scale(last),
                schedule.Unit);
        }

        MomentumRule.Written(target);
    }

    /// <summary>In place: w becomes that before this layer, x the position before the layer before it.</summary>
    public void Undo(int layer, Tensor x, Tensor w, Tensor f, SideStore.Reader side)
    {
        int shift = schedule.Bits(layer - 1);
        side.Pop(w, shift);
        var layout = MomentumRule.Layout(x, w, f);
        double gain = schedule.Gain(layer), scale = schedule.Scale(layer - 1);
        switch (x.DType, rules[layer].IsResidual)
        {
            case (DType.Float32, true):
                MomentumGrid.Undo(
                    x.Device, layout, x.View<float>(), w.View<int>(), f.View<float>(), (float)gain, shift, (float)scale,
                    UnitF);
                break;
            case (DType.Float32, false):
                MomentumGrid.UndoTowards(
                    x.Device, layout, x.View<float>(), w.View<int>(), f.View<float>(), (float)gain, shift, (float)scale,
                    UnitF);
                break;
            case (_, true):
                MomentumGridWide.Undo(
                    x.Device, layout, x.View<double>(), w.View<long>(), f.View<double>(), gain, shift, scale,
                    schedule.Unit);
                break;
            default:
                MomentumGridWide.UndoTowards(
                    x.Device, layout, x.View<double>(), w.View<long>(), f.View<double>(), gain, shift, scale,
                    schedule.Unit);
                break;
        }

        MomentumRule.Written(x, w);
        GC.KeepAlive(f);
    }

    /// <summary>As <see cref="Undo"/>, and the adjoints as in <see cref="MomentumRule.UndoWithAdjoint"/>.</summary>
    public void UndoWithAdjoint(
        int layer, Tensor x, Tensor w, Tensor f, Tensor gx, Tensor g, Tensor j, SideStore.Reader side)
    {
        int shift = schedule.Bits(layer - 1);
        side.Pop(w, shift);
        var layout = MomentumRule.Layout(x, w, f, gx, g, j);
        double gain = schedule.Gain(layer), scale = schedule.Scale(layer - 1);
        var rule = rules[layer];
        double previousRate = rules[layer - 1].Rate;
        switch (x.DType, rule.IsResidual)
        {
            case (DType.Float32, true):
                MomentumGrid.UndoWithAdjoint(
                    x.Device, layout,
                    x.View<float>(), w.View<int>(), f.View<float>(), gx.View<float>(), g.View<float>(),
                    j.View<float>(), (float)gain, shift, (float)scale, UnitF, (float)rule.Gamma, (float)previousRate);
                break;
            case (DType.Float32, false):
                MomentumGrid.UndoWithAdjointTowards(
                    x.Device, layout,
                    x.View<float>(), w.View<int>(), f.View<float>(), gx.View<float>(), g.View<float>(),
                    j.View<float>(), (float)gain, shift, (float)scale, UnitF, (float)rule.Gamma, (float)rule.Rate,
                    (float)previousRate);
                break;
            case (_, true):
                MomentumGridWide.UndoWithAdjoint(
                    x.Device, layout, x.View<double>(), w.View<long>(), f.View<double>(), gx.View<double>(),
                    g.View<double>(), j.View<double>(), gain, shift, scale, schedule.Unit, rule.Gamma, previousRate);
                break;
            default:
                MomentumGridWide.UndoWithAdjointTowards(
                    x.Device, layout, x.View<double>(), w.View<long>(), f.View<double>(), gx.View<double>(),
                    g.View<double>(), j.View<double>(), gain, shift, scale, schedule.Unit, rule.Gamma, rule.Rate,
                    previousRate);
                break;
        }

        MomentumRule.Written(x, w, gx, g, j);
        GC.KeepAlive(f);
    }

    /// <summary>In place: w becomes that before the first layer.</summary>
    public void UndoFirstVelocity(Tensor x, Tensor w, Tensor f)
    {
        var layout = rules[0].IsResidual ? MomentumRule.Layout(w, f) : MomentumRule.Layout(x, w, f);
        double gain = schedule.Gain(0);
        switch (x.DType, rules[0].IsResidual)
        {
            case (DType.Float32, true):
                MomentumGrid.UndoVelocity(x.Device, layout, w.View<int>(), f.View<float>(), (float)gain);
                break;
            case (DType.Float32, false):
                MomentumGrid.UndoVelocityTowards(
                    x.Device, layout, x.View<float>(), w.View<int>(), f.View<float>(), (float)gain);
                break;
            case (_, true):
                MomentumGridWide.UndoVelocity(x.Device, layout, w.View<long>(), f.View<double>(), gain);
                break;
            default:
                MomentumGridWide.UndoVelocityTowards(
                    x.Device, layout, x.View<double>(), w.View<long>(), f.View<double>(), gain);
                break;
        }

        MomentumRule.Written(w);
        GC.KeepAlive(f);
    }
}
