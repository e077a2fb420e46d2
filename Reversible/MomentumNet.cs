using System.Globalization;
using MomentumCore.Engine;
using MomentumCore.Layers;

namespace MomentumCore.Reversible;

/// <summary>
/// A momentum residual network, v_{t+1} = γ v_t + (1 − γ) f_t(x_t), x_{t+1} = x_t + v_{t+1}: a stack of layers whose
/// steps can be run backwards, so that training need not store activations.
/// </summary>
/// <remarks>
/// <para>Every f_t keeps the shape of x; it may take further inputs, which are passed to all of them. With γ = 0 this is
/// the plain residual network x + f(x). In the non-residual form f_t(x_t) − x_t stands in place of f_t(x_t).</para>
/// <para>The layers are named <c>network.0</c>, <c>network.1</c> … and the initial velocity <c>network.init</c>, as in the
/// authors' PyTorch package, so that its weights load as they are.</para>
/// <para>Recompute evaluates every f a second time in backward, with the same weights, extra inputs and training mode as
/// in forward; hooks on the layers run again with it.</para>
/// <para>Sander, Ablin, Blondel, Peyré, <i>Momentum Residual Neural Networks</i>, ICML 2021.</para>
/// <code>
/// var f = new Sequential(new Linear(500, 8), new Tanh(), new Linear(8, 500));
/// var net = MomentumNet.Repeat(f, times: 10, gamma: 0.9, MemoryMode.Recompute);
/// </code>
/// </remarks>
public sealed partial class MomentumNet : Module
{
    private readonly Module[] _functions;
    private MemoryMode _memory;

    /// <summary>A network of these layers.</summary>
    /// <param name="functions">f_0, f_1, …; the same module may stand there several times, sharing its weights.</param>
    /// <param name="gamma">
    /// γ in [0, 1], how much of the velocity is kept; above 0 for <see cref="MemoryMode.Recompute"/>.
    /// </param>
    /// <param name="memory">What to keep for backward. It can be changed later: <see cref="Memory"/>.</param>
    /// <param name="initialVelocity">v_0 as a function of x_0, trained too; null starts from zero.</param>
    /// <param name="isResidual">False to use f_t(x_t) − x_t in place of f_t(x_t).</param>
    /// <exception cref="ArgumentException">γ is outside [0, 1], or 0 with <see cref="MemoryMode.Recompute"/>.</exception>
    public MomentumNet(
        IReadOnlyList<Module> functions,
        double gamma,
        MemoryMode memory = MemoryMode.Store,
        Module? initialVelocity = null,
        bool isResidual = true)
        : this(functions, [gamma], learned: false, memory, initialVelocity, isResidual)
    {
    }

    /// <summary>A network whose layers each keep a share of the velocity of their own.</summary>
    /// <param name="functions">f_0, f_1, ….</param>
    /// <param name="gammas">γ_0, γ_1, … in [0, 1], one for each layer.</param>
    /// <param name="memory">What to keep for backward.</param>
    /// <param name="initialVelocity">v_0 as a function of x_0, trained too; null starts from zero.</param>
    /// <param name="isResidual">False to use f_t(x_t) − x_t in place of f_t(x_t).</param>
    /// <exception cref="ArgumentException">There is not one γ for each layer, or one is out of range.</exception>
    public MomentumNet(
        IReadOnlyList<Module> functions,
        IReadOnlyList<double> gammas,
        MemoryMode memory = MemoryMode.Store,
        Module? initialVelocity = null,
        bool isResidual = true)
        : this(functions, PerLayer(functions, gammas), learned: false, memory, initialVelocity, isResidual)
    {
    }

