using MomentumCore.Engine;

namespace MomentumCore.Reversible;

internal sealed partial class MomentumRecompute
{
    /// <summary>One backward run from the last layer to the first: the state on its way back, and its adjoints.</summary>
    private sealed class BackwardPass
    {
        private readonly MomentumRecompute _owner;
        private readonly MomentumRule _rule;
        private readonly Tensor?[] _results;
        private readonly Tensor _gx;
        private readonly Tensor _g;
        private readonly double _scale;
        private readonly Tensor _v;
        private Tensor _x;
        private Tensor _gf;

        public BackwardPass(MomentumRecompute owner, Tensor?[] outputGradients)
        {
            _owner = owner;
            _rule = owner._rule;
            _results = new Tensor?[owner.FirstParameter + owner._parameters.Count];
            var lastX = owner.Kept(0);
            var lastV = owner.Kept(1);
            if (owner._watchesDrift)
                _scale = Math.Max(DriftWatch.LargestMagnitude(lastX), DriftWatch.LargestMagnitude(owner.FirstX));
            // What nobody reads after this run is overwritten; a kept value that others see is copied.
            bool overwrite = owner.IsFinalRun;
            _v = overwrite && lastV.OwnsMemoryAlone ? lastV : lastV.Clone();
            _x = overwrite && lastX.OwnsMemoryAlone ? lastX : lastX.EmptyLike(lastX.Shape);
            MomentumRule.UndoPosition(lastX, _v, _x);
            if (overwrite && !ReferenceEquals(_x, lastX))
                lastX.Dispose();

            var gx = outputGradients[0] ?? Zero();
            _gx = overwrite && gx.OwnsMemoryAlone ? gx : gx.Clone();
            (_g, _gf) = _rule.JoinAdjoints(_gx, outputGradients[1] ?? Zero());
        }

        public Tensor?[] Run()
        {
            for (int layer = _owner._functions.Count - 1; layer >= 0; layer--)
            {
                var scope = TensorScope.BeginLocal();
                try
                {
                    RunLayer(layer, scope);
                }
                finally
                {
                    scope.Dispose();
                }
            }

            return _results;
        }

        private void RunLayer(int layer, TensorScope scope)
        {
            // The first layer has its true input at hand while drift is watched.
            var input = layer == 0 && _owner._watchesDrift ? _owner.FirstX : _x;
            using var leaf = input.Detach();
            leaf.RequiresGradient = layer > 0 || _owner.Needs(0);
            var f = Differentiate(layer, leaf, scope, out var jacobianProduct);
            // Only the values from here on: what was recorded for the derivative is freed.
            using var values = f.Detach();
            f.Dispose();
            leaf.Dispose();
            if (!_x.OwnsMemoryAlone)
                _x = scope.Keep(_x.Clone());
            // It is overwritten, so it must not be a view of something else.
            var j = jacobianProduct is { OwnsMemoryAlone: true } ? jacobianProduct
                : jacobianProduct?.Clone() ?? _x.ZerosLike();
            if (layer == 0)
            {
                Finish(values, j);
                return;
            }

            _rule.UndoWithAdjoint(_x, _v, values, _gx, _g, j);
            _gf = scope.Keep(j);
        }

        /// <summary>Evaluates f again, recorded, and adds up what flows to extra inputs and parameters.</summary>
        private Tensor Differentiate(int layer, Tensor leaf, TensorScope scope, out Tensor? jacobianProduct)
        {
            var targets = new List<Tensor>();
            var indices = new List<int>();
            if (leaf.RequiresGradient)
            {
                targets.Add(leaf);
                indices.Add(-1);
            }

            var others = new Tensor[_owner._otherCount];
            for (int i = 0; i < others.Length; i++)
            {
                others[i] = _owner.Kept(2 + i).Detach();
                if (!_owner.Needs(_owner.FirstOther + i))
                    continue;
                others[i].RequiresGradient = true;
                targets.Add(others[i]);
                indices.Add(_owner.FirstOther + i);
            }

            var allowed = new HashSet<Tensor>(targets);
            foreach (var parameter in _owner._functions[layer].Parameters())
            {
                allowed.Add(parameter);
                if (_owner._parameters.TryGetValue(parameter, out int index))
                {
                    targets.Add(parameter);
                    indices.Add(index);
                }
            }

            long since = LastSequence;
            var f = EvaluateRecorded(layer, leaf, others);
            jacobianProduct = null;
            if (!f.RequiresGradient)
            {
                _gf.Dispose();
                return f;
            }

            _owner.RequireNothingForeign(layer, f, since, allowed);
            var gradients = Backpropagation.Run(
                [f], [_gf], targets, createGraph: false, retainGraph: false, allowUnused: true, nested: true);
            for (int i = 0; i < gradients.Length; i++)
            {
                if (indices[i] < 0)
                    jacobianProduct = gradients[i];
                else if (gradients[i] is { } gradient)
                    Accumulate(indices[i], gradient, scope);
            }

            return f;
        }

        private Tensor EvaluateRecorded(int layer, Tensor x, Tensor[] others)
        {
            int mode = NoGrad.SetLocal(recording: true);
            // Forward has moved the running statistics already.
            using var statistics = BatchStatistics.Freeze();
            // And dropout has drawn its masks.
            using var tape = _owner._draws[layer] is { } starts ? RandomTape.Play(starts) : null;
            try
            {
                return _owner._net.Evaluate(layer, x, others);
            }
            finally
            {
                NoGrad.RestoreLocal(mode);
            }
        }

        private void Accumulate(int index, Tensor gradient, TensorScope scope)
        {
            if (_results[index] is not { } sum)
            {
                _results[index] = scope.Keep(gradient);
                return;
            }

            if (sum.OwnsMemoryAlone)
            {
                sum.AddInPlace(gradient);
            }
            else
            {
                _results[index] = scope.Keep(sum + gradient);
                sum.Dispose();
            }

            gradient.Dispose();
        }

        private void Finish(Tensor f, Tensor j)
        {
            if (_owner._watchesDrift)
                CheckDrift(f);
            _rule.FirstAdjoint(_gx, _g, j);
            if (_owner.Needs(0))
                _results[0] = _gx;
            if (_owner._hasVelocity && _owner.Needs(1))
                _results[1] = _g;
        }

        /// <summary>
        /// Compares where the way back ends with where forward began: the position, and the velocity before its last
        /// division by γ, because no gradient depends on what comes after that.
        /// </summary>
        private void CheckDrift(Tensor f)
        {
            double position = DriftWatch.LargestDifference(_x, _owner.FirstX);
            _rule.UndoVelocity(_owner.FirstX, _v, f);
            double velocity = _rule.Gamma * (_owner._hasVelocity
                ? DriftWatch.LargestDifference(_v, _owner.FirstV)
                : DriftWatch.LargestMagnitude(_v));
            double distance = Math.Max(position, velocity);
            _owner._net.ReportDrift(distance == 0 ? 0 : distance / _scale, _x.DType);
        }

        private Tensor Zero() => Tensor.Zeros([], _x.DType, _x.Device).Expand(_x.Shape);
    }

    /// <summary>The input, kept while drift is watched.</summary>
    private Tensor FirstX => Kept(2 + _otherCount);

    /// <summary>The learned initial velocity, kept while drift is watched.</summary>
    private Tensor FirstV => Kept(3 + _otherCount);
}
