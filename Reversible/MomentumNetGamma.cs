using MomentumCore.Engine;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>γ: one for all layers, one for each, or learned.</summary>
public sealed partial class MomentumNet
{
    // One, or one for each layer.
    private readonly double[] _gammas;
    private readonly MomentumRule[] _rules;
    private readonly Parameter? _logits;

    /// <summary>γ, how much of the velocity a step keeps; NaN where the layers differ. See <see cref="Gammas"/>.</summary>
    public double Gamma
    {
        get
        {
            double[] gammas = CurrentGammas();
            return gammas.Length > 0 && Array.TrueForAll(gammas, g => g == gammas[0]) ? gammas[0] : double.NaN;
        }
    }

    /// <summary>γ_0, γ_1, …: how much of the velocity each layer keeps.</summary>
    public IReadOnlyList<double> Gammas => [.. Rules.Select(r => r.Gamma)];

    /// <summary>Whether γ is trained, see <see cref="WithLearnedGamma"/>.</summary>
    public bool HasLearnedGamma => _logits != null;

    internal IReadOnlyList<MomentumRule> Rules => HasLearnedGamma ? RulesOf(CurrentGammas()) : _rules;

    private string GammaText
    {
        get
        {
            if (_logits?.IsDisposed == true)
                return "freed (learned)";
            double[] gammas = CurrentGammas();
            string text = double.IsNaN(Gamma) && gammas.Length > 0
                ? $"{Settings.Text(gammas.Min())} to {Settings.Text(gammas.Max())}"
                : Settings.Text(Gamma);
            return HasLearnedGamma ? $"{text} (learned)" : text;
        }
    }

