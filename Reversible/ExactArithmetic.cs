using System.Globalization;
using MomentumCore.Engine;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>Exact arithmetic on tensors, forward: x on the grid, w the velocity in whole numbers.</summary>
/// <param name="rules">γ and form of each layer.</param>
/// <param name="schedule">The scales of each layer.</param>
/// <remarks>x and w lie in memory without gaps; f may be any view.</remarks>
internal sealed partial class ExactArithmetic(IReadOnlyList<MomentumRule> rules, ExactSchedule schedule)
{
    public ExactSchedule Schedule => schedule;

    public int Depth => rules.Count;

    private float UnitF => (float)schedule.Unit;

    private float LimitF => (float)schedule.Limit;

    /// <summary>x₀ rounded to the grid and w₀ = rint(v₀ 2^p / c₀), both new; without a v, w₀ = 0.</summary>
    public (Tensor X, Tensor W) Begin(Tensor x, Tensor? v)
    {
        var nextX = x.EmptyLike(x.Shape);
        var w = Tensor.Empty(x.Shape, x.DType == DType.Float32 ? DType.Int32 : DType.Int64, x.Device);
        double perUnit = 1 / schedule.Unit;
        double perVelocity = perUnit / schedule.InitialScale;
        var device = x.Device;
        if (x.DType == DType.Float32)
        {
            if (v == null)
            {
                MomentumGrid.Begin(
                    device, MomentumRule.Layout(x, nextX, w), x.View<float>(), nextX.View<float>(), w.View<int>(), UnitF,
                    (float)perUnit, LimitF);
            }
            else
            {
                MomentumGrid.BeginMoving(
                    device, MomentumRule.Layout(x, v, nextX, w), x.View<float>(), v.View<float>(), nextX.View<float>(),
                    w.View<int>(), UnitF, (float)perUnit, (float)perVelocity, LimitF);
            }
        }
        else if (v == null)
        {
            MomentumGridWide.Begin(
                device, MomentumRule.Layout(x, nextX, w), x.View<double>(), nextX.View<double>(), w.View<long>(),
                schedule.Unit, perUnit, schedule.Limit);
        }
        else
        {
            MomentumGridWide.BeginMoving(
                device, MomentumRule.Layout(x, v, nextX, w), x.View<double>(), v.View<double>(), nextX.View<double>(),
                w.View<long>(), schedule.Unit, perUnit, perVelocity, schedule.Limit);
        }

        GC.KeepAlive(x);
        GC.KeepAlive(v);
        return (nextX, w);
    }

    /// <summary>
    /// One layer forward, w in place, x in place where that is allowed and nobody else sees its memory. What the layer
    /// sets aside goes to <paramref name="side"/>, or is forgotten where there is none.
    /// </summary>
    public Tensor Step(int layer, Tensor x, Tensor w, Tensor f, bool overwriteX, SideStore? side)
    {
        var nextX = overwriteX && x.OwnsMemoryAlone ? x : x.EmptyLike(x.Shape);
        var layout = MomentumRule.Layout(x, w, f, nextX);
        double gain = schedule.Gain(layer), scale = schedule.Scale(layer);
        switch (x.DType, rules[layer].IsResidual)
        {
            case (DType.Float32, true):
                MomentumGrid.Step(
                    x.Device, layout, x.View<float>(), w.View<int>(), f.View<float>(), nextX.View<float>(), (float)gain,
                    (float)scale, UnitF, LimitF, layer + 1);
                break;
            case (DType.Float32, false):
                MomentumGrid.StepTowards(
                    x.Device, layout, x.View<float>(), w.View<int>(), f.View<float>(), nextX.View<float>(), (float)gain,
                    (float)scale, UnitF, LimitF, layer + 1);
                break;
            case (_, true):
                MomentumGridWide.Step(
                    x.Device, layout, x.View<double>(), w.View<long>(), f.View<double>(), nextX.View<double>(), gain,
                    scale, schedule.Unit, schedule.Limit, layer + 1);
                break;
            default:
                MomentumGridWide.StepTowards(
                    x.Device, layout, x.View<double>(), w.View<long>(), f.View<double>(), nextX.View<double>(), gain,
                    scale, schedule.Unit, schedule.Limit, layer + 1);
                break;
        }

        MomentumRule.Written(nextX, w);
        GC.KeepAlive(f);
        int bits = schedule.Bits(layer);
        if (bits > 0)
        {
            side?.Push(w, bits);
            Shift(nextX, w, bits);
        }

        return nextX;
    }

