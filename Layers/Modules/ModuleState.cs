using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>A module's state as tensors by name, and back.</summary>
public abstract partial class Module
{
    private const string ExtraStateName = "_extra_state";

    /// <summary>
    /// All parameters, persistent buffers and extra states by path. The tensors are views of the module's own memory:
    /// clone them to keep a snapshot.
    /// </summary>
    /// <param name="prefix">What the paths start with.</param>
    /// <remarks>A module that is there twice is there twice here, too, as in PyTorch.</remarks>
    public Dictionary<string, Tensor> StateDict(string prefix = "")
    {
        var state = new Dictionary<string, Tensor>();
        foreach (var (path, module) in NamedModules(prefix, removeDuplicates: false))
        {
            foreach (var (name, tensor) in module.OwnState())
                state[Join(path, name)] = tensor.Detach();
            if (module.GetExtraState() is { } extra)
                state[Join(path, ExtraStateName)] = extra;
        }

        return state;
    }

    /// <summary>
    /// Copies tensors into the parameters and buffers of the same names, converting between float types.
    /// </summary>
    /// <param name="state">What <see cref="StateDict"/> returned, or what a weight file holds.</param>
    /// <param name="strict">Whether every name and shape has to fit. If not, what fits is loaded.</param>
    /// <returns>What did not fit, empty when strict; and what was changed of an old state.</returns>
    /// <remarks>What older versions saved is brought up to date first: <see cref="UpgradeState"/>.</remarks>
    /// <exception cref="StateDictException">Strict, and something does not fit; nothing was changed.</exception>
    public LoadReport LoadStateDict(IReadOnlyDictionary<string, Tensor> state, bool strict = true)
    {
        ArgumentNullException.ThrowIfNull(state);
        using var noGrad = NoGrad.Begin();
        var upgrade = Upgraded(state);
        try
        {
            var report = LoadUpgraded(upgrade.State, strict);
            return report with { Upgrades = upgrade.Changes };
        }
        finally
        {
            upgrade.Free();
        }
    }

    /// <summary>
    /// State beyond parameters and buffers, packed into a tensor, or null when there is none (the default).
    /// </summary>
    /// <remarks>It is saved as <c>_extra_state</c>. Override it together with <see cref="SetExtraState"/>.</remarks>
    public virtual Tensor? GetExtraState() => null;

    /// <summary>
    /// Takes back what <see cref="GetExtraState"/> packed. It should throw before it changes anything.
    /// </summary>
    /// <exception cref="InvalidOperationException">The module has no extra state.</exception>
    public virtual void SetExtraState(Tensor state) => throw new InvalidOperationException(
        $"{Name} has no extra state; override GetExtraState and SetExtraState to give it one.");

    /// <summary>
    /// Brings a state of an older version up to date before it is compared with the module: renames what has another
    /// name today, adds what was not saved then. It sees only names below its own path; by default it does nothing.
    /// </summary>
    /// <param name="state">The state that is loaded. A module is asked before those below it.</param>
    protected virtual void UpgradeState(StateUpgrade state)
    {
    }

    /// <summary>
    /// Lets this module stand on the memory of another one of the same structure: both then have the same weights and
    /// buffers, and each its own gradients.
    /// </summary>
    /// <remarks>
    /// PyTorch's <c>share_memory</c> moves weights to where other processes can see them, for workers that train one
    /// set of weights together. In .NET workers are threads, which see all memory anyway; what remains to share is
    /// this: one replica per thread, one memory under all of them. Changing type or device of one ends the sharing.
    /// </remarks>
    /// <param name="owner">The module whose memory is used; what this module held is freed.</param>
    /// <returns>This module.</returns>
    /// <exception cref="StateDictException">Names, shapes or types differ; nothing was changed.</exception>
    public Module ShareMemory(Module owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var mine = AllTensors();
        var theirs = owner.AllTensors();
        var mismatched = mine
            .Where(m => theirs.TryGetValue(m.Key, out var t) && (t.Shape != m.Value.Shape || t.DType != m.Value.DType))
            .ToDictionary(m => m.Key, m => Difference(theirs[m.Key], m.Value));
        var report = new LoadReport(
            [.. mine.Keys.Except(theirs.Keys)], [.. theirs.Keys.Except(mine.Keys)], mismatched);
        if (!report.IsComplete)
            throw new StateDictException(Name, report);
        foreach (var (name, tensor) in mine)
            tensor.ReplaceStorage(theirs[name]);
        return this;
    }

