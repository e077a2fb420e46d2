using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Tests.Models;

/// <summary>The network of the authors' tutorial, written as a user would write it: children in fields.</summary>
internal sealed class TutorialNet : Module
{
    private readonly ResBlock _first;
    private readonly Sequential _second;
    private readonly Linear _l1, _l2, _fc;

    public TutorialNet()
    {
        _first = RegisterModule("res_layer1", new ResBlock(new Sequential(
            [.. Enumerable.Range(0, 3).Select(_ => new Sequential(new Linear(2, 10), new Tanh(), new Linear(10, 2)))])));
        _l1 = RegisterModule("l1", new Linear(2, 4));
        _second = RegisterModule("layer2", new Sequential(
            [.. Enumerable.Range(0, 4).Select(_ => new Sequential(new Linear(4, 100), new Relu(), new Linear(100, 4)))]));
        _l2 = RegisterModule("l2", new Linear(4, 8));
        _fc = RegisterModule("fc", new Linear(8, 10));
    }

    public static TutorialNet FirstPart(TutorialNet net, MemoryMode memory) =>
        MomentumTransform.Apply(net, ["res_layer1.functions"], 0.9, memory, keepFirstLayer: false, isResidual: true);

    public override Module NewLike() => new TutorialNet();

    protected override Tensor Forward(Tensor x) =>
        _fc.Call(_l2.Call(_second.Call(_l1.Call(_first.Call(x)))));

    private sealed class ResBlock : Module
    {
        private readonly Sequential _functions;

        public ResBlock(Sequential functions) => _functions = RegisterModule("functions", functions);

        protected override Tensor Forward(Tensor x)
        {
            foreach (var f in _functions)
                x += f.Call(x);
            return x;
        }
    }
}
