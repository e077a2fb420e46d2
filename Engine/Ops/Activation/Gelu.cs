using MomentumCore.Kernels.Library;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// y = x Φ(x), with the standard normal distribution Φ, or its approximation by tanh; elementwise.
    /// </summary>
    /// <remarks>D. Hendrycks, K. Gimpel: Gaussian Error Linear Units, 2016. Any shape, Float32 or Float64.</remarks>
    /// <param name="form">Which formula.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such formula.</exception>
    public Tensor Gelu(GeluForm form = GeluForm.Exact) => form is GeluForm.Exact or GeluForm.Tanh
        ? new GeluOp(form).Apply(this)
        : throw new ArgumentOutOfRangeException(
            nameof(form), form, $"Gelu: there is no form {(int)form}; use GeluForm.Exact or GeluForm.Tanh.");
}

/// <summary>y = gelu(x); dx = g gelu'(x). Keeps x.</summary>
internal sealed class GeluOp(GeluForm form) : Op, IOpExamples
{
    public static IEnumerable<OpExample> Examples =>
        from form in Enum.GetValues<GeluForm>()
        from example in ElementwiseExamples.Of(x => x.Gelu(form), -5, 5)
        select example with
        {
            Label = $"{example.Label}, {form}",
            Options = new Dictionary<string, object> { ["form"] = form },
        };

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0]);
        return form == GeluForm.Exact
            ? Map.Unary(Name, inputs[0], Activations.GeluExact, Activations.GeluExact)
            : Map.Unary(Name, inputs[0], Activations.GeluTanh, Activations.GeluTanh);
    }

    protected override Tensor?[] Backward(Tensor g) => [new GeluBackwardOp(form).Apply(Kept(0), g)];
}

/// <summary>dx = g gelu'(x) in one pass; d(x) = g gelu''(x) h, d(g) = gelu'(x) h. Keeps x and g.</summary>
internal sealed class GeluBackwardOp(GeluForm form) : Op, IOpExamples
{
    private static readonly double TanhScale = Math.Sqrt(2 / Math.PI);

    public static IEnumerable<OpExample> Examples =>
        from form in Enum.GetValues<GeluForm>()
        select new OpExample(
            $"matrix, {form}",
            t => new GeluBackwardOp(form).Apply(t[0], t[1]),
            OpInput.Uniform([3, 7]),
            OpInput.Uniform([3, 7]))
        {
            Options = new Dictionary<string, object> { ["form"] = form },
        };

    protected override Tensor Forward(Tensor[] inputs)
    {
        Keep(inputs[0], inputs[1]);
        return form == GeluForm.Exact
            ? Map.Binary(Name, inputs[0], inputs[1], Activations.GeluExactBackward, Activations.GeluExactBackward)
            : Map.Binary(Name, inputs[0], inputs[1], Activations.GeluTanhBackward, Activations.GeluTanhBackward);
    }

    protected override Tensor?[] Backward(Tensor h) =>
    [
        Needs(0) ? (form == GeluForm.Exact ? SecondExact(Kept(0)) : SecondTanh(Kept(0))) * Kept(1) * h : null,
        Needs(1) ? new GeluBackwardOp(form).Apply(Kept(0), h) : null,
    ];

    // φ (2 − x²) with the normal density φ.
    private static Tensor SecondExact(Tensor x)
    {
        var squared = x.Square();
        return (-0.5 * squared).Exp() * (1 / Math.Sqrt(2 * Math.PI)) * (2.0 - squared);
    }

    // With t = tanh u(x): (1 − t²) (u' + x/2 (u'' − 2 t u'²)).
    private static Tensor SecondTanh(Tensor x)
    {
        var squared = x.Square();
        var t = (TanhScale * x * (1.0 + (0.044715 * squared))).Tanh();
        var first = TanhScale * (1.0 + (0.134145 * squared));
        var second = TanhScale * 0.26829 * x;
        return (1.0 - t.Square()) * (first + (0.5 * x * (second - (2.0 * t * first.Square()))));
    }
}
