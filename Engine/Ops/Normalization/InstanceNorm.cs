namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// Instance normalisation (Ulyanov, Vedaldi, Lempitsky 2016): y = (x − mean) / √(variance + eps) · weight + bias,
    /// with mean and (biased) variance over each channel of each element of the batch.
    /// </summary>
    /// <param name="weight">One factor for each channel; 1 when left out.</param>
    /// <param name="bias">One summand for each channel; 0 when left out.</param>
    /// <param name="eps">Added to the variance so that nothing is divided by 0.</param>
    /// <returns>A tensor of this shape, [batch, channels, …].</returns>
    /// <exception cref="ShapeException">Fewer than three axes, one value per channel, weight or bias that are not
    /// [channels].</exception>
    /// <exception cref="DTypeException">The types differ, or are not Float32 or Float64.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The eps is negative or no number.</exception>
    public Tensor InstanceNorm(Tensor? weight = null, Tensor? bias = null, double eps = 1e-5)
    {
        NormalizationInputs.RequireEps(nameof(InstanceNorm), eps);
        if (Rank < 3)
            throw new ShapeException(
                $"InstanceNorm: the input has shape {Shape}; wanted [batch, channels, …, at least one axis more].");
        int inner = Shape[2..].ElementCount;
        if (inner == 1)
        {
            throw new ShapeException(
                $"InstanceNorm: an input of shape {Shape} has one value per channel, whose variance is 0; it " +
                "needs more than one.");
        }

        return new NormalizeOp(nameof(InstanceNorm), weight, bias, Shape[0], Shape[1], [Shape[1]], inner, eps)
            .Apply(NormalizationInputs.Present(this, weight, bias));
    }
}
