using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>The mask (Int32) that is 1 where a = b, else 0; elementwise with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public Tensor Equal(Tensor other) => new CompareOp(Comparison.Equal).Apply(this, other);

    /// <summary>
    /// The mask (Int32) that is 1 where x = s for a number s, else 0; s is rounded to the tensor's type.
    /// </summary>
    /// <exception cref="DTypeException">This tensor holds integers and the number is none.</exception>
    public Tensor Equal(double number) => new CompareScalarOp(Comparison.Equal, number).Apply(this);

    /// <summary>
    /// The mask (Int32) that is 1 where a ≠ b, else 0; elementwise with broadcasting. NaN differs from everything.
    /// </summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public Tensor NotEqual(Tensor other) => new CompareOp(Comparison.NotEqual).Apply(this, other);

    /// <summary>
    /// The mask (Int32) that is 1 where x ≠ s for a number s, else 0; s is rounded to the tensor's type.
    /// </summary>
    /// <exception cref="DTypeException">This tensor holds integers and the number is none.</exception>
    public Tensor NotEqual(double number) => new CompareScalarOp(Comparison.NotEqual, number).Apply(this);

    /// <summary>The mask (Int32) that is 1 where a &lt; b, else 0; elementwise with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public Tensor Less(Tensor other) => new CompareOp(Comparison.Less).Apply(this, other);

    /// <summary>
    /// The mask (Int32) that is 1 where x &lt; s for a number s, else 0; s is rounded to the tensor's type.
    /// </summary>
    /// <exception cref="DTypeException">This tensor holds integers and the number is none.</exception>
    public Tensor Less(double number) => new CompareScalarOp(Comparison.Less, number).Apply(this);

    /// <summary>The mask (Int32) that is 1 where a ≤ b, else 0; elementwise with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public Tensor LessOrEqual(Tensor other) => new CompareOp(Comparison.LessOrEqual).Apply(this, other);

    /// <summary>
    /// The mask (Int32) that is 1 where x ≤ s for a number s, else 0; s is rounded to the tensor's type.
    /// </summary>
    /// <exception cref="DTypeException">This tensor holds integers and the number is none.</exception>
    public Tensor LessOrEqual(double number) => new CompareScalarOp(Comparison.LessOrEqual, number).Apply(this);

    /// <summary>The mask (Int32) that is 1 where a &gt; b, else 0; elementwise with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public Tensor Greater(Tensor other) => new CompareOp(Comparison.Greater).Apply(this, other);

    /// <summary>
    /// The mask (Int32) that is 1 where x &gt; s for a number s, else 0; s is rounded to the tensor's type.
    /// </summary>
    /// <exception cref="DTypeException">This tensor holds integers and the number is none.</exception>
    public Tensor Greater(double number) => new CompareScalarOp(Comparison.Greater, number).Apply(this);

    /// <summary>The mask (Int32) that is 1 where a ≥ b, else 0; elementwise with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    /// <exception cref="DTypeException">The types differ.</exception>
    public Tensor GreaterOrEqual(Tensor other) => new CompareOp(Comparison.GreaterOrEqual).Apply(this, other);

    /// <summary>
    /// The mask (Int32) that is 1 where x ≥ s for a number s, else 0; s is rounded to the tensor's type.
    /// </summary>
    /// <exception cref="DTypeException">This tensor holds integers and the number is none.</exception>
    public Tensor GreaterOrEqual(double number) => new CompareScalarOp(Comparison.GreaterOrEqual, number).Apply(this);
}

