namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// Layer normalisation (Ba, Kiros, Hinton 2016): y = (x − mean) / √(variance + eps) · weight + bias, with mean and
    /// (biased) variance over the last axes.
    /// </summary>
    /// <param name="normalizedShape">The sizes of the last axes, over which to normalise.</param>
    /// <param name="weight">One factor for each of their elements; 1 when left out.</param>
    /// <param name="bias">One summand for each of their elements; 0 when left out.</param>
    /// <param name="eps">Added to the variance so that nothing is divided by 0.</param>
    /// <returns>A tensor of this shape.</returns>
    /// <exception cref="ShapeException">The last axes are not of these sizes, or weight and bias are not.</exception>
    /// <exception cref="DTypeException">The types differ, or are not Float32 or Float64.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The eps is negative or no number.</exception>
    public Tensor LayerNorm(Shape normalizedShape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5)
    {
        NormalizationInputs.RequireEps(nameof(LayerNorm), eps);
        int rank = normalizedShape.Rank;
        if (rank == 0 || rank > Rank || Shape[^rank..] != normalizedShape)
        {
            throw new ShapeException(
                $"LayerNorm: the input has shape {Shape}; its last axes have to be of the sizes " +
                $"{normalizedShape}, at least one.");
        }

        int rows = Shape[..^rank].ElementCount;
        return new NormalizeOp(nameof(LayerNorm), weight, bias, rows, 1, normalizedShape, 1, eps)
            .Apply(NormalizationInputs.Present(this, weight, bias));
    }
}