    /// <summary>v after the last layer, as floats: w c, rounded.</summary>
    public Tensor Velocity(Tensor x, Tensor w) => Velocity(x, w, schedule.FinalScale * schedule.Unit);

    /// <summary>
    /// v before the first layer, as floats. Nothing is lost: w came from floats of as many bits, times a power of two.
    /// </summary>
    public Tensor FirstVelocity(Tensor x, Tensor w) => Velocity(x, w, schedule.InitialScale * schedule.Unit);

    private static Tensor Velocity(Tensor x, Tensor w, double scale)
    {
        var v = x.EmptyLike(x.Shape);
        if (x.DType == DType.Float32)
        {
            MomentumGrid.Velocity(
                x.Device, x.Count, x.View<float>(), w.View<int>(), v.View<float>(), (float)scale);
        }
        else
        {
            MomentumGridWide.Velocity(
                x.Device, x.Count, x.View<double>(), w.View<long>(), v.View<double>(), scale);
        }

        return v;
    }

    /// <summary>Every layer kept to the range: an element that did not is NaN to the end.</summary>
    /// <exception cref="GridRangeException">One did not.</exception>
    public void RequireInRange(Tensor x, Tensor w)
    {
        if (!double.IsNaN(DriftWatch.LargestMagnitude(x).Read()))
            return;
        // Layers count from 1 here, and 0 is the input.
        int first = int.MaxValue;
        double largest = 0;
        bool isVelocity = false;
        var isLost = x.NotEqual(x).ToArray<int>();
        var codes = w.DType == DType.Int32 ? [.. w.ToArray<int>().Select(Widen)] : w.ToArray<long>();
        for (int i = 0; i < codes.Length; i++)
        {
            int number = (int)(codes[i] >> 32);
            if (isLost[i] == 0 || number > first)
                continue;
            double size = BitConverter.Int64BitsToDouble((codes[i] & 0x7FFFFFFF) << 32);
            if (number == first && !(size > largest))
                continue;
            (first, largest, isVelocity) = (number, size, ((codes[i] >> 31) & 1) != 0);
        }

        throw OutOfRange(first - 1, largest, isVelocity, x.DType);
    }

    /// <summary>A code out of 32 bits as one out of 64: layer, what, and the size as a double.</summary>
    private static long Widen(int code)
    {
        float size = BitConverter.Int32BitsToSingle((code & 0x7FFF) << 16);
        return ((long)(uint)(code >> 16 & 0xFFFF) << 32) | ((long)(code >> 15 & 1) << 31)
            | (BitConverter.DoubleToInt64Bits(size) >> 32);
    }

    private GridRangeException OutOfRange(int layer, double largest, bool isVelocity, DType dtype)
    {
        var culture = CultureInfo.InvariantCulture;
        string where = layer < 0 ? "the input" : $"layer {layer}";
        double limit = isVelocity
            ? Math.ScaleB(
                schedule.Unit * (layer < 0 ? schedule.InitialScale : schedule.Scale(layer)), dtype == DType.Float32 ? 31 : 63)
            : schedule.Limit;
        string what = isVelocity ? "velocity" : "position";
        string happened = double.IsNaN(largest)
            ? "gave values that are not numbers"
            : string.Create(culture, $"reached a {what} of about {largest:G2}; the range is below about {limit:G4}");
        return new GridRangeException(
            string.Create(
                culture,
                $"MomentumNet: {where} {happened} with {schedule.FractionBits} fraction bits in {dtype}, and exact reversal " +
                $"needs every value inside. Normalise what the layers give, set Grid = new ExactGrid {{ FractionBits = ") +
            $"{Math.Max(1, schedule.FractionBits - 4)} }} or fewer, use Float64, or MemoryMode.Store without a grid.",
            layer,
            largest);
    }

    private static void Shift(Tensor x, Tensor w, int bits)
    {
        if (x.DType == DType.Float32)
            MomentumGrid.Shift(x.Device, x.Count, x.View<float>(), w.View<int>(), bits);
        else
            MomentumGridWide.Shift(x.Device, x.Count, x.View<double>(), w.View<long>(), bits);
    }
}
