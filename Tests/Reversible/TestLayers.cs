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

/// <summary>A layer that ignores its input and returns its parameter, the very tensor.</summary>
internal sealed class Returned : Module
{
    public Returned(Shape shape) => Value = RegisterParameter("value", Nets.Random(shape, 3));

    public Parameter Value { get; }

    protected override Tensor Forward(Tensor x) => Value;
}

/// <summary>A layer of x and extra inputs that is one function.</summary>
internal sealed class LambdaOfAll(Func<Tensor, Tensor[], Tensor> function) : Module
{
    protected override Tensor Forward(Tensor x, Tensor[] others) => function(x, others);
}

/// <summary>A layer that clips its own parameter in forward.</summary>
internal sealed class Clipped : Module
{
    private readonly Parameter _scale;

    public Clipped(int features) =>
        _scale = RegisterParameter("scale", Tensor.Full([features], 2.0, DType.Float64));

    protected override Tensor Forward(Tensor x)
    {
        using (NoGrad.Begin())
            _scale.CopyFrom(_scale.Clamp(-1, 1));
        return x * _scale;
    }
}

/// <summary>Two branches, each in a task of its own.</summary>
internal sealed class Branches : Module
{
    private readonly Module _left;
    private readonly Module _right;

    public Branches(Module left, Module right)
    {
        _left = RegisterModule("left", left);
        _right = RegisterModule("right", right);
    }

    protected override Tensor Forward(Tensor x)
    {
        var left = Task.Run(() => _left.Call(x));
        var right = Task.Run(() => _right.Call(x));
        return left.GetAwaiter().GetResult() + right.GetAwaiter().GetResult();
    }
}
