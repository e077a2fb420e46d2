using System.Globalization;
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
    private const string Format = "momentumcore.exact-state.1";
    private readonly double[] _gammas;
    private readonly bool _isResidual;

    internal ExactState(
        Tensor x, Tensor w, SideStore side, IEnumerable<double> gammas, bool isResidual, int fractionBits)
    {
        X = TensorScope.TakeOut(x);
        W = TensorScope.TakeOut(w);
        Side = side;
        _gammas = [.. gammas];
        _isResidual = isResidual;
        FractionBits = fractionBits;
    }

    /// <summary>x_T, multiples of 2^−p.</summary>
    public Tensor X { get; }

    /// <summary>p.</summary>
    public int FractionBits { get; }

    /// <summary>The bits set aside for each element: log₂(1/γ) for each layer, rounded down in all.</summary>
    public int SideBitsPerElement => Side.BitsPerElement;

    internal Tensor W { get; }

    internal SideStore Side { get; }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where it shall live; <see cref="Device.Default"/> if none.</param>
    /// <exception cref="WeightFileException">The file is missing, damaged, or holds something else.</exception>
    public static ExactState Load(string path, Device? device = null)
    {
        using var file = Safetensors.Load(path, device);
        if (!file.Metadata.TryGetValue("format", out string? format) || format != Format)
        {
            throw new WeightFileException(
                path, "this is no exact state of a momentum network.", "Write one with ExactState.Save.");
        }

        Tensor Take(string name) => file.TryGetValue(name, out var tensor)
            ? TensorScope.TakeOut(tensor.Clone())
            : throw new WeightFileException(path, $"the tensor '{name}' is missing.", "Write the file again.");
        var side = new SideStore(onHost: false);
        int pushes = int.Parse(file.Metadata["pushes"], CultureInfo.InvariantCulture);
        for (int i = 0; i < pushes; i++)
            side.Add(Take($"side.{i}"));
        using var gammas = Take("gammas");
        return new ExactState(
            Take("x"),
            Take("w"),
            side,
            gammas.ToArray<double>(),
            bool.Parse(file.Metadata["residual"]),
            int.Parse(file.Metadata["fraction_bits"], CultureInfo.InvariantCulture));
    }

    /// <summary>Writes it to a file (safetensors), whole or not at all.</summary>
    /// <param name="path">The file; its folder has to exist.</param>
    /// <exception cref="WeightFileException">The file cannot be written.</exception>
    public void Save(string path)
    {
        using var gammas = Tensor.From<double>(_gammas, [_gammas.Length]);
        var tensors = new Dictionary<string, Tensor> { ["x"] = X, ["w"] = W, ["gammas"] = gammas };
        for (int i = 0; i < Side.Planes.Count; i++)
            tensors[$"side.{i}"] = Side.Planes[i]!;
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["pushes"] = Side.Planes.Count.ToString(CultureInfo.InvariantCulture),
            ["residual"] = _isResidual.ToString(CultureInfo.InvariantCulture),
            ["fraction_bits"] = FractionBits.ToString(CultureInfo.InvariantCulture),
        };
        Safetensors.Save(path, tensors, metadata);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        X.Dispose();
        W.Dispose();
        Side.Dispose();
    }

    internal void RequireFits(MomentumNet net, ExactSchedule schedule)
    {
        string? difference = _gammas.Length != net.Depth ? $"it went through {_gammas.Length} layers and this has {net.Depth}"
            : !_gammas.AsSpan().SequenceEqual([.. net.Gammas]) ? "the layers have other gammas"
            : _isResidual != net.IsResidual ? "one of the two is residual and the other is not"
            : FractionBits != schedule.FractionBits
                ? $"it has {FractionBits} fraction bits and the network's grid {schedule.FractionBits}"
            : null;
        if (difference != null)
        {
            throw new ArgumentException(
                $"MomentumNet: this exact state is not one of this network: {difference}; reverse it through a network " +
                "that is made as the one that wrote it.");
        }
    }
}
