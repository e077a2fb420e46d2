using MomentumCore.Engine;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>
/// What a run notes of the outputs of its layers, to recognise a layer that gives another output the second time: four
/// numbers for each layer, out of <see cref="RowSketch"/>.
/// </summary>
/// <remarks>
/// The state alone does not show it: a change of f moves x by (1 − γ) times as much, which is nothing for γ near 1. A device
/// with a queue keeps the numbers, 2 KiB for each layer at most, so that one small copy reads them all.
/// </remarks>
internal sealed class OutputWatch : IDisposable
{
    /// <summary>
    /// How many times the tolerance for drift the outputs may be apart. What is measured is a good guess of how far gradients
    /// are: over many networks, Tests/Reversible/HonestReversalTests.cs, those within 0.004 had gradients within 0.05.
    /// </summary>
    public const double Tolerances = 4;

    // Fewer elements are looked at together with those of the next rows: narrow rows would cost too much.
    private const int LeastRow = 64;

    // Of each 512 elements of a row, unless all are to be looked at: all of them cost a step 10 % and more.
    private const int Window = 128;

    // Where not all rows are looked at: so many, and of each 512 elements of rows that are longer than that so many.
    private const int SomeRows = 16;
    private const int NarrowWindow = 16;

    private readonly int _depth;
    private readonly SketchedRows _rows;
    private readonly int _totals;
    private readonly double[]? _onHost;
    private readonly Tensor? _onDevice;

    /// <param name="like">A state of the run.</param>
    /// <param name="depth">The number of layers.</param>
    /// <param name="look">How closely to look.</param>
    /// <param name="turn">The number of the run: each looks at other places.</param>
    public OutputWatch(Tensor like, int depth, OutputLook look, int turn)
    {
        _depth = depth;
        _rows = Rows(like, look, turn);
        _totals = _rows.Totals(like.Device);
        if (like.Device is CpuDevice)
            _onHost = new double[RowSketch.Sums * depth];
        else
            _onDevice = TensorScope.TakeOut(Tensor.Zeros([depth, _totals], DType.Float64, like.Device));
    }

    /// <summary>Notes what a layer gave.</summary>
    public void Note(int layer, Tensor f)
    {
        if (_rows.Taken == 0)
            return;
        using var gapless = f.Gapless();
        int scratch = _rows.Scratch(f.Device);
        using var parts = Tensor.Empty([scratch + (_onHost == null ? 0 : _totals)], DType.Float64, f.Device);
        var totals = _onDevice?.View<double>().SubView((long)layer * _totals, _totals) ?? parts.View<double>();
        if (f.DType == DType.Float32)
            RowSketcher.Launch(f.Device, gapless.View<float>(), parts.View<double>(), totals, _rows);
        else
            RowSketcher.Launch(f.Device, gapless.View<double>(), parts.View<double>(), totals, _rows);
        if (_onHost != null)
            AddUp(parts.AsSpan<double>(), _onHost.AsSpan(RowSketch.Sums * layer, RowSketch.Sums));
    }

    /// <summary>What was noted, to be read later.</summary>
    public Noted Take() => new(this, _onDevice == null ? null : TensorScope.TakeOut(_onDevice.Detach()));

    /// <summary>
    /// How far each layer's outputs of two runs lie apart: the root of the mean, over rows, of the square of the distance as a
    /// share of the row's norm, estimated.
    /// </summary>
    public double[] Shares(double[] forward, double[] back)
    {
        double[] shares = new double[_depth];
        for (int layer = 0; layer < _depth && _rows.Taken > 0; layer++)
        {
            int at = RowSketch.Sums * layer;
            double one = forward[at] - back[at], other = forward[at + 1] - back[at + 1];
            double norms = forward[at + 2] - back[at + 2], all = (forward[at + 3] - back[at + 3]) / _rows.Taken;
            double across = 1.5 * ((one * one) + (other * other)) / _rows.Taken, along = norms * norms * 12 / 13 / _rows.Taken;
            // Both are the mean square of what lies along the rows: one a guess, the other not more than it is.
            shares[layer] = Math.Sqrt(across + Math.Max(along, all * all));
        }

        return shares;
    }

    /// <summary>Frees what the device holds.</summary>
    public void Dispose() => _onDevice?.Dispose();

    private static SketchedRows Rows(Tensor like, OutputLook look, int turn)
    {
        int row = DriftWatch.RowOf(like);
        row = row < LeastRow ? row * (((LeastRow - 1) / row) + 1) : row;
        var all = SketchedRows.All(like.Count, row, look == OutputLook.EveryElement ? RowSketch.Piece : Window, turn);
        if (look != OutputLook.SomeRows)
            return all;
        return all with { Taken = Math.Min(all.Taken, SomeRows), Window = row > RowSketch.Piece ? NarrowWindow : Window };
    }

    private static void AddUp(ReadOnlySpan<double> totals, Span<double> sums)
    {
        sums.Clear();
        for (int i = 0; i < totals.Length; i++)
            sums[i % RowSketch.Sums] += totals[i];
    }

    /// <summary>Numbers that may still be on their way.</summary>
    public sealed class Noted(OutputWatch owner, Tensor? onDevice)
    {
        /// <summary>Four for each layer. Waits for them and frees them.</summary>
        public double[] Read()
        {
            if (onDevice == null)
                return owner._onHost!;
            double[] sums = new double[RowSketch.Sums * owner._depth];
            using (onDevice)
            {
                double[] all = onDevice.ToArray<double>();
                for (int layer = 0; layer < owner._depth; layer++)
                {
                    AddUp(
                        all.AsSpan(layer * owner._totals, owner._totals),
                        sums.AsSpan(RowSketch.Sums * layer, RowSketch.Sums));
                }
            }

            return sums;
        }
    }
}
