namespace MomentumCore.Engine;

/// <summary>
/// What the normalisations share: optional weight and bias, and their derivatives by differentiable operations.
/// </summary>
internal static class NormalizationInputs
{
    /// <summary>The tensors that are there, in order: an operation's inputs.</summary>
    public static Tensor[] Present(Tensor x, Tensor? weight, Tensor? bias) =>
        [x, .. weight == null ? Array.Empty<Tensor>() : [weight], .. bias == null ? Array.Empty<Tensor>() : [bias]];

    /// <summary>
    /// A weight or bias of one element per channel, or <paramref name="otherwise"/> for all where there is none.
    /// </summary>
    public static Tensor OrDefault(string name, string role, Tensor? given, Tensor x, Shape shape, double otherwise)
    {
        if (given == null)
            return Tensor.Full([shape.ElementCount], otherwise, x.DType, x.Device);
        Map.RequireSame(name, x, given);
        if (given.Shape != shape)
            throw new ShapeException(
                $"{name}: the {role} has shape {given.Shape}; for an input of shape {x.Shape} it has to be {shape}.");
        return given.Contiguous();
    }

    /// <summary>Refuses an ε that would divide by 0 or take the root of something negative.</summary>
    public static void RequireEps(string name, double eps)
    {
        if (!(eps >= 0 && double.IsFinite(eps)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(eps), eps,
                $"{name}: eps is added to the variance and has to be a number of at least 0; got {eps}.");
        }
    }

    /// <summary>
    /// The gradients of x, weight and bias where y = x̂ · weight + bias, x̂ = (x − mean) / √(variance + eps) over
    /// some axes, by differentiable operations. The weight broadcasts to x.
    /// </summary>
    public static (Tensor X, Tensor Weight, Tensor Bias) Composed(
        Tensor x, Tensor weight, Tensor g, int[] axes, double eps)
    {
        var centered = x - x.Mean(axes, keepAxes: true);
        var rstd = (centered.Square().Mean(axes, keepAxes: true) + eps).Sqrt().Reciprocal();
        var normal = centered * rstd;
        var weighted = g * weight;
        var dx = rstd * (weighted - weighted.Mean(axes, keepAxes: true)
            - (normal * (weighted * normal).Mean(axes, keepAxes: true)));
        return (dx, (g * normal).SumTo(weight.Shape), g.SumTo(weight.Shape));
    }
}