    /// <summary>Checks as a strict <see cref="LoadStateDict"/> does, without loading.</summary>
    internal void RequireFit(IReadOnlyDictionary<string, Tensor> state)
    {
        var upgrade = Upgraded(state);
        try
        {
            var (targets, extras) = Targets();
            var report = Compare(upgrade.State, targets, extras.Keys);
            if (!report.IsComplete)
                throw new StateDictException(Name, report);
        }
        finally
        {
            upgrade.Free();
        }
    }

    /// <summary>The state with what this module and those below it know to be old brought up to date.</summary>
    private StateUpgrade Upgraded(IReadOnlyDictionary<string, Tensor> state)
    {
        var upgrade = new StateUpgrade(state);
        try
        {
            foreach (var (path, module) in NamedModules("", removeDuplicates: false))
            {
                upgrade.Path = path;
                module.UpgradeState(upgrade);
            }

            return upgrade;
        }
        catch
        {
            upgrade.Free();
            throw;
        }
    }

    private LoadReport LoadUpgraded(IReadOnlyDictionary<string, Tensor> state, bool strict)
    {
        var (targets, extras) = Targets();
        var report = Compare(state, targets, extras.Keys);
        if (strict && !report.IsComplete)
            throw new StateDictException(Name, report);
        string[] names = [.. targets.Keys.Where(n => state.ContainsKey(n) && !report.Mismatched.ContainsKey(n))];
        var values = new List<Tensor>();
        try
        {
            // Everything that can fail comes before the first change.
            foreach (string name in names)
                values.Add(Converted(state[name], targets[name]));
            foreach (var (name, module) in extras)
            {
                if (state.TryGetValue(name, out var extra))
                    module.SetExtraState(extra);
            }

            for (int i = 0; i < names.Length; i++)
                targets[names[i]].CopyFrom(values[i]);
        }
        finally
        {
            foreach (var value in values)
                value.Dispose();
        }

        return report;
    }

    private static LoadReport Compare(
        IReadOnlyDictionary<string, Tensor> state,
        Dictionary<string, Tensor> targets,
        IReadOnlyCollection<string> extras)
    {
        var mismatched = targets
            .Where(t => state.TryGetValue(t.Key, out var value) && !Fits(value, t.Value))
            .ToDictionary(t => t.Key, t => Difference(state[t.Key], t.Value));
        string[] known = [.. targets.Keys, .. extras];
        return new LoadReport([.. known.Where(n => !state.ContainsKey(n))], [.. state.Keys.Except(known)], mismatched);
    }

    private static bool Fits(Tensor? value, Tensor target) =>
        value != null && value.Shape == target.Shape && value.DType.IsInteger() == target.DType.IsInteger();

    private static string Difference(Tensor? value, Tensor target) =>
        $"got {(value == null ? "null" : $"{value.DType} {value.Shape}")}, the module has {target.DType} {target.Shape}";

    /// <summary>A handle of its own on the value in the type and on the device of the target.</summary>
    private static Tensor Converted(Tensor value, Tensor target)
    {
        using var scope = TensorScope.Begin();
        return scope.Keep(value.Detach().To(target.DType).To(target.Device));
    }

    /// <summary>The tensors to load into, and the modules with an extra state, by name.</summary>
    private (Dictionary<string, Tensor> Tensors, Dictionary<string, Module> Extras) Targets()
    {
        var tensors = new Dictionary<string, Tensor>();
        var extras = new Dictionary<string, Module>();
        foreach (var (path, module) in NamedModules("", removeDuplicates: false))
        {
            foreach (var (name, tensor) in module.OwnState())
                tensors[Join(path, name)] = tensor;
            using var extra = module.GetExtraState();
            if (extra != null)
                extras[Join(path, ExtraStateName)] = module;
        }

        return (tensors, extras);
    }

    private Dictionary<string, Tensor> AllTensors() =>
        NamedParameters(removeDuplicates: false).Select(p => (p.Name, Tensor: (Tensor)p.Parameter))
            .Concat(NamedBuffers(removeDuplicates: false).Select(b => (b.Name, Tensor: b.Buffer)))
            .ToDictionary(t => t.Name, t => t.Tensor);

    private IEnumerable<(string Name, Tensor Tensor)> OwnState()
    {
        foreach (var (name, parameter) in _parameters)
        {
            if (parameter != null)
                yield return (name, parameter);
        }

        foreach (var (name, buffer) in _buffers)
        {
            if (buffer is { Value: { } value, IsPersistent: true })
                yield return (name, value);
        }
    }
}
