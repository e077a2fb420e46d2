using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

/// <summary>
/// y = e^(x − m), where an infinite m counts as 0; dx = g y, dm = −g y. Keeps y. The derivative of log-sum-exp.
/// </summary>
internal sealed class ShiftedExpOp : Op, IOpExamples
{
    private Shape _x;
    private Shape _m;

    public static IEnumerable<OpExample> Examples =>
    [
        new("rows", t => new ShiftedExpOp().Apply(t[0], t[1]), OpInput.Uniform([3, 4]), OpInput.Uniform([3, 1])),
        new("empty", t => new ShiftedExpOp().Apply(t[0], t[1]), OpInput.Uniform([3, 0]), OpInput.Uniform([3, 1])),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        (_x, _m) = (inputs[0].Shape, inputs[1].Shape);
        var y = Map.Binary(Name, inputs[0], inputs[1], Exponentials.ShiftedExp, Exponentials.ShiftedExp);
        Keep(y);
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var dx = g * Kept(0);
        return [Needs(0) ? dx.SumTo(_x) : null, Needs(1) ? -dx.SumTo(_m) : null];
    }
}
