using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>Exact reversal by hand: forward to a state that can be kept, and back from it.</summary>
public sealed partial class MomentumNet
{
    /// <summary>Runs the layers in exact arithmetic and gives all that is needed to come back. It is not recorded.</summary>
    /// <param name="x">x_0; it is rounded to the grid.</param>
    /// <param name="others">What every f gets besides x.</param>
    /// <returns>The state after the last layer, for <see cref="Inverse(ExactState, Tensor[])"/>. Dispose it.</returns>
    /// <exception cref="InvalidOperationException">γ is 0 or learned, or a layer draws random numbers.</exception>
    /// <exception cref="GridRangeException">A value left the range of the grid.</exception>
    public ExactState ForwardExact(Tensor x, params Tensor[] others)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(others);
        RequireExact();
        int mode = NoGrad.SetLocal(recording: false);
        var scope = TensorScope.BeginLocal();
        var side = new SideStore((Grid ?? ExactGrid.Default).SideStoreOnHost);
        bool isDone = false;
        try
        {
            var arithmetic = Arithmetic(x.DType);
            var (position, w) = arithmetic.Begin(x, InitialVelocity?.Call(x));
            long firstHash = ExactState.HashOf(position, w);
            for (int layer = 0; layer < Depth; layer++)
                position = StepExact(arithmetic, layer, position, w, others, side);

            arithmetic.RequireInRange(position, w);
            isDone = true;
            return new ExactState(
                position, w, side, Gammas, IsResidual, arithmetic.Schedule.FractionBits, firstHash);
        }
        catch (ObjectDisposedException problem) when (FreedPart is { } freed)
        {
            throw Freed(freed, problem);
        }
        finally
        {
            if (!isDone)
                side.Dispose();
            scope.Dispose();
            NoGrad.RestoreLocal(mode);
        }
    }

    /// <summary>Runs the layers backwards, bit for bit. It is not recorded, and the state stays as it is.</summary>
    /// <param name="state">The state after the last layer.</param>
    /// <param name="others">The extra inputs that forward was given.</param>
    /// <returns>x_0 as it was after rounding to the grid, and v_0.</returns>
    /// <exception cref="ArgumentException">The state is not one of a network like this.</exception>
    /// <exception cref="InvalidOperationException">A layer draws random numbers.</exception>
    /// <exception cref="ReversalException">
    /// It did not come back to where forward began: weights or extra inputs are others, or the state is damaged.
    /// </exception>
    public (Tensor X, Tensor V) Inverse(ExactState state, params Tensor[] others)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(others);
        RequireExact();
        var arithmetic = Arithmetic(state.X.DType);
        state.RequireFits(this, arithmetic.Schedule);
        int mode = NoGrad.SetLocal(recording: false);
        using var statistics = BatchStatistics.Freeze();
        using var buffers = BufferGuard.Of(BufferGuard.Movable(this));
        var scope = TensorScope.BeginLocal();
        try
        {
            Tensor x = state.X.Clone(), w = state.W.Clone();
            var reader = state.Side.Read(consume: false);
            if (Depth > 0)
                arithmetic.UndoLastPosition(x, w, x, reader);
            for (int layer = Depth - 1; layer >= 0; layer--)
            {
                var inner = TensorScope.BeginLocal();
                try
                {
                    // A copy, because f may be a view of x, which is overwritten.
                    var f = EvaluateFixed(layer, x.Detach(), others, nameof(Inverse)).Clone();
                    if (layer == 0)
                        arithmetic.UndoFirstVelocity(x, w, f);
                    else
                        arithmetic.Undo(layer, x, w, f, reader);
                }
                finally
                {
                    inner.Dispose();
                }
            }

            state.RequireFirst(x, w);
            return (scope.Keep(x), scope.Keep(arithmetic.FirstVelocity(x, w)));
        }
        catch (ObjectDisposedException problem) when (FreedPart is { } freed)
        {
            throw Freed(freed, problem);
        }
        finally
        {
            scope.Dispose();
            NoGrad.RestoreLocal(mode);
        }
    }

    /// <summary>One layer forward. The position is freed or overwritten, and what the layer made is freed.</summary>
    private Tensor StepExact(
        ExactArithmetic arithmetic, int layer, Tensor position, Tensor w, Tensor[] others, SideStore side)
    {
        var scope = TensorScope.BeginLocal();
        try
        {
            var f = EvaluateFixed(layer, position, others, nameof(ForwardExact));
            var next = arithmetic.Step(layer, position, w, f, overwriteX: true, side);
            if (!ReferenceEquals(position, next))
                position.Dispose();
            return scope.Keep(next);
        }
        finally
        {
            scope.Dispose();
        }
    }

    private void RequireExact()
    {
        if (HasLearnedGamma || _gammas.Contains(0))
        {
            throw new InvalidOperationException(
                "MomentumNet: exact reversal needs a fixed gamma above 0 in every layer; with 0 a step forgets the velocity.");
        }
    }

    /// <summary>f where the random numbers of another evaluation could not be known.</summary>
    private Tensor EvaluateFixed(int layer, Tensor x, Tensor[] others, string operation)
    {
        using var tape = RandomTape.Record();
        var f = Evaluate(layer, x, others);
        if (tape.Starts != null)
        {
            throw new InvalidOperationException(
                $"MomentumNet: layer {layer} ({Functions[layer].Name}) draws random numbers, and {operation} cannot " +
                "know which ones the other direction drew; call Eval() before forward and Inverse.");
        }

        return f;
    }
}
