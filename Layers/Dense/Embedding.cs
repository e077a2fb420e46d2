using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>
/// A table of vectors, looked up by index: y[i, …] = W[x[i, …]]. x Int64 or Int32 of any shape, y [x's shape, dim].
/// </summary>
/// <remarks>W [entries, dim] starts from the standard normal distribution.</remarks>
public sealed class Embedding : Module
{
    /// <summary>A table.</summary>
    /// <param name="entries">The number of vectors.</param>
    /// <param name="dim">The size of a vector.</param>
    /// <param name="paddingIndex">
    /// A row that starts at zero and gets no gradient, or null. Negative counts from the end.
    /// </param>
    /// <param name="dtype">The element type of the table.</param>
    /// <param name="device">The device of the table.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or there is no row for the padding.</exception>
    public Embedding(int entries, int dim, int? paddingIndex = null, DType dtype = DType.Float32, Device? device = null)
    {
        Entries = Settings.AtLeast(1, entries, Name, nameof(entries));
        Dim = Settings.AtLeast(1, dim, Name, nameof(dim));
        if (paddingIndex is { } index && (index < -entries || index >= entries))
        {
            throw new ArgumentOutOfRangeException(
                nameof(paddingIndex), $"{Name}: paddingIndex must be from {-entries} to {entries - 1}; got {index}.");
        }

        PaddingIndex = paddingIndex < 0 ? paddingIndex + entries : paddingIndex;
        Weight = RegisterParameter("weight", Tensor.Zeros([entries, dim], dtype, device));
        ResetParameters();
    }

    /// <summary>The number of vectors.</summary>
    public int Entries { get; }

    /// <summary>The size of a vector.</summary>
    public int Dim { get; }

    /// <summary>The row that stands for nothing, or null.</summary>
    public int? PaddingIndex { get; }

    /// <summary>W [entries, dim].</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public override Module NewLike() =>
        new Embedding(Entries, Dim, PaddingIndex, Weight.DType, Weight.Device);

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"entries: {Entries}, dim: {Dim}{(PaddingIndex is { } index ? $", paddingIndex: {index}" : "")}";

    /// <summary>Draws new initial values.</summary>
    public void ResetParameters()
    {
        Initialize.Normal(Weight);
        if (PaddingIndex is not { } index)
            return;
        using var noGrad = NoGrad.Begin();
        using var row = Weight.Select(0, index);
        row.Fill(0);
    }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x)
    {
        var y = Weight.Embedding(x);
        // The padding's row is read, but no gradient goes back to it.
        return PaddingIndex is { } index && y.RequiresGradient
            ? Tensor.Where(x.Equal(index).Unsqueeze(-1), y.Detach(), y)
            : y;
    }
}
