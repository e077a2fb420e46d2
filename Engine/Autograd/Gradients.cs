namespace MomentumCore.Engine;

/// <summary>Derivatives as a function: no leaf's <see cref="Tensor.Gradient"/> is touched.</summary>
public static partial class Gradients
{
    /// <summary>
    /// The derivatives of the outputs, weighted by <paramref name="outputGradients"/>, with respect to each input.
    /// </summary>
    /// <param name="outputs">What to differentiate.</param>
    /// <param name="inputs">With respect to what: leaves or results of operations.</param>
    /// <param name="outputGradients">dL/d(output) for each output; null, or a null entry, means 1 for a single
    /// element.</param>
    /// <param name="createGraph">Record the derivative too, so that it can be differentiated again.</param>
    /// <param name="retainGraph">Keep the record for another pass; by default as
    /// <paramref name="createGraph"/>.</param>
    /// <param name="allowUnused">Give zeros for an input without influence instead of an error.</param>
    /// <exception cref="GradientException">An output has no history, or an input no influence.</exception>
    public static Tensor[] Of(
        IReadOnlyList<Tensor> outputs,
        IReadOnlyList<Tensor> inputs,
        IReadOnlyList<Tensor?>? outputGradients = null,
        bool createGraph = false,
        bool? retainGraph = null,
        bool allowUnused = false)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        ArgumentNullException.ThrowIfNull(inputs);
        if (outputGradients != null && outputGradients.Count != outputs.Count)
            throw new ArgumentException(
                $"Got {outputGradients.Count} output gradients for {outputs.Count} outputs; pass one each.",
                nameof(outputGradients));
        foreach (var output in outputs)
            ArgumentNullException.ThrowIfNull(output, nameof(outputs));
        for (int i = 0; i < inputs.Count; i++)
        {
            ArgumentNullException.ThrowIfNull(inputs[i], nameof(inputs));
            if (!inputs[i].RequiresGradient)
                throw new GradientException(
                    $"Input {i} (shape {inputs[i].Shape}) does not require a gradient; set RequiresGradient = true " +
                    "before the computation.");
        }

        var results = Backpropagation.Run(
            outputs, outputGradients ?? new Tensor?[outputs.Count], inputs, createGraph, retainGraph ?? createGraph,
            allowUnused);
        return [.. results.Select((r, i) => r ?? Tensor.Zeros(inputs[i].Shape, inputs[i].DType, inputs[i].Device))];
    }

    /// <summary>The derivatives of one output with respect to each input.</summary>
    public static Tensor[] Of(Tensor output, params IReadOnlyList<Tensor> inputs) => Of([output], inputs);
}
