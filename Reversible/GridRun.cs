using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>
/// The recorded steps of Store on the grid of exact arithmetic. The velocity w is whole numbers, overwritten from layer
/// to
/// layer; what is recorded in its place is a token, a tensor that carries dL/dv back and has no values.
/// </summary>
/// <remarks>
/// They keep nothing: rounding is passed straight through, so the derivative of a step is that of
/// <see cref="MomentumStep"/>.
/// </remarks>
internal sealed class GridRun(ExactArithmetic arithmetic, Tensor x, Tensor? v) : IDisposable
{
    private Tensor? _w;

    /// <summary>x₀ on the grid, and the token of v₀.</summary>
    public (Tensor X, Tensor Token) Begin()
    {
        var outputs = v == null ? new First(this).Run(x) : new First(this).Run(x, v);
        return (outputs[0], outputs.Length > 1 ? outputs[1] : Token(x));
    }

    /// <summary>
    /// x as somebody of its own sees it: all that flows back from there is added up before it meets the rest.
    /// </summary>
    public static Tensor Same(Tensor x) => new Identity().Run(x)[0];

    /// <summary>One layer.</summary>
    public (Tensor X, Tensor Token) Next(int layer, MomentumRule rule, Tensor position, Tensor token, Tensor f)
    {
        var outputs = new Step(this, layer, rule).Run(position, token, f);
        return (outputs[0], outputs[1]);
    }

    /// <summary>v after the last layer.</summary>
    public Tensor Velocity(Tensor position, Tensor token) => new Last(this, position).Run(token)[0];

    /// <summary>Every layer kept to the range.</summary>
    public void RequireInRange(Tensor position) => arithmetic.RequireInRange(position, _w!);

    /// <summary>Frees w.</summary>
    public void Dispose() => _w?.Dispose();

    private static Tensor Token(Tensor like) => Tensor.Zeros([], like.DType, like.Device).Expand(like.Shape);

    private sealed class First(GridRun run) : Function
    {
        protected override Tensor[] Compute(Tensor[] inputs)
        {
            bool moves = inputs.Length > 1;
            (var x, run._w) = run.BeginArithmetic(inputs[0], moves ? inputs[1] : null);
            return moves ? [x, Token(x)] : [x];
        }

        protected override Tensor?[] Differentiate(Tensor?[] outputGradients) => outputGradients;
    }

    private sealed class Identity : Function
    {
        protected override Tensor[] Compute(Tensor[] inputs) => [inputs[0].Detach()];

        protected override Tensor?[] Differentiate(Tensor?[] outputGradients) => outputGradients;
    }

    private sealed class Step(GridRun run, int layer, MomentumRule rule) : MomentumStep(rule)
    {
        protected override Tensor[] Compute(Tensor[] inputs) =>
            [run.StepArithmetic(layer, inputs[0], inputs[2]), inputs[1].Detach()];
    }

    private sealed class Last(GridRun run, Tensor position) : Function
    {
        protected override Tensor[] Compute(Tensor[] inputs) => [run.VelocityArithmetic(position)];

        protected override Tensor?[] Differentiate(Tensor?[] outputGradients) => outputGradients;
    }

    private (Tensor X, Tensor W) BeginArithmetic(Tensor position, Tensor? velocity)
    {
        var (next, w) = arithmetic.Begin(position, velocity);
        return (next, TensorScope.TakeOut(w));
    }

    private Tensor StepArithmetic(int layer, Tensor position, Tensor f) =>
        arithmetic.Step(layer, position, _w!, f, overwriteX: false, side: null);

    private Tensor VelocityArithmetic(Tensor position) => arithmetic.Velocity(position, _w!);
}
