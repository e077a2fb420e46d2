using MomentumCore.Layers;

namespace MomentumCore.Tests.Layers;

/// <summary>The smallest module with a parameter, a persistent and a passing buffer: y = weight · x.</summary>
internal sealed class Scale : Module
{
    public Scale(double weight)
        : this(Tensor.Scalar(weight))
    {
    }

    public Scale(Tensor weight)
    {
        Weight = RegisterParameter("weight", weight);
        RegisterBuffer("calls", Tensor.Zeros([], DType.Int64, Weight.Device));
        RegisterBuffer("scratch", Tensor.Zeros([2], DType.Float32, Weight.Device), persistent: false);
    }

    public Parameter Weight { get; }

    protected override string ExtraRepresentation => "one weight";

    protected override Tensor Forward(Tensor x) => x * Weight;
}
