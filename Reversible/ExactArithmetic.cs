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
    // A code has no room for the number of a later layer.
    private const int MostNumbered = 65535;

    public ExactSchedule Schedule => schedule;

    public int Depth => rules.Count;

    private float UnitF => (float)schedule.Unit;

    private float LimitF => (float)schedule.Limit;

    /// <summary>
    /// x₀ rounded to the grid and w₀ = rint(v₀ 2^p / c₀), both new and both hashed for <paramref name="watch"/>; without a
    /// v, w₀ = 0.
    /// </summary>
    public (Tensor X, Tensor W) Begin(Tensor x, Tensor? v, BitWatch? watch = null)
    {
        var nextX = x.EmptyLike(x.Shape);
        var w = Tensor.Empty(x.Shape, x.DType == DType.Float32 ? DType.Int32 : DType.Int64, x.Device);
        using var hashX = watch?.Forward(0) ?? default;
        using var hashW = watch?.FirstVelocity() ?? default;
        double perUnit = 1 / schedule.Unit;
        double perVelocity = perUnit / schedule.InitialScale;
        var layout = v == null ? MomentumRule.Layout(x, nextX, w) : MomentumRule.Layout(x, v, nextX, w);
        if (x.DType == DType.Float32)
        {
            var edges = new GridEdges<float, int>
            {
                X = nextX.View<float>(), W = w.View<int>(), HashOfX = Longs(hashX.Parts), HashOfW = Longs(hashW.Parts),
            };
            if (v == null)
            {
                MomentumGrid.LaunchBegin(x.Device, layout, edges, x.View<float>(), UnitF, (float)perUnit, LimitF);
            }
            else
            {
                MomentumGrid.LaunchBeginMoving(
                    x.Device, layout, edges, x.View<float>(), v.View<float>(), UnitF, (float)perUnit,
                    (float)perVelocity, LimitF);
            }
        }
        else
        {
            var edges = new GridEdges<double, long>
            {
                X = nextX.View<double>(), W = w.View<long>(), HashOfX = Longs(hashX.Parts), HashOfW = Longs(hashW.Parts),
            };
            if (v == null)
            {
                MomentumGridWide.LaunchBegin(
                    x.Device, layout, edges, x.View<double>(), schedule.Unit, perUnit, schedule.Limit);
            }
            else
            {
                MomentumGridWide.LaunchBeginMoving(
                    x.Device, layout, edges, x.View<double>(), v.View<double>(), schedule.Unit, perUnit, perVelocity,
                    schedule.Limit);
            }
        }

        GC.KeepAlive(x);
        GC.KeepAlive(v);
        return (nextX, w);
    }

    /// <summary>
    /// One layer forward, w in place, x in place where that is allowed and nobody else sees its memory. What the layer
    /// sets aside goes to <paramref name="side"/>, or is forgotten where there is none; the new position is hashed where
    /// it is watched.
    /// </summary>
    public Tensor Step(int layer, Tensor x, Tensor w, Tensor f, bool overwriteX, SideStore? side, BitWatch? watch = null)
    {
        var nextX = overwriteX && x.OwnsMemoryAlone ? x : x.EmptyLike(x.Shape);
        var layout = MomentumRule.Layout(x, w, f, nextX);
        double gain = schedule.Gain(layer), scale = schedule.Scale(layer);
        int bits = schedule.Bits(layer);
        int number = Math.Min(layer + 1, MostNumbered), towards = Towards(layer);
        var planes = bits > 0 && side != null ? SideStore.NewPlanes(w, bits) : null;
        using (var hash = watch?.Watches(layer + 1) == true ? watch.Forward(layer + 1) : default)
        {
            var leaving = planes?.View<int>() ?? default;
            if (x.DType == DType.Float32)
            {
                var edges = new GridEdges<float, int>
                {
                    X = nextX.View<float>(), W = w.View<int>(), HashOfX = Longs(hash.Parts), Leaving = leaving,
                    LeavingBits = bits,
                };
                MomentumGrid.LaunchStep(
                    x.Device, layout, edges, x.View<float>(), f.View<float>(), (float)gain, (float)scale, UnitF, LimitF,
                    number, towards);
            }
            else
            {
                var edges = new GridEdges<double, long>
                {
                    X = nextX.View<double>(), W = w.View<long>(), HashOfX = Longs(hash.Parts), Leaving = leaving,
                    LeavingBits = bits,
                };
                MomentumGridWide.LaunchStep(
                    x.Device, layout, edges, x.View<double>(), f.View<double>(), gain, scale, schedule.Unit,
                    schedule.Limit, number, towards);
            }
        }

        if (planes != null)
            side!.Push(planes);
        MomentumRule.Written(nextX, w);
        GC.KeepAlive(f);
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

    /// <summary>Every layer kept to the range: an element that did not is NaN to the end. It waits for the device.</summary>
    /// <exception cref="GridRangeException">One did not.</exception>
    public void RequireInRange(Tensor x, Tensor w)
    {
        using var parts = Tensor.Empty([BitHash.Parts(x.Device, x.Count)], DType.Int64, x.Device);
        using var worst = Tensor.Empty([1], DType.Int64, x.Device);
        FindWorst(x, w, parts);
        BitHash.Largest(x.Device, parts.View<long>(), worst.View<long>());
        RequireInRange(worst.ToArray<long>()[0], x.DType);
    }

    /// <summary>Every layer kept to the range, if the largest of <see cref="FindWorst"/> says so.</summary>
    /// <exception cref="GridRangeException">One did not.</exception>
    public void RequireInRange(long worst, DType dtype)
    {
        if (worst == 0)
            return;
        // As MomentumGrid.Badness wrote it. Layers count from 1 there, and 0 is the input.
        bool isNarrow = dtype == DType.Float32;
        int number = (int)(isNarrow ? 65536 - (worst >> 16) : int.MaxValue - (worst >> 32));
        double size = isNarrow
            ? BitConverter.Int32BitsToSingle((int)((worst >> 1) & 0x7FFF) << 16)
            : BitConverter.Int64BitsToDouble(((worst >> 1) & 0x7FFFFFFF) << 32);
        throw OutOfRange(number - 1, size, (worst & 1) != 0, dtype);
    }

    /// <summary>In each part of a state, what says most about where it left the range; 0 where it did not.</summary>
    public static void FindWorst(Tensor x, Tensor w, Tensor parts)
    {
        if (x.DType == DType.Float32)
            MomentumGrid.LaunchWorst(x.Device, x.View<float>(), w.View<int>(), parts.View<long>());
        else
            MomentumGridWide.LaunchWorst(x.Device, x.View<double>(), w.View<long>(), parts.View<long>());
        GC.KeepAlive(x);
        GC.KeepAlive(w);
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
        // A layer's value is counted in steps of the grid, and that count overflows long before the value does.
        string tooLarge = layer < 0
            ? "holds an infinite position"
            : string.Create(
                culture,
                $"gave values that are infinite or above about {LargestOf(dtype) / schedule.Gain(layer):G1}, too many steps of " +
                $"the grid for {dtype} to count");
        string happened = double.IsNaN(largest) ? "gave values that are not numbers"
            : double.IsInfinity(largest) ? $"{tooLarge}; the range is below about {limit.ToString("G4", culture)}"
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

    private static double LargestOf(DType dtype) => dtype == DType.Float32 ? float.MaxValue : double.MaxValue;

    private int Towards(int layer) => rules[layer].IsResidual ? 0 : 1;

    private static Kernels.Dialect.ArrayView<long> Longs(Tensor? parts) => parts?.View<long>() ?? default;
}
