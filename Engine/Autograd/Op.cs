namespace MomentumCore.Engine;

/// <summary>
/// A differentiable operation with one output, in one small type: <see cref="Forward"/> computes and keeps,
/// <see cref="Backward"/> differentiates. Derive from it to add your own; see <c>docs/add-an-op.md</c>.
/// </summary>
public abstract class Op : Function
{
    /// <summary>Computes the result and records the application when an input requires a gradient.</summary>
    public Tensor Apply(params Tensor[] inputs) => Run(inputs)[0];

    /// <summary>
    /// Computes the result from the inputs. Call <see cref="Function.Keep"/> for what backward needs.
    /// </summary>
    protected abstract Tensor Forward(Tensor[] inputs);

    /// <summary>
    /// dL/d(inputs) from dL/d(output): one tensor for each input, null where <see cref="Function.Needs"/> says no.
    /// </summary>
    protected abstract Tensor?[] Backward(Tensor outputGradient);

    /// <inheritdoc/>
    protected sealed override Tensor[] Compute(Tensor[] inputs) => [Forward(inputs)];

    /// <inheritdoc/>
    protected sealed override Tensor?[] Differentiate(Tensor?[] outputGradients) => Backward(outputGradients[0]!);
}