    private MomentumNet(
        IReadOnlyList<Module> functions,
        double[] gammas,
        bool learned,
        MemoryMode memory,
        Module? initialVelocity,
        bool isResidual)
    {
        ArgumentNullException.ThrowIfNull(functions);
        foreach (double gamma in gammas)
        {
            // Written so that NaN is refused too.
            if (!(gamma is >= 0 and <= 1))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(gamma),
                    $"MomentumNet: gamma, the share of the velocity that a step keeps, must lie in [0, 1]; got {gamma}.");
            }
        }

        _functions = [.. functions];
        IsResidual = isResidual;
        _gammas = gammas;
        _rules = RulesOf(gammas);
        InitialVelocity = initialVelocity;
        if (learned)
            _logits = RegisterParameter("gamma_logits", LogitsOf(gammas));
        Memory = memory;
        RegisterModule("network", new Network(_functions, initialVelocity));
    }

    /// <summary>f_0, f_1, ….</summary>
    public IReadOnlyList<Module> Functions => _functions;

    /// <summary>The number of layers.</summary>
    public int Depth => _functions.Length;

    /// <summary>Whether the layers add f(x); otherwise f(x) − x.</summary>
    public bool IsResidual { get; }

    /// <summary>v_0 as a function of x_0, or null for zero.</summary>
    public Module? InitialVelocity { get; }

    /// <summary>What is kept for backward. A change holds from the next forward on.</summary>
    /// <exception cref="ArgumentException">γ is 0, which cannot be inverted, and the mode is to recompute.</exception>
    public MemoryMode Memory
    {
        get => _memory;
        set
        {
            if (!Enum.IsDefined(value))
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value), $"MomentumNet: there is no memory mode {(int)value}.");
            }

            if (value == MemoryMode.Exact && HasLearnedGamma)
            {
                throw new ArgumentException(
                    "MomentumNet: a learned gamma has no exact reversal, because its scales would move with every step; " +
                    "use MemoryMode.Store or MemoryMode.Recompute.",
                    nameof(value));
            }

            if (value != MemoryMode.Store && !HasLearnedGamma && _gammas.Contains(0))
            {
                throw new ArgumentException(
                    "MomentumNet: with gamma = 0 a step forgets the velocity and cannot be inverted; use " +
                    "MemoryMode.Store, or a gamma above 0.",
                    nameof(value));
            }

            _memory = value;
        }
    }

    /// <inheritdoc/>
    protected override string ExtraRepresentation =>
        $"gamma: {GammaText}, memory: {Memory}, isResidual: {Settings.Text(IsResidual)}";

    /// <summary>A network of one layer, with one set of weights, repeated.</summary>
    /// <param name="function">f, the same at every depth.</param>
    /// <param name="times">The number of layers.</param>
    /// <param name="gamma">γ in [0, 1].</param>
    /// <param name="memory">What to keep for backward.</param>
    /// <param name="initialVelocity">v_0 as a function of x_0; null starts from zero.</param>
    /// <param name="isResidual">False to use f(x) − x in place of f(x).</param>
    public static MomentumNet Repeat(
        Module function,
        int times,
        double gamma,
        MemoryMode memory = MemoryMode.Store,
        Module? initialVelocity = null,
        bool isResidual = true)
    {
        ArgumentNullException.ThrowIfNull(function);
        ArgumentOutOfRangeException.ThrowIfNegative(times);
        return new MomentumNet([.. Enumerable.Repeat(function, times)], gamma, memory, initialVelocity, isResidual);
    }

    /// <summary>As <see cref="Module.Call"/>, with the velocity after the last layer besides.</summary>
    /// <param name="x">x_0.</param>
    /// <param name="others">What every f gets besides x.</param>
    /// <returns>x_T and v_T, which <see cref="Inverse(Tensor, Tensor, Tensor[])"/> takes back. Gradients flow from both.</returns>
    /// <remarks>Hooks on this module do not run; those on its layers do.</remarks>
    public (Tensor X, Tensor V) ForwardWithVelocity(Tensor x, params Tensor[] others)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(others);
        RunsWithoutHooks?.Invoke();
        var scope = TensorScope.BeginLocal();
        try
        {
            var (last, velocity) = Run(x, others, wantsVelocity: true);
            return (scope.Keep(last), scope.Keep(velocity!));
        }
        finally
        {
            scope.Dispose();
        }
    }

    /// <summary>Told when <see cref="ForwardWithVelocity"/> runs, for those who watch through hooks.</summary>
    internal Action? RunsWithoutHooks { get; set; }

    /// <inheritdoc/>
    protected override Tensor Forward(Tensor x, Tensor[] others) => Run(x, others, wantsVelocity: false).X;

    internal Tensor Evaluate(int layer, Tensor x, Tensor[] others)
    {
        // Tasks of the layer are recorded, or not, as the layer is.
        using var flowing = NoGrad.LetFlow();
        var f = NoGrad.IsRecording ? CallApart(layer, x, others) : _functions[layer].Call(x, others);
        MomentumRule.RequireLike(x, f, NameOf(layer));
        return f;
    }

    /// <summary>
    /// f of tensors of its own: what flows back through the layer is added up before it meets the rest, and hooks that the
    /// layer puts on what it is given see that alone, in every mode.
    /// </summary>
    private Tensor CallApart(int layer, Tensor x, Tensor[] others)
    {
        Tensor[] given = [x, .. others];
        for (int i = 0; i < given.Length; i++)
        {
            if (given[i] is { RequiresGradient: true } input)
                given[i] = GridRun.Same(input);
        }

        var f = _functions[layer].Call(given[0], given[1..]);
        for (int i = 0; i < given.Length; i++)
        {
            // Handles only; what backward needs is kept by those who need it.
            if (!ReferenceEquals(given[i], f) && !ReferenceEquals(given[i], i == 0 ? x : others[i - 1]))
                given[i].Dispose();
        }

        return f;
    }

    private string NameOf(int layer) => _labels == null
        ? $"layer {layer} ({_functions[layer].Name})"
        : $"layer {layer}, '{_labels[layer]}' ({_functions[layer].Name}) of the transformed model,";

    private (Tensor X, Tensor? V) Run(Tensor x, Tensor[] others, bool wantsVelocity)
    {
        try
        {
            return RunLayers(x, others, wantsVelocity);
        }
        catch (ObjectDisposedException problem) when (FreedPart is { } freed)
        {
            throw Freed(freed, problem);
        }
    }

    private (Tensor X, Tensor? V) RunLayers(Tensor x, Tensor[] others, bool wantsVelocity)
    {
        Watch?.NetRuns();
        var v = InitialVelocity?.Call(x);
        if (v != null)
            MomentumRule.RequireLike(x, v, "the initial velocity");
        if (Depth == 0)
            return (x, v ?? x.ZerosLike());
        bool records = NoGrad.IsRecording;
        if (HasLearnedGamma)
            return RunLearned(x, v, others);
        // When nothing is recorded the modes of one arithmetic do the same, without a thing to keep.
        if (Memory == MemoryMode.Exact || (Memory == MemoryMode.Store && Grid != null))
        {
            return Memory == MemoryMode.Store && records
                ? RunStoredOnGrid(x, v, others, wantsVelocity)
                : MomentumExact.Run(this, x, v, others, wantsVelocity);
        }

        return Memory == MemoryMode.Store && records
            ? RunStored(x, v, others)
            : MomentumRecompute.Run(this, x, v, others);
    }

    private (Tensor X, Tensor V) RunStored(Tensor x, Tensor? learned, Tensor[] others)
    {
        var v = learned ?? x.ZerosLike();
        for (int layer = 0; layer < Depth; layer++)
        {
            var scope = TensorScope.BeginLocal();
            try
            {
                var next = new MomentumStep(_rules[layer]).Run(x, v, Evaluate(layer, x, others));
                // Handles only; what backward needs is kept by those who need it.
                if (layer > 0)
                    x.Dispose();
                if (layer > 0 || learned == null)
                    v.Dispose();

                (x, v) = (scope.Keep(next[0]), scope.Keep(next[1]));
            }
            finally
            {
                scope.Dispose();
            }
        }

        return (x, v);
    }

    /// <summary>Carries the layers under the names that the authors' package gives them.</summary>
    private sealed class Network : Module
    {
        private readonly Module[] _functions;
        private readonly Module? _initialVelocity;

        public Network(Module[] functions, Module? initialVelocity)
        {
            _functions = functions;
            _initialVelocity = initialVelocity;
            for (int layer = 0; layer < functions.Length; layer++)
                RegisterModule(layer.ToString(CultureInfo.InvariantCulture), functions[layer]);
            if (initialVelocity != null)
                RegisterModule("init", initialVelocity);
        }

        private protected override IEnumerable<(string Label, string Text)> PrintedChildren() =>
            _initialVelocity == null
                ? Shortened(_functions)
                : Shortened(_functions).Append(("init", _initialVelocity.ToString()));
    }
}
