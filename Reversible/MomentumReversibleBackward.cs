using MomentumCore.Engine;

namespace MomentumCore.Reversible;

internal abstract partial class MomentumReversible
{
    /// <summary>One backward run from the last layer to the first: the adjoints beside the state on its way back.</summary>
    private sealed class BackwardPass
    {
        private readonly MomentumReversible _owner;
        private readonly IReadOnlyList<MomentumRule> _rules;
        private readonly BackwardState _state;
        private readonly Tensor?[] _results;
        private readonly Tensor _gx;
        private readonly Tensor _g;
        private readonly Tensor[]? _gammaSums;
        private Tensor _gf;

        public BackwardPass(MomentumReversible owner, BackwardState state, Tensor?[] outputGradients)
        {
            _owner = owner;
            _rules = owner.Rules;
            _state = state;
            _results = new Tensor?[owner.FirstParameter + owner._parameters.Count];
            for (int i = owner.FirstParameter; i < _results.Length; i++)
                _results[i] = owner.SumOf(i);
            // What nobody reads after this run is overwritten; what others see is copied.
            var gx = outputGradients[0] ?? Zero();
            _gx = owner.IsFinalRun && gx.OwnsMemoryAlone ? gx : gx.Clone();
            bool learnsGammas = owner._gammaCount > 0 && owner.Needs(owner.Gammas);
            _gammaSums = learnsGammas ? new Tensor[owner._functions.Count] : null;
            var gv = outputGradients.Length > 1 ? outputGradients[1] : null;
            (_g, _gf) = _rules[^1].JoinAdjoints(_gx, gv ?? Zero());
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

            if (_gammaSums != null)
            {
                var all = Tensor.Stack(_gammaSums, 0);
                _results[_owner.Gammas] = _owner._gammaCount == 1 ? all.Sum().Reshape(1) : all;
            }

            for (int i = 0; i < _owner.FirstParameter; i++)
            {
                if (_owner.SumOf(i) is { } sum)
                    _results[i] = _results[i] is { } gradient ? sum + gradient : sum;
            }

            return _results;
        }

        private void RunLayer(int layer, TensorScope scope)
        {
            var leaf = _state.Input(layer).Detach();
            leaf.RequiresGradient = layer > 0 || _owner.Needs(0);
            var f = Differentiate(layer, leaf, scope, out var jacobianProduct);
            // Only the values from here on: what was recorded for the derivative is freed.
            var values = f.Detach();
            // It may be somebody else's: a parameter or a captured constant, returned as it is.
            if (f.Scope == scope)
                f.Dispose();
            leaf.Dispose();
            _state.OwnPosition(scope);
            // It is overwritten, so it must not be a view of something else. Adding −0 changes no bit.
            var j = jacobianProduct is { OwnsMemoryAlone: true } ? jacobianProduct
                : jacobianProduct?.Clone() ?? Tensor.Full(_gx.Shape, -0.0, _gx.DType, _gx.Device);
            if (_gammaSums != null)
                _gammaSums[layer] = scope.Keep(GammaAdjoint(layer, values));
            if (layer == 0)
            {
                Finish(values, j);
                return;
            }

            _state.UndoWithAdjoint(layer, values, _gx, _g, j);
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
                others[i] = _owner.Kept(i).Detach();
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
                [f],
                [_gf],
                targets,
                createGraph: false,
                retainGraph: false,
                allowUnused: true,
                nested: true,
                sums: [.. indices.Select(i => i < 0 ? null : _results[i])]);
            for (int i = 0; i < gradients.Length; i++)
            {
                if (indices[i] < 0)
                    jacobianProduct = gradients[i];
                else if (gradients[i] is { } sum)
                    _results[indices[i]] = scope.Keep(sum);
            }

            return f;
        }

        private Tensor EvaluateRecorded(int layer, Tensor x, Tensor[] others)
        {
            int mode = NoGrad.SetLocal(recording: true);
            try
            {
                return _owner.EvaluateAgain(layer, x, others);
            }
            finally
            {
                NoGrad.RestoreLocal(mode);
            }
        }

        private void Finish(Tensor f, Tensor j)
        {
            _state.Finish(f);
            _rules[0].FirstAdjoint(_gx, _g, j);
            if (_owner.Needs(0))
                _results[0] = _gx;
            if (_owner._hasVelocity && _owner.Needs(1))
                _results[1] = _g;
        }

        /// <summary>dL/dγ = Σ g (v − f), where γ (v − f) = v' − f is at hand (non-residual: f − x for f).</summary>
        private Tensor GammaAdjoint(int layer, Tensor f)
        {
            var rule = _rules[layer];
            // At the first layer v is known, and dividing by a small γ would be dividing what rounding left of it.
            var known = layer == 0 ? _state.FirstVelocity : null;
            var difference = (known ?? _state.Velocity) - f;
            if (!rule.IsResidual)
                difference += _state.X;
            var sum = (_g * difference).Sum();
            return known == null ? sum * (1 / rule.Gamma) : sum;
        }

        private Tensor Zero() => Tensor.Zeros([], _state.X.DType, _state.X.Device).Expand(_state.X.Shape);
    }
}
