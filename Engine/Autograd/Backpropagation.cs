namespace MomentumCore.Engine;

/// <summary>The way into the reverse pass: checks what is asked for, seeds it, and hands out what it found.</summary>
internal static class Backpropagation
{
    /// <summary>
    /// Differentiates <paramref name="outputs"/>. Without <paramref name="targets"/> the results are added to the
    /// leaves' <see cref="Tensor.Gradient"/>; with them the results are returned, null where a target was not reached.
    /// An operation whose own backward runs a part of its derivative through here is <paramref name="nested"/>: it
    /// hands over its output gradients, to be freed as soon as they are used, and hooks of leaves are left to the
    /// outer pass; with <paramref name="sums"/>, one or null for each target, the results are added to those, term by
    /// term, as one pass over everything would have done. Operations recorded up to <paramref name="since"/>, a
    /// <see cref="Function.LastSequence"/>, are not gone into.
    /// </summary>
    public static Tensor?[] Run(
        IReadOnlyList<Tensor> outputs,
        IReadOnlyList<Tensor?> outputGradients,
        IReadOnlyList<Tensor>? targets,
        bool createGraph,
        bool retainGraph,
        bool allowUnused,
        bool nested = false,
        IReadOnlyList<Tensor?>? sums = null,
        long since = 0)
    {
        int mode = NoGrad.SetLocal(recording: createGraph);
        var scope = TensorScope.BeginLocal();
        try
        {
            var pass = new BackwardPass(targets, createGraph, retainGraph, nested, since);
            for (int i = 0; i < (sums?.Count ?? 0); i++)
                pass.Continue(targets![i], sums![i]);
            for (int i = 0; i < outputs.Count; i++)
                pass.Seed(outputs[i], SeedGradient(outputs[i], outputGradients[i], handedOver: createGraph || nested));
            pass.Go(outputs);
            if (targets == null)
                return [];
            var results = pass.Results();
            foreach (var result in results)
            {
                if (result != null)
                    scope.Keep(result);
                else if (!allowUnused)
                {
                    throw new GradientException(
                        "An input does not influence the outputs, so it has no gradient; pass allowUnused: true to " +
                        "get zeros.");
                }
            }

            return results;
        }
        finally
        {
            scope.Dispose();
            NoGrad.RestoreLocal(mode);
        }
    }

    private static Tensor SeedGradient(Tensor output, Tensor? gradient, bool handedOver)
    {
        // Freed tensors have lost their history; the error should say that, not that there never was one.
        _ = output.Storage;
        if (!output.RequiresGradient)
        {
            throw new GradientException(
                "There is nothing to differentiate: the output does not depend on a tensor with RequiresGradient, or " +
                "it was made under NoGrad.");
        }

        if (gradient == null)
        {
            return output.Count == 1
                ? Tensor.Ones(output.Shape, output.DType, output.Device)
                : throw new GradientException(
                    $"Backward of a tensor of shape {output.Shape} needs an outputGradient of that shape; only a " +
                    "single element has the default 1.");
        }

        if (gradient.Shape != output.Shape)
            throw new ShapeException($"The output gradient has shape {gradient.Shape}; the output has {output.Shape}.");
        if (gradient.DType != output.DType)
            throw new DTypeException($"The output gradient holds {gradient.DType}; the output holds {output.DType}.");
        Map.RequireSameDevice("The output gradient", output, gradient);
        // Without a graph the pass owns its gradients and frees them as it goes, so it takes a handle of its own.
        return handedOver ? gradient : gradient.Detach();
    }
}
