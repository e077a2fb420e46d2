using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// Sets each element to 0 with probability p and multiplies the others by 1 / (1 − p), so that the mean stays. For
    /// training only; without it leave it out.
    /// </summary>
    /// <remarks>No mask is stored: backward draws it again from the state that the source had.</remarks>
    /// <param name="p">The chance of a 0, in [0, 1].</param>
    /// <param name="source">Where the numbers come from; <see cref="RandomSource.Current"/> if none.</param>
    /// <exception cref="ArgumentOutOfRangeException">p is not in [0, 1].</exception>
    /// <exception cref="DTypeException">This tensor holds neither Float32 nor Float64.</exception>
    public Tensor Dropout(double p, RandomSource? source = null)
    {
        if (!(p >= 0 && p <= 1))
            throw new ArgumentOutOfRangeException(nameof(p), $"Dropout: a probability lies in [0, 1]; got {p}.");
        if (p == 0)
            return this;
        var state = (source ?? RandomSource.Current).Take((Count + 3L) / 4);
        return new DropoutOp(p, state).Apply(this);
    }
}

/// <summary>
/// y = x m / (1 − p) with a random mask m; dx = g m / (1 − p). Keeps the state of the generator, not the mask.
/// </summary>
internal sealed class DropoutOp(double p, RandomState state) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
    [
        Example("half", [5, 7], 0.5),
        Example("few", [2, 3, 11], 0.1),
        Example("all", [6], 1),
        Example("one element", [1], 0.5),
        Example("scalar", [], 0.5),
        Example("empty", [0, 3], 0.5),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var x = inputs[0].Contiguous();
        var y = x.EmptyLike(x.Shape);
        int items = (int)((y.Count + 3L) / 4);
        // The same 32-bit word per element in both types, so that the mask depends on the source alone.
        ulong threshold = (ulong)(p * 4294967296.0);
        double scale = p < 1 ? 1 / (1 - p) : 0;
        var (seed, first, stream) = state;
        switch (x.DType)
        {
            case DType.Float32:
                RandomNumbers.Dropout(
                    y.Device, items, x.View<float>(), y.View<float>(), (float)scale, threshold, seed, stream, first);
                break;
            case DType.Float64:
                RandomNumbers.Dropout(
                    y.Device, items, x.View<double>(), y.View<double>(), scale, threshold, seed, stream, first);
                break;
            default: throw Map.Unsupported(Name, x.DType);
        }

        GC.KeepAlive(x);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g) => [new DropoutOp(p, state).Apply(g)];

    private static OpExample Example(string label, Shape shape, double p) =>
        new(label, t => t[0].Dropout(p, new RandomSource(12345)), OpInput.Uniform(shape))
        {
            Options = new Dictionary<string, object> { ["p"] = p, ["seed"] = 12345UL },
        };
}
