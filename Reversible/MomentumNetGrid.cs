using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>The network in exact arithmetic.</summary>
public sealed partial class MomentumNet
{
    private readonly Dictionary<DType, ExactArithmetic> _arithmetics = [];
    private ExactGrid? _grid;

    /// <summary>
    /// The grid that <see cref="MemoryMode.Exact"/> computes on; null for <see cref="ExactGrid.Default"/>. Where one is set,
    /// <see cref="MemoryMode.Store"/> computes on it too and then gives the same outputs and gradients, bit for bit.
    /// <see cref="MemoryMode.Recompute"/> computes in floats always.
    /// </summary>
    public ExactGrid? Grid
    {
        get => _grid;
        set
        {
            _grid = value;
            lock (_arithmetics)
                _arithmetics.Clear();
        }
    }

    /// <summary>
    /// Whether <see cref="MemoryMode.Exact"/> takes a 64-bit hash of x before every layer in forward and compares it in
    /// backward, so that an error names the layer. Without it the state before the first layer alone is compared.
    /// <see cref="MemoryMode.Recompute"/> takes a few projections of x and has <see cref="LastDriftBounds"/> from them. A
    /// change holds from the next forward on.
    /// </summary>
    public bool Verify { get; set; }

    internal ExactArithmetic Arithmetic(DType dtype)
    {
        lock (_arithmetics)
        {
            if (!_arithmetics.TryGetValue(dtype, out var arithmetic))
            {
                var schedule = new ExactSchedule([.. Rules.Select(r => r.Gamma)], Grid ?? ExactGrid.Default, dtype);
                _arithmetics[dtype] = arithmetic = new ExactArithmetic(Rules, schedule);
            }

            return arithmetic;
        }
    }

    /// <summary>Store on the grid; each layer by <see cref="Evaluate"/> or by what takes its place.</summary>
    internal (Tensor X, Tensor? V) RunStoredOnGrid(
        Tensor x,
        Tensor? learned,
        Tensor[] others,
        bool wantsVelocity,
        Func<int, Tensor, Tensor[], Tensor>? evaluate = null)
    {
        evaluate ??= Evaluate;
        using var run = new GridRun(Arithmetic(x.DType), x, learned);
        var (position, token) = run.Begin();
        Tensor[] seen = [.. others.Select(GridRun.Same)];
        for (int layer = 0; layer < Depth; layer++)
        {
            var scope = TensorScope.BeginLocal();
            try
            {
                var f = evaluate(layer, position, seen);
                var (nextX, nextToken) = run.Next(layer, Rules[layer], position, token, f);
                // Handles only; what backward needs is kept by those who need it.
                position.Dispose();
                token.Dispose();
                (position, token) = (scope.Keep(nextX), scope.Keep(nextToken));
            }
            finally
            {
                scope.Dispose();
            }
        }

        run.RequireInRange(position);
        return (position, wantsVelocity ? run.Velocity(position, token) : null);
    }
}
