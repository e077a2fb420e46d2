using MomentumCore.Engine;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Reversible;

/// <summary>
/// A few numbers about a tensor that is not kept, out of which a bound for the distance of another one from it comes.
/// </summary>
/// <remarks>
/// <para>With e the difference of two tensors and Δ_r = Σ_k a_rk e_k the differences of their projections, a_rk uniform in
/// [−1, 1), the mean of Δ_r² is ‖e‖² / 3. So √(3/8 Σ_r Δ_r²) over 8 directions measures ‖e‖, and 8 times that is below
/// ‖e‖ with a chance of less than 10⁻⁶, whatever e is: √3 Δ_r / ‖e‖ has a density of at most √2 / (2 √3) everywhere
/// (Ball, <i>Cube slicing in Rⁿ</i>, 1986), so the chance is at most the volume π⁴/24 · r⁸ of a ball of r² = 1/8 times
/// that density to the eighth power, 7.7e-7.</para>
/// <para>Nothing is assumed about the layers. Rounding of the sums is added.</para>
/// </remarks>
internal sealed class DriftSketch : IDisposable
{
    private const int Block = 4096;
    private const int Directions = Projection.Directions;
    private const double Safety = 8;

    // 2^−53: half a unit in the last place of a double.
    private const double Rounding = 1.1102230246251565e-16;

    private readonly Tensor _blocks;
    private readonly int _count;
    private double[]? _sums;

    private DriftSketch(Tensor blocks, int count) => (_blocks, _count) = (blocks, count);

    /// <summary>The Euclidean norm of the tensor.</summary>
    public double Norm => Math.Sqrt(Sums[Directions]);

    private double[] Sums => _sums ??= Add();

    /// <summary>Starts to work one out; it is not part of the open scope.</summary>
    public static DriftSketch Of(Tensor x)
    {
        using var gapless = x.Gapless();
        int blocks = (x.Count + Block - 1) / Block;
        var sums = TensorScope.TakeOut(Tensor.Empty([blocks, Projection.Sums], DType.Float64, x.Device));
        if (x.DType == DType.Float32)
            Projection.Of(x.Device, sums.Count, gapless.View<float>(), sums.View<double>(), Block, x.Count);
        else
            Projection.Of(x.Device, sums.Count, gapless.View<double>(), sums.View<double>(), Block, x.Count);
        return new DriftSketch(sums, x.Count);
    }

    /// <summary>
    /// What ‖x − other‖ is not above, as a share of ‖x‖, with x the tensor of this sketch. Waits for both.
    /// </summary>
    public double BoundTo(DriftSketch other)
    {
        double squares = 0;
        for (int r = 0; r < Directions; r++)
            squares += (Sums[r] - other.Sums[r]) * (Sums[r] - other.Sums[r]);
        // |a| ≤ 1, so the terms of one sum have sizes of at most √count ‖x‖ together; three roundings for each of two.
        double rounding = 6 * Rounding * Math.Sqrt(_count) * Math.Max(Norm, other.Norm);
        double distance = Safety * Math.Sqrt(3.0 / Directions) * (Math.Sqrt(squares) + (Math.Sqrt(Directions) * rounding));
        return distance == 0 ? 0 : distance / Norm;
    }

    public void Dispose() => _blocks.Dispose();

    private double[] Add()
    {
        double[] found = new double[Projection.Sums], lost = new double[Projection.Sums];
        double[] blocks = _blocks.ToArray<double>();
        for (int i = 0; i < blocks.Length; i++)
        {
            int row = i % Projection.Sums;
            double next = found[row] + blocks[i];
            double part = next - found[row];
            lost[row] += (found[row] - (next - part)) + (blocks[i] - part);
            found[row] = next;
        }

        return [.. found.Select((sum, row) => sum + lost[row])];
    }
}