/// <summary>The mask of a condition on two tensors. It has no derivative.</summary>
internal sealed class CompareOp(Comparison comparison) : OpWithoutDerivative("its result is a mask"), IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
        from comparison in Enum.GetValues<Comparison>()
        from example in Pairs(comparison)
        select example with
        {
            Label = $"{comparison}, {example.Label}",
            Options = new Dictionary<string, object> { ["comparison"] = comparison },
        };

    public override string Name => comparison.ToString();

    protected override Tensor Forward(Tensor[] inputs)
    {
        var (a, b) = (inputs[0], inputs[1]);
        Map.RequireSame(Name, a, b);
        return comparison switch
        {
            Comparison.Equal => MaskMap.Binary(
                Name, a, b, Comparisons.Equal, Comparisons.Equal, Comparisons.Equal, Comparisons.Equal),
            Comparison.NotEqual => MaskMap.Binary(
                Name, a, b, Comparisons.NotEqual, Comparisons.NotEqual, Comparisons.NotEqual, Comparisons.NotEqual),
            Comparison.Less => Less(a, b),
            Comparison.LessOrEqual => LessOrEqual(a, b),
            Comparison.Greater => Less(b, a),
            _ => LessOrEqual(b, a),
        };
    }

    private Tensor Less(Tensor a, Tensor b) =>
        MaskMap.Binary(Name, a, b, Comparisons.Less, Comparisons.Less, Comparisons.Less, Comparisons.Less);

    private Tensor LessOrEqual(Tensor a, Tensor b) => MaskMap.Binary(
        Name, a, b, Comparisons.LessOrEqual, Comparisons.LessOrEqual, Comparisons.LessOrEqual, Comparisons.LessOrEqual);

    private static IEnumerable<OpExample> Pairs(Comparison comparison)
    {
        Tensor Call(Tensor a, Tensor b) => new CompareOp(comparison).Apply(a, b);
        OpExample As(DType type) => new(
            $"ties in {type}", t => Call(t[0].To(type), t[1].To(type)), OpInput.Index([11], 3), OpInput.Index([11], 3));
        return
        [
            .. ElementwiseExamples.Of(Call),
            // Small integers, so that many are equal.
            new("integers", t => Call(t[0], t[1]), OpInput.Index([5, 7], 3), OpInput.Index([5, 1], 3)),
            As(DType.Int32),
            As(DType.Float32),
        ];
    }
}

/// <summary>The mask of a condition on a tensor and a number. It has no derivative.</summary>
internal sealed class CompareScalarOp(Comparison comparison, double s)
    : OpWithoutDerivative("its result is a mask"), IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
        from comparison in Enum.GetValues<Comparison>()
        from example in Calls(x => new CompareScalarOp(comparison, 1).Apply(x))
        select example with
        {
            Label = $"{comparison}, {example.Label}",
            Options = new Dictionary<string, object> { ["comparison"] = comparison },
        };

    public override string Name => comparison.ToString();

    protected override Tensor Forward(Tensor[] inputs) => comparison switch
    {
        Comparison.Equal => MaskMap.Scalar(
            Name,
            inputs[0],
            s,
            Comparisons.EqualScalar,
            Comparisons.EqualScalar,
            Comparisons.EqualScalar,
            Comparisons.EqualScalar),
        Comparison.NotEqual => MaskMap.Scalar(
            Name,
            inputs[0],
            s,
            Comparisons.NotEqualScalar,
            Comparisons.NotEqualScalar,
            Comparisons.NotEqualScalar,
            Comparisons.NotEqualScalar),
        Comparison.Less => MaskMap.Scalar(
            Name,
            inputs[0],
            s,
            Comparisons.LessScalar,
            Comparisons.LessScalar,
            Comparisons.LessScalar,
            Comparisons.LessScalar),
        Comparison.LessOrEqual => MaskMap.Scalar(
            Name,
            inputs[0],
            s,
            Comparisons.LessOrEqualScalar,
            Comparisons.LessOrEqualScalar,
            Comparisons.LessOrEqualScalar,
            Comparisons.LessOrEqualScalar),
        Comparison.Greater => MaskMap.Scalar(
            Name,
            inputs[0],
            s,
            Comparisons.GreaterScalar,
            Comparisons.GreaterScalar,
            Comparisons.GreaterScalar,
            Comparisons.GreaterScalar),
        _ => MaskMap.Scalar(
            Name,
            inputs[0],
            s,
            Comparisons.GreaterOrEqualScalar,
            Comparisons.GreaterOrEqualScalar,
            Comparisons.GreaterOrEqualScalar,
            Comparisons.GreaterOrEqualScalar),
    };

    private static IEnumerable<OpExample> Calls(Func<Tensor, Tensor> call) =>
    [
        .. ElementwiseExamples.Of(call),
        new("integers", t => call(t[0]), OpInput.Index([5, 7], 3)),
        new("small integers", t => call(t[0].To(DType.Int32)), OpInput.Index([11], 3)),
        new("ties", t => call(t[0].To(DType.Float64)), OpInput.Index([11], 3)),
    ];
}
