using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// The two linear maps of a Transformer's layer, linear2(dropout(activation(linear1(x)))), registered with the layer
/// itself, as PyTorch does.
/// </summary>
internal sealed class FeedForward
{
    private readonly Linear _first, _second;
    private readonly Dropout _dropout;
    private readonly TransformerActivation _activation;

    public FeedForward(TransformerOptions options, Module layer)
    {
        _activation = options.Activation;
        _first = layer.RegisterModule("linear1", new Linear(options.Dim, options.FeedForward));
        _dropout = layer.RegisterModule("dropout", new Dropout(options.Dropout));
        _second = layer.RegisterModule("linear2", new Linear(options.FeedForward, options.Dim));
    }

    public Tensor Compute(Tensor x)
    {
        var hidden = _first.Call(x);
        hidden = _activation == TransformerActivation.Relu ? hidden.Relu() : hidden.Gelu();
        return _second.Call(_dropout.Call(hidden));
    }
}
