namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// Group normalisation (Wu, He 2018): y = (x − mean) / √(variance + eps) · weight + bias, with mean and (biased)
    /// variance over each group of channels of each element of the batch.
    /// </summary>
    /// <param name="groups">How many groups the channels are cut into; it divides their number.</param>
    /// <param name="weight">One factor for each channel; 1 when left out.</param>
    /// <param name="bias">One summand for each channel; 0 when left out.</param>
    /// <param name="eps">Added to the variance so that nothing is divided by 0.</param>
    /// <returns>A tensor of this shape, [batch, channels, …].</returns>
    /// <exception cref="ShapeException">Fewer than two axes, groups that do not divide the channels, weight or bias
    /// that are not [channels].</exception>
    /// <exception cref="DTypeException">The types differ, or are not Float32 or Float64.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The eps is negative or no number.</exception>
    public Tensor GroupNorm(int groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5)
    {
        NormalizationInputs.RequireEps(nameof(GroupNorm), eps);
        if (Rank < 2)
            throw new ShapeException($"GroupNorm: the input has shape {Shape}; wanted [batch, channels, …].");
        if (groups < 1 || Shape[1] % groups != 0)
            throw new ShapeException(
                $"GroupNorm: {groups} groups do not divide the {Shape[1]} channels of an input of shape {Shape}.");
        return new NormalizeOp(
            nameof(GroupNorm), weight, bias, Shape[0], groups, [Shape[1]], Shape[2..].ElementCount, eps)
            .Apply(NormalizationInputs.Present(this, weight, bias));
    }
}
