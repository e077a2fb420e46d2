using MomentumCore.Engine;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>Exact arithmetic on tensors, backward: every whole number that forward added is taken away again.</summary>
internal sealed partial class ExactArithmetic
{
    /// <summary>The last layer's bits come back and its position is undone: target = x', one step back.</summary>
    public void UndoLastPosition(Tensor x, Tensor w, Tensor target, SideStore.Reader side, BitWatch? watch = null)
    {
        int last = Depth - 1;
        using var popped = side.Pop(w, schedule.Bits(last));
        using var hash = HashBack(watch, last);
        var layout = MomentumRule.Layout(x, w, target);
        if (x.DType == DType.Float32)
        {
            MomentumGrid.LaunchUndoPosition(
                x.Device, layout, Narrow(target, w, popped, hash), x.View<float>(), (float)schedule.Scale(last), UnitF);
        }
        else
        {
            MomentumGridWide.LaunchUndoPosition(
                x.Device, layout, Wide(target, w, popped, hash), x.View<double>(), schedule.Scale(last), schedule.Unit);
        }

        MomentumRule.Written(target, w);
    }

    /// <summary>In place: w becomes that before this layer, x the position before the layer before it.</summary>
    public void Undo(int layer, Tensor x, Tensor w, Tensor f, SideStore.Reader side)
    {
        using var popped = side.Pop(w, schedule.Bits(layer - 1));
        var layout = MomentumRule.Layout(x, w, f);
        double gain = schedule.Gain(layer), scale = schedule.Scale(layer - 1);
        if (x.DType == DType.Float32)
        {
            MomentumGrid.LaunchUndo(
                x.Device, layout, Narrow(x, w, popped), f.View<float>(), (float)gain, (float)scale, UnitF,
                Towards(layer));
        }
        else
        {
            MomentumGridWide.LaunchUndo(
                x.Device, layout, Wide(x, w, popped), f.View<double>(), gain, scale, schedule.Unit, Towards(layer));
        }

        MomentumRule.Written(x, w);
        GC.KeepAlive(f);
    }

    /// <summary>As <see cref="Undo"/>, and the adjoints as in <see cref="MomentumRule.UndoWithAdjoint"/>.</summary>
    public void UndoWithAdjoint(
        int layer, Tensor x, Tensor w, Tensor f, Tensor gx, Tensor g, Tensor j, SideStore.Reader side, BitWatch? watch)
    {
        using var popped = side.Pop(w, schedule.Bits(layer - 1));
        using var hash = HashBack(watch, layer - 1);
        var layout = MomentumRule.Layout(x, w, f, gx, g, j);
        double gain = schedule.Gain(layer), scale = schedule.Scale(layer - 1);
        var rule = rules[layer];
        double previousRate = rules[layer - 1].Rate;
        if (x.DType == DType.Float32)
        {
            MomentumGrid.LaunchUndoWithAdjoint(
                x.Device, layout, Narrow(x, w, popped, hash), f.View<float>(), gx.View<float>(), g.View<float>(),
                j.View<float>(), (float)gain, (float)scale, UnitF, (float)rule.Gamma, (float)rule.Rate,
                (float)previousRate, Towards(layer));
        }
        else
        {
            MomentumGridWide.LaunchUndoWithAdjoint(
                x.Device, layout, Wide(x, w, popped, hash), f.View<double>(), gx.View<double>(), g.View<double>(),
                j.View<double>(), gain, scale, schedule.Unit, rule.Gamma, rule.Rate, previousRate, Towards(layer));
        }

        MomentumRule.Written(x, w, gx, g, j);
        GC.KeepAlive(f);
    }

    /// <summary>In place: w becomes that before the first layer, and is hashed for <paramref name="watch"/>.</summary>
    public void UndoFirstVelocity(Tensor x, Tensor w, Tensor f, BitWatch? watch = null)
    {
        using var hash = watch?.ReturnedVelocity() ?? default;
        var layout = MomentumRule.Layout(x, w, f);
        double gain = schedule.Gain(0);
        if (x.DType == DType.Float32)
        {
            var edges = Narrow(x, w) with { HashOfW = Longs(hash.Parts) };
            MomentumGrid.LaunchUndoVelocity(x.Device, layout, edges, f.View<float>(), (float)gain, Towards(0));
        }
        else
        {
            var edges = Wide(x, w) with { HashOfW = Longs(hash.Parts) };
            MomentumGridWide.LaunchUndoVelocity(x.Device, layout, edges, f.View<double>(), gain, Towards(0));
        }

        MomentumRule.Written(w);
        GC.KeepAlive(f);
    }

    private static BitWatch.Note HashBack(BitWatch? watch, int layer) =>
        watch?.Watches(layer) == true ? watch.Back(layer) : default;

    private static GridEdges<float, int> Narrow(
        Tensor x, Tensor w, SideStore.Popped popped = default, BitWatch.Note hash = default) => new()
    {
        X = x.View<float>(),
        W = w.View<int>(),
        Returning = popped.Planes?.View<int>() ?? default,
        ReturningBits = popped.Planes?.Shape[0] ?? 0,
        HashOfX = Longs(hash.Parts),
    };

    private static GridEdges<double, long> Wide(
        Tensor x, Tensor w, SideStore.Popped popped = default, BitWatch.Note hash = default) => new()
    {
        X = x.View<double>(),
        W = w.View<long>(),
        Returning = popped.Planes?.View<int>() ?? default,
        ReturningBits = popped.Planes?.Shape[0] ?? 0,
        HashOfX = Longs(hash.Parts),
    };
}