    /// <summary>A network that learns how much of the velocity to keep: γ = 1 / (1 + e^(−θ)) with a trained θ.</summary>
    /// <param name="functions">f_0, f_1, ….</param>
    /// <param name="initialGammas">
    /// γ before training, in (0, 1): one that all layers share, or one for each. The parameter is <c>gamma_logits</c>.
    /// </param>
    /// <param name="memory">What to keep for backward: <see cref="MemoryMode.Store"/> or Recompute.</param>
    /// <param name="initialVelocity">v_0 as a function of x_0, trained too; null starts from zero.</param>
    /// <param name="isResidual">False to use f_t(x_t) − x_t in place of f_t(x_t).</param>
    /// <remarks>
    /// dL/dγ_t = Σ (dL/dx' + dL/dv') (v − f) over the elements (non-residual: v − f + x), and dγ/dθ = γ (1 − γ).
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// There is neither one γ nor one for each layer, one is not inside (0, 1), or the mode is Exact.
    /// </exception>
    public static MomentumNet WithLearnedGamma(
        IReadOnlyList<Module> functions,
        IReadOnlyList<double> initialGammas,
        MemoryMode memory = MemoryMode.Store,
        Module? initialVelocity = null,
        bool isResidual = true)
    {
        ArgumentNullException.ThrowIfNull(initialGammas);
        foreach (double gamma in initialGammas)
        {
            if (!(gamma is > 0 and < 1))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(initialGammas), $"MomentumNet: a learned gamma begins inside (0, 1); got {gamma}.");
            }
        }

        double[] gammas = initialGammas.Count == 1 ? [initialGammas[0]] : PerLayer(functions, initialGammas);
        return new MomentumNet(functions, gammas, learned: true, memory, initialVelocity, isResidual);
    }

    private static double[] PerLayer(IReadOnlyList<Module> functions, IReadOnlyList<double> gammas)
    {
        ArgumentNullException.ThrowIfNull(functions);
        ArgumentNullException.ThrowIfNull(gammas);
        return gammas.Count == functions.Count
            ? [.. gammas]
            : throw new ArgumentException(
                $"MomentumNet: there are {gammas.Count} gammas for {functions.Count} layers; give one for each.",
                nameof(gammas));
    }

    private static Tensor LogitsOf(double[] gammas) =>
        Tensor.From<float>([.. gammas.Select(g => (float)Math.Log(g / (1 - g)))], [gammas.Length]);

    private MomentumRule[] RulesOf(double[] gammas)
    {
        MomentumRule[] rules = [.. gammas.Select(g => new MomentumRule(g, IsResidual))];
        return gammas.Length == 1 ? [.. Enumerable.Repeat(rules[0], Depth)] : rules;
    }

    private double[] CurrentGammas()
    {
        if (_logits == null)
            return _gammas;
        using var scope = TensorScope.Begin();
        using var noGrad = NoGrad.Begin();
        return _logits.Sigmoid().To(DType.Float64).ToArray<double>();
    }

    private (Tensor X, Tensor? V) RunLearned(Tensor x, Tensor? learned, Tensor[] others)
    {
        if (Grid != null)
        {
            throw new InvalidOperationException(
                "MomentumNet: a learned gamma cannot be used on a grid, whose scales are fixed; set Grid = null.");
        }

        if (_logits!.DType != x.DType)
        {
            throw new DTypeException(
                $"MomentumNet: the learned gamma holds {_logits.DType} and the input {x.DType}; convert the network with " +
                $"To(DType.{x.DType}).");
        }

        var gammas = _logits.Sigmoid();
        if (NoGrad.IsRecording)
            WatchLearned(gammas);
        return Memory == MemoryMode.Store && NoGrad.IsRecording
            ? RunStoredLearned(gammas, x, learned, others)
            : MomentumRecompute.Run(this, x, learned, others, gammas);
    }

    /// <summary>Looks for a γ that cannot be trained or inverted, where the host next reads from a device with a queue.</summary>
    private void WatchLearned(Tensor gammas)
    {
        var held = TensorScope.TakeOut(gammas.Detach());
        bool isTrained = gammas.RequiresGradient, isInverted = Memory != MemoryMode.Store;
        held.WhenRead(() =>
        {
            using (held)
            {
                double[] values = held.DType == DType.Float32
                    ? [.. held.ToArray<float>().Select(g => (double)g)]
                    : held.ToArray<double>();
                for (int i = 0; i < values.Length; i++)
                {
                    if (double.IsNaN(values[i]) || (isTrained && values[i] is 0 or 1) || (isInverted && values[i] == 0))
                        throw Stuck(i, values[i], isTrained, held.DType);
                }
            }
        });
    }

    private InvalidOperationException Stuck(int index, double gamma, bool isTrained, DType dtype)
    {
        string which = _gammas.Length == 1 ? "the learned gamma" : $"the learned gamma of layer {index}";
        if (double.IsNaN(gamma))
        {
            return new InvalidOperationException(
                $"MomentumNet: {which} is not a number, because gamma_logits[{index}] is not; load weights that are numbers, " +
                "and train with a smaller learning rate or with clipped gradients.");
        }

        string problem = isTrained
            ? "where its derivative, gamma (1 - gamma), is 0 and no step can move it"
            : "and a step that forgets the velocity cannot be inverted";
        string range = dtype == DType.Float32 ? "-80 to 16" : "-700 to 36";
        return new InvalidOperationException(
            $"MomentumNet: {which} was wanted inside (0, 1), and in {dtype} gamma_logits[{index}] makes it {gamma}, {problem}. " +
            $"Hold gamma_logits within {range}, as with CopyFrom(Clamp(…)) under NoGrad after each step of the optimizer, with a " +
            "smaller learning rate or with weight decay" +
            (gamma == 0 ? "." : "; or freeze it: RequiresGradient = false."));
    }

    private (Tensor X, Tensor V) RunStoredLearned(Tensor gammas, Tensor x, Tensor? learned, Tensor[] others)
    {
        var v = learned ?? x.ZerosLike();
        for (int layer = 0; layer < Depth; layer++)
        {
            var f = Evaluate(layer, x, others);
            var target = IsResidual ? f : f - x;
            // γ v + (1 − γ) f, with γ met once.
            v = target + ((v - target) * gammas.Select(0, gammas.Count == 1 ? 0 : layer));
            x += v;
        }

        return (x, v);
    }
}
