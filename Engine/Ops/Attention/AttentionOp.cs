using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Engine;

/// <summary>
/// Attention without its matrix of weights: y = P·v, P = softmax(scale · q·kᵀ + mask), made for a few heads or
/// queries at a time. dv = Pᵀ·g, dS = P (g·vᵀ − Σ P (g·vᵀ)), dq = scale · dS·k, dk = scale · dSᵀ·q. Keeps q, k, v and
/// the mask; backward makes P again (Rabe, Staats 2021; Dao et al. 2022).
/// </summary>
/// <remarks>How it is cut depends on sizes alone, and every sum has one order: the same bits on any number of
/// threads.</remarks>
internal sealed class AttentionOp(double scale, bool isCausal, Tensor? mask, int weightsAtOnce = 64 * 1024)
    : Op, IOpExamples
{
    private readonly bool _isMasked = mask != null;
    private Shape _batch;

    public static IEnumerable<OpExample> Examples =>
    [
        Example("one head", false, null, [3, 2], [5, 2], [5, 7]),
        Example("heads", false, null, [2, 3, 4, 2], [2, 3, 5, 2], [2, 3, 5, 3]),
        Example("shared keys", false, null, [3, 4, 2], [1, 5, 2], [5, 2]),
        Example("shared queries", false, null, [4, 2], [3, 5, 2], [3, 5, 2]),
        Example("causal", true, null, [2, 5, 3], [2, 5, 3], [2, 5, 2]),
        Example("causal, more keys", true, null, [3, 2], [7, 2], [7, 2]),
        Example("causal, more queries", true, null, [7, 2], [3, 2], [3, 2]),
        Example("hidden keys", false, [2, 1, 1, 5], [2, 3, 4, 2], [2, 3, 5, 2], [2, 3, 5, 2]),
        Example("hidden for each query, causal", true, [5, 5], [2, 5, 2], [2, 5, 2], [2, 5, 2]),
        Example("blocks of queries", false, null, [2, 35, 2], [2, 3, 2], [2, 3, 2]),
        Example("blocks of queries, causal", true, [35, 35], [35, 2], [35, 2], [35, 1]),
        Example("no queries", false, null, [2, 0, 3], [2, 4, 3], [2, 4, 2]),
        Example("no heads", false, null, [0, 2, 3], [0, 4, 3], [0, 4, 2]),
        Example("no keys", false, null, [2, 3], [0, 3], [0, 2]),
    ];

    protected override Tensor Forward(Tensor[] inputs)
    {
        var (q, k, v) = (inputs[0], inputs[1], inputs[2]);
        Map.RequireSame(Name, q, k);
        Map.RequireSame(Name, q, v);
        _batch = Shape.Broadcast(Shape.Broadcast(q.Shape[..^2], k.Shape[..^2], Name), v.Shape[..^2], Name);
        Keep(q, k, v);
        if (mask != null)
            Keep(mask);
        var (q3, k3, v3) = (Flat(q), Flat(k), Flat(v));
        var y = q.EmptyLike([.. _batch, q.Shape[-2], v.Shape[-1]]);
        var y3 = Flat(y);
        using var wideMask = WideMask(mask, q, k);
        var tiling = Tiling(q3, k3, wideMask);
        Run(q.Device, tiling.Heads * tiling.Queries, tile =>
        {
            var part = tiling.Part(tile / tiling.Queries, tile % tiling.Queries);
            var weights = Weights(part, part.Queries(q3), part.Keys(k3), wideMask);
            Tensor.CopyElements(weights.MatMul(part.Keys(v3)), part.Queries(y3));
        });
        return y;
    }

    protected override Tensor?[] Backward(Tensor g)
    {
        var (q, k, v) = (Kept(0), Kept(1), Kept(2));
        if (IsCreatingGraph)
            return Composed(q, k, v, g);
        var (q3, k3, v3, g3) = (Flat(q), Flat(k), Flat(v), Flat(g));
        var (dq, dk, dv) = (Zeros(q3), Zeros(k3), Zeros(v3));
        using var wideMask = WideMask(KeptMask, q, k);
        var tiling = Tiling(q3, k3, wideMask);
        // Heads side by side; the queries of a head one block after the other, for they add to the same dk and dv.
        Run(q.Device, tiling.Heads, heads =>
        {
            for (int block = 0; block < tiling.Queries; block++)
            {
                using var scope = TensorScope.BeginLocal();
                var part = tiling.Part(heads, block);
                var (qt, kt, gt) = (part.Queries(q3), part.Keys(k3), part.Queries(g3));
                var weights = Weights(part, qt, kt, wideMask);
                var slope = SoftmaxOp.Slope(weights, new MatMulOp(false, true).Apply(gt, part.Keys(v3)), -1, scale);
                Tensor.CopyElements(slope.MatMul(kt), part.Queries(dq));
                part.Keys(dk).AddInPlace(new MatMulOp(true, false).Apply(slope, qt));
                part.Keys(dv).AddInPlace(new MatMulOp(true, false).Apply(weights, gt));
            }
        });
        return [Folded(dq, q), Folded(dk, k), Folded(dv, v)];
    }

    /// <summary>
    /// The mask may be gone by the time of backward, as only inputs are sure to live: it is kept too.
    /// </summary>
    private Tensor? KeptMask => _isMasked ? Kept(3) : null;

    private Tensor?[] Composed(Tensor q, Tensor k, Tensor v, Tensor g)
    {
        var weights = AttentionWeightsOp.Of(new MatMulOp(false, true).Apply(q, k), KeptMask, isCausal ? 1 : 0, scale);
        var upstream = new MatMulOp(false, true).Apply(g, v);
        var slope = scale * weights * (upstream - (weights * upstream).Sum([-1], keepAxes: true));
        return
        [
            slope.MatMul(k).SumTo(q.Shape),
            new MatMulOp(true, false).Apply(slope, q).SumTo(k.Shape),
            new MatMulOp(true, false).Apply(weights, g).SumTo(v.Shape),
        ];
    }

    private Tensor Weights(AttentionTiling.Tile part, Tensor q, Tensor k, Tensor? wideMask)
    {
        var scores = new MatMulOp(false, true).Apply(q, k);
        var hidden = wideMask == null ? null : part.Mask(wideMask);
        return AttentionWeightsOp.Of(scores, hidden, isCausal ? part.FirstQuery + 1 : 0, scale);
    }

    private AttentionTiling Tiling(Tensor q3, Tensor k3, Tensor? wideMask)
    {
        int headsAlike = 1;
        for (int axis = _batch.Rank - 1; axis >= 0 && (wideMask == null || wideMask.StrideArray[axis] == 0); axis--)
            headsAlike *= _batch[axis];
        return new AttentionTiling(q3.Shape[0], q3.Shape[1], k3.Shape[1], isCausal, headsAlike, weightsAtOnce);
    }

    /// <summary>The mask as [batch…, queries, keys], repeated without a copy.</summary>
    private Tensor? WideMask(Tensor? mask, Tensor q, Tensor k)
    {
        if (mask == null)
            return null;
        if (!mask.DType.IsInteger())
            Map.RequireSame(Name, q, mask);
        var integers = mask.DType == DType.Int64 ? mask.To(DType.Int32) : mask;
        return integers.BroadcastAlias([.. _batch, q.Shape[-2], k.Shape[-2]], Name);
    }

    /// <summary>x as [heads, rows, columns], all batch axes together, gapless.</summary>
    private Tensor Flat(Tensor x)
    {
        Shape wide = [.. _batch, x.Shape[-2], x.Shape[-1]];
        return x.BroadcastAlias(wide, Name).Contiguous().Reshape(_batch.ElementCount, x.Shape[-2], x.Shape[-1]);
    }

    private Tensor Folded(Tensor gradient, Tensor x) =>
        gradient.Reshape([.. _batch, x.Shape[-2], x.Shape[-1]]).SumTo(x.Shape);

    private static Tensor Zeros(Tensor x) => Tensor.Zeros(x.Shape, x.DType, x.Device);

    private static void Run(Device device, int tiles, Action<int> work)
    {
        void InScope(int tile)
        {
            using var scope = TensorScope.BeginLocal();
            work(tile);
        }

        // A single tile leaves the threads to the matrix products inside it.
        if (tiles > 1 && device is CpuDevice cpu)
        {
            cpu.RunTiles(tiles, InScope);
            return;
        }

        for (int tile = 0; tile < tiles; tile++)
            InScope(tile);
    }

    private static OpExample Example(string label, bool isCausal, int[]? mask, Shape q, Shape k, Shape v)
    {
        // Tiles of 4 weights: several for each head, and heads that share one.
        OpInput[] inputs = [OpInput.Uniform(q), OpInput.Uniform(k), OpInput.Uniform(v)];
        return new OpExample(
            label,
            t => new AttentionOp(0.7, isCausal, t.ElementAtOrDefault(3), weightsAtOnce: 4).Apply(t[0], t[1], t[2]),
            mask == null ? inputs : [.. inputs, OpInput.Index(mask, 2)])
        {
            Options = new Dictionary<string, object> { ["scale"] = 0.7, ["isCausal"] = isCausal },
        };
    }
}
