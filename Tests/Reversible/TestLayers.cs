using MomentumCore.Layers;

namespace MomentumCore.Tests.Reversible;

/// <summary>Tanh of x with dropout before it: a layer that draws random numbers in training.</summary>
internal sealed class DroppedTanh(RandomSource? source = null) : Module
{
    protected override Tensor Forward(Tensor x) => (IsTraining ? x.Dropout(0.4, source) : x).Tanh();
}

/// <summary>Batch norm without weights: a layer with statistics that move in training.</summary>
internal sealed class Normed : Module
{
    private readonly Tensor _mean;
    private readonly Tensor _variance;

    public Normed(int features)
    {
        _mean = RegisterBuffer("running_mean", Tensor.Zeros([features], DType.Float64));
        _variance = RegisterBuffer("running_var", Tensor.Ones([features], DType.Float64));
    }

    protected override Tensor Forward(Tensor x) => x.BatchNorm(null, null, _mean, _variance, IsTraining).Tanh();
}

/// <summary>A layer that ignores its input: its parameter, repeated.</summary>
internal sealed class Constant : Module
{
    private readonly Parameter _value;

    public Constant(int features) => _value = RegisterParameter("value", Nets.Random([features], 3));

    protected override Tensor Forward(Tensor x) => _value.Expand(x.Shape);
}

/// <summary>x + p with a parameter of the input's shape: both have the same derivative.</summary>
internal sealed class Shift : Module
{
    private readonly Parameter _shift;

    public Shift(Tensor value) => _shift = RegisterParameter("shift", value);

    protected override Tensor Forward(Tensor x) => x + _shift;
}
