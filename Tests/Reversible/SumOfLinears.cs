using MomentumCore.Layers;

namespace MomentumCore.Tests.Reversible;

/// <summary>f(x, others…) = Σ layer_k(input k): a layer that takes extra inputs.</summary>
internal sealed class SumOfLinears : Module
{
    private readonly Linear[] _layers;

    public SumOfLinears(int[] sizes, bool bias = true, DType dtype = DType.Float64)
    {
        _layers =
            [.. sizes.Select((size, i) => RegisterModule($"layer{i + 1}", new Linear(size, sizes[0], bias, dtype)))];
        Nets.Randomize(this, sizes.Sum());
    }

    protected override Tensor Forward(Tensor x, Tensor[] others)
    {
        var y = _layers[0].Call(x);
        for (int i = 0; i < others.Length; i++)
            y += _layers[i + 1].Call(others[i]);
        return y;
    }
}
