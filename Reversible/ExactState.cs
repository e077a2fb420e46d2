using System.Numerics;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Reversible;

/// <summary>
/// All that exact reversal needs besides the network: the last position and velocity in whole numbers, and the bits that
/// the layers set aside. It can be written to a file and reversed by another process.
/// </summary>
/// <remarks>Made by <see cref="MomentumNet.ForwardExact"/>; it belongs to no <see cref="TensorScope"/>: dispose it.</remarks>
public sealed class ExactState : IDisposable
{
    private readonly double[] _gammas;

    internal ExactState(
        Tensor x, Tensor w, SideStore side, IEnumerable<double> gammas, bool isResidual, int fractionBits,
        long firstHash)
    {
        X = TensorScope.TakeOut(x);
        W = TensorScope.TakeOut(w);
        Side = side;
        _gammas = [.. gammas];
        IsResidual = isResidual;
        FractionBits = fractionBits;
        FirstHash = firstHash;
    }

    /// <summary>x_T, multiples of 2^−p.</summary>
    public Tensor X { get; }

    /// <summary>p.</summary>
    public int FractionBits { get; }

    /// <summary>The bits set aside for each element: log₂(1/γ) for each layer, rounded down in all.</summary>
    public int SideBitsPerElement => Side.BitsPerElement;

    internal Tensor W { get; }

    internal SideStore Side { get; }

    internal IReadOnlyList<double> Gammas => _gammas;

    internal bool IsResidual { get; }

    /// <summary>The hash of (x₀, w₀), to which the way back has to come.</summary>
    internal long FirstHash { get; }

    /// <summary>Reads what <see cref="Save"/> wrote, and checks that it is what was written.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where it shall live; <see cref="Device.Default"/> if none.</param>
    /// <exception cref="WeightFileException">The file is missing, damaged, or holds something else.</exception>
    public static ExactState Load(string path, Device? device = null) => ExactStateFile.Load(path, device);

    /// <summary>Writes it to a file (safetensors), whole or not at all, with a hash of all that it holds.</summary>
    /// <param name="path">The file; its folder has to exist.</param>
    /// <exception cref="WeightFileException">The file cannot be written.</exception>
    public void Save(string path) => ExactStateFile.Save(path, this);

    /// <inheritdoc/>
    public void Dispose()
    {
        X.Dispose();
        W.Dispose();
        Side.Dispose();
    }

    /// <summary>A hash of two tensors without gaps.</summary>
    internal static long HashOf(Tensor x, Tensor w) => Joined(HashOf(x), HashOf(w));

    /// <summary>A hash of all that the state holds, <see cref="FirstHash"/> among it.</summary>
    internal long Hash()
    {
        long hash = Joined(FirstHash, HashOf(X, W));
        foreach (double gamma in _gammas)
            hash = Joined(hash, BitConverter.DoubleToInt64Bits(gamma));
        foreach (var planes in Side.Planes)
            hash = Joined(hash, HashOf(planes!));
        return Joined(hash, (2 * FractionBits) + (IsResidual ? 1 : 0));
    }

    /// <summary>What of the tensors does not fit a network's schedule, or null: kernels write where it says.</summary>
    internal string? Misfit(ExactSchedule schedule)
    {
        var whole = X.DType == DType.Float32 ? DType.Int32 : DType.Int64;
        if (X.DType is not (DType.Float32 or DType.Float64))
            return $"the tensor 'x' is {X.DType}, and Float32 or Float64 was wanted";
        if (W.DType != whole || W.Shape != X.Shape)
            return $"the tensor 'w' is {W.DType} {W.Shape}, and beside x, {X.DType} {X.Shape}, {whole} {X.Shape} was wanted";
        int[] pushes = [.. Enumerable.Range(0, _gammas.Length).Select(schedule.Bits).Where(bits => bits > 0)];
        if (Side.Planes.Count != pushes.Length)
            return $"it has {Side.Planes.Count} sets of side bits, and its gammas make {pushes.Length}";
        for (int i = 0; i < pushes.Length; i++)
        {
            var (planes, wanted) = (Side.Planes[i]!, PlanesShape(pushes[i], X.Count));
            if (planes.DType != DType.Int32 || planes.Shape != wanted)
                return $"the tensor 'side.{i}' is {planes.DType} {planes.Shape}, and Int32 {wanted} was wanted";
        }

        return null;
    }

    /// <summary>The way back has come to where forward began.</summary>
    /// <exception cref="ReversalException">It has not.</exception>
    internal void RequireFirst(Tensor x, Tensor w)
    {
        if (HashOf(x, w) == FirstHash)
            return;
        throw new ReversalException(
            $"MomentumNet: Inverse went {_gammas.Length} layers back and did not come to the state that ForwardExact began " +
            "with: the weights, buffers, extra inputs or training mode are not those of that forward, or a layer does not " +
            "give the same bits for the same input (another device or computer may not), or the state was damaged. " +
            "Nothing was returned; reverse it with what wrote it.",
            _gammas.Length,
            double.NaN,
            0);
    }

    internal void RequireFits(MomentumNet net, ExactSchedule schedule)
    {
        ObjectDisposedException.ThrowIf(X.IsDisposed || W.IsDisposed, this);
        string? difference = _gammas.Length != net.Depth ? $"it went through {_gammas.Length} layers and this has {net.Depth}"
            : !_gammas.AsSpan().SequenceEqual([.. net.Gammas]) ? "the layers have other gammas"
            : IsResidual != net.IsResidual ? "one of the two is residual and the other is not"
            : FractionBits != schedule.FractionBits
                ? $"it has {FractionBits} fraction bits and the network's grid {schedule.FractionBits}"
            : Misfit(schedule);
        if (difference != null)
        {
            throw new ArgumentException(
                $"MomentumNet: this exact state is not one of this network: {difference}; reverse it through a network " +
                "that is made as the one that wrote it.");
        }
    }

    private static Shape PlanesShape(int bits, int elements) => [bits, (elements + 31) / 32];

    private static long HashOf(Tensor tensor) => tensor.Count == 0 ? 0 : BitWatch.Of(tensor);

    // One to one in either argument, so that no change of one of them goes unnoticed.
    private static long Joined(long hash, long next) =>
        (long)unchecked(BitOperations.RotateLeft((ulong)hash, 29) * 0x9E3779B97F4A7C15UL) ^ next;
}
