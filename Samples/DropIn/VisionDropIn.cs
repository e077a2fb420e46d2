using MomentumCore.Engine;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>
/// The authors' advanced example: a vision Transformer whose attentions and maps stand in one row, each a layer f of its
/// own, x + f(x).
/// </summary>
internal static class VisionDropIn
{
    private const int Dim = 64;

    public static DropInExample Example { get; } = new(
        "vit",
        "a vision Transformer, 6 × (attention, maps), dim 64, images 32 × 32",
        "MomentumTransform.Apply(vit, [\"transformer\"], 0.9, memory, keepFirstLayer: false, isResidual: true)",
        () => new Vit(image: 32, patch: 8, depth: 6),
        () => [Tensor.Randn([8, 3, 32, 32])],
        (model, gamma, memory) => MomentumTransform.Apply(
            (Vit)model, ["transformer"], gamma, memory, keepFirstLayer: false, isResidual: true));

    /// <summary>f(norm(x)).</summary>
    private sealed class PreNorm : Module
    {
        private readonly Module _norm, _function;

        public PreNorm(Module function)
        {
            _norm = RegisterModule("norm", new LayerNorm(Dim));
            _function = RegisterModule("fn", function);
        }

        public override Module NewLike() => new PreNorm(_function.NewLike());

        protected override Tensor Forward(Tensor x) => _function.Call(_norm.Call(x));
    }

    private sealed class Vit : Module
    {
        private readonly (int Image, int Patch, int Depth) _sizes;
        private readonly Parameter _positions;
        private readonly Module _patches, _head;
        private readonly ModuleList _layers;

        public Vit(int image, int patch, int depth)
        {
            _sizes = (image, patch, depth);
            int places = image / patch * (image / patch);
            _positions = RegisterParameter("pos_embedding", Tensor.Randn([1, places, Dim]) * 0.02);
            _patches = RegisterModule("to_patch_embedding", new Conv2d(3, Dim, patch, stride: patch));
            _layers = RegisterModule("transformer", new ModuleList(Enumerable.Range(0, depth).SelectMany(_ => new Module[]
            {
                new PreNorm(new MultiheadAttention(Dim, 4, batchFirst: true)),
                new PreNorm(new Sequential(new Linear(Dim, 2 * Dim), new Gelu(), new Linear(2 * Dim, Dim))),
            })));
            _head = RegisterModule("mlp_head", new Linear(Dim, 10));
        }

        public override Module NewLike() => new Vit(_sizes.Image, _sizes.Patch, _sizes.Depth);

        protected override Tensor Forward(Tensor x)
        {
            x = _patches.Call(x).Flatten(2).Transpose(1, 2) + _positions;
            foreach (var f in _layers)
                x = f is MomentumNet ? f.Call(x) : x + f.Call(x);
            return _head.Call(x.Mean([1]));
        }
    }
}
