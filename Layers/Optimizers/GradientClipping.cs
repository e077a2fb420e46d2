using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using OptimizerKernels = MomentumCore.Kernels.Library.Optimizers;

namespace MomentumCore.Layers;

/// <summary>Keeps gradients from growing too large for the next step.</summary>
public static class GradientClipping
{
    /// <summary>
    /// Scales all gradients by min(1, <paramref name="maxNorm"/> / (norm + 10⁻⁶)), where norm is that of all of them
    /// together as one vector. As <c>torch.nn.utils.clip_grad_norm_</c>; Pascanu et al. 2013.
    /// </summary>
    /// <param name="parameters">Those without a gradient are skipped.</param>
    /// <param name="maxNorm">The norm to stay below.</param>
    /// <param name="order">p of the p-norm; infinity for the largest element.</param>
    /// <param name="requireFinite">Throw, with nothing changed, when the norm is NaN or infinite.</param>
    /// <returns>
    /// The norm before scaling, added up in double and in a fixed order: one copy from the device to the host.
    /// </returns>
    /// <exception cref="GradientException">The norm is not finite and <paramref name="requireFinite"/> set.</exception>
    public static double ByNorm(
        IEnumerable<Tensor> parameters, double maxNorm, double order = 2, bool requireFinite = false)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegative(maxNorm);
        if (!(order > 0))
            throw new ArgumentOutOfRangeException(nameof(order), order, "The order of the norm must be above 0.");
        Tensor[] gradients = [.. parameters.Select(p => p.Gradient).OfType<Tensor>()];
        double norm = Norm(gradients, order);
        if (requireFinite && !double.IsFinite(norm))
        {
            throw new GradientException(
                $"ByNorm: the norm of the gradients is {norm}, so they cannot be scaled and were left as they are; " +
                "lower the learning rate, or find the op with AnomalyMode.");
        }

        double factor = maxNorm / (norm + 1e-6);
        // NaN passes on: a broken gradient must not look healthy.
        if (factor >= 1)
            return norm;
        foreach (var gradient in gradients)
            Scale(gradient, factor);
        return norm;
    }

    /// <summary>
    /// Holds every element of every gradient between −<paramref name="limit"/> and <paramref name="limit"/>; NaN stays.
    /// </summary>
    /// <param name="parameters">Those without a gradient are skipped.</param>
    /// <param name="limit">At least 0.</param>
    public static void ByValue(IEnumerable<Tensor> parameters, double limit)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        foreach (var gradient in parameters.Select(p => p.Gradient).OfType<Tensor>())
        {
            var layout = StridedLayout.Create(gradient.Shape.AsSpan(), gradient.StrideArray);
            if (gradient.DType == DType.Float32)
                OptimizerKernels.Limit(gradient.Device, layout, gradient.View<float>(), (float)limit);
            else
                OptimizerKernels.Limit(gradient.Device, layout, gradient.View<double>(), limit);
            gradient.Storage.MarkWritten();
        }
    }

    private static double Norm(Tensor[] gradients, double order)
    {
        double total = 0;
        foreach (double part in GradientMeasure.Each(gradients, order))
            total = double.IsInfinity(order) ? Math.Max(total, part) : total + part;

        return order switch
        {
            2 => Math.Sqrt(total),
            double.PositiveInfinity => total,
            _ => Math.Pow(total, 1 / order),
        };
    }

    private static void Scale(Tensor gradient, double factor)
    {
        var layout = StridedLayout.Create(gradient.Shape.AsSpan(), gradient.StrideArray);
        if (gradient.DType == DType.Float32)
            OptimizerKernels.Scale(gradient.Device, layout, gradient.View<float>(), (float)factor);
        else
            OptimizerKernels.Scale(gradient.Device, layout, gradient.View<double>(), factor);
        gradient.Storage.MarkWritten();
    }
}
