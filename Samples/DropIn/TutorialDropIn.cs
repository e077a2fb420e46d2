using MomentumCore.Engine;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>The authors' tutorial: a network of one's own with a residual part and another that is not.</summary>
internal static class TutorialDropIn
{
    public static DropInExample Example { get; } = new(
        "tutorial",
        "a network of one's own, a residual part and another",
        "MomentumTransform.Apply(net, [\"res_layer1.functions\"], …, isResidual: true), then Apply(…, [\"layer2\"], …)",
        () => new Net(),
        () => [Tensor.Randn([64, 2])],
        (model, gamma, memory) =>
        {
            using var first = MomentumTransform.Apply(
                (Net)model, ["res_layer1.functions"], gamma, memory, keepFirstLayer: false, isResidual: true);
            // Not residual, but the sizes stay: layer(x) − x moves the velocity.
            return MomentumTransform.Apply(first, ["layer2"], gamma, memory, keepFirstLayer: false);
        });

    /// <summary>x + f(x) for each f, until they are one momentum network, which adds x itself.</summary>
    private sealed class ResBlock : Module
    {
        private readonly Sequential _functions;

        public ResBlock(Sequential functions) => _functions = RegisterModule("functions", functions);

        protected override Tensor Forward(Tensor x)
        {
            foreach (var f in _functions)
                x = f is MomentumNet ? f.Call(x) : x + f.Call(x);
            return x;
        }
    }

    private sealed class Net : Module
    {
        private readonly Module _residual, _l1, _other, _l2, _fc;

        public Net()
        {
            _residual = RegisterModule("res_layer1", new ResBlock(new Sequential(
                [.. Enumerable.Range(0, 3).Select(_ => new Sequential(new Linear(2, 10), new Tanh(), new Linear(10, 2)))])));
            _l1 = RegisterModule("l1", new Linear(2, 4));
            _other = RegisterModule("layer2", new Sequential(
                [.. Enumerable.Range(0, 4).Select(_ => new Sequential(new Linear(4, 100), new Relu(), new Linear(100, 4)))]));
            _l2 = RegisterModule("l2", new Linear(4, 8));
            _fc = RegisterModule("fc", new Linear(8, 10));
        }

        // The one line that lets a module be copied.
        public override Module NewLike() => new Net();

        protected override Tensor Forward(Tensor x) =>
            _fc.Call(_l2.Call(_other.Call(_l1.Call(_residual.Call(x)))));
    }
}
