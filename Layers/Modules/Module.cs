using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// A function with parameters: the base class of layers and networks. Derive from it, register parameters, buffers and
/// submodules in the constructor, and override one of the <c>Forward</c> methods.
/// </summary>
/// <remarks>
/// Names, order and meaning follow PyTorch's <c>nn.Module</c>, so that weights move between the two by name.
/// <code>
/// sealed class TwoLayers : Module
/// {
///     private readonly Linear _first, _second;
///     public TwoLayers()
///     {
///         _first = RegisterModule("first", new Linear(2, 16));
///         _second = RegisterModule("second", new Linear(16, 2));
///     }
///     protected override Tensor Forward(Tensor x) => _second.Call(_first.Call(x).Tanh());
/// }
/// </code>
/// </remarks>
public abstract partial class Module : IDisposable
{
    /// <summary>The name that errors and the printed tree use: the type's.</summary>
    public virtual string Name => GetType().Name.Split('`')[0];

    /// <summary>
    /// Whether the module is in training mode (dropout drops, batch norm uses the batch); it starts so.
    /// </summary>
    public bool IsTraining
    {
        get => ModuleModes.Of(this, field);
        internal set;
    } = true;

    /// <summary>
    /// Computes the output: forward pre-hooks, <see cref="Forward(Tensor, Tensor[])"/>, forward hooks. Every tensor
    /// made on the way is freed, except the result, which goes to the caller's <see cref="TensorScope"/>.
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="others">Further inputs, for modules that take them.</param>
    /// <exception cref="ArgumentException">The module does not take this number of inputs.</exception>
    public Tensor Call(Tensor x, params Tensor[] others)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(others);
        var scope = TensorScope.BeginLocal();
        try
        {
            var result = HasHooks ? CallWithHooks(x, others) : Forward(x, others);
            return scope.Keep(result
                ?? throw new InvalidOperationException($"{Name}: Forward returned null; it has to return a tensor."));
        }
        finally
        {
            scope.Dispose();
        }
    }

    /// <summary>The computation for one input. Override this or the other one.</summary>
    protected virtual Tensor Forward(Tensor x) => throw new InvalidOperationException(
        $"{Name} cannot be called: it overrides neither Forward(Tensor) nor Forward(Tensor, Tensor[]).");

    /// <summary>The computation for an input and further ones; by default there may be none.</summary>
    protected virtual Tensor Forward(Tensor x, Tensor[] others) =>
        others.Length == 0
            ? Forward(x)
            : throw new ArgumentException($"{Name}: takes one input; got {1 + others.Length}.", nameof(others));

    /// <summary>Switches this module and all below it to training mode, or out of it.</summary>
    public Module Train(bool mode = true)
    {
        foreach (var module in Modules())
            module.IsTraining = mode;
        return this;
    }

    /// <summary>Switches this module and all below it to evaluation mode: <c>Train(false)</c>.</summary>
    public Module Eval() => Train(false);

    /// <summary>Calls a function on every module below this one, then on this one.</summary>
    public Module Apply(Action<Module> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        foreach (var child in Children())
            child.Apply(action);
        action(this);
        return this;
    }

    /// <summary>Forgets and frees the gradients of all parameters.</summary>
    public void ZeroGradient()
    {
        foreach (var parameter in Parameters())
            parameter.ZeroGradient();
    }

    /// <summary>Says for all parameters whether backward computes their derivatives.</summary>
    /// <exception cref="GradientException">True for a parameter whose element type has no derivative.</exception>
    public Module RequiresGradient(bool required = true)
    {
        foreach (var parameter in Parameters())
            parameter.RequiresGradient = required;
        return this;
    }

    /// <summary>Frees the parameters and buffers of this module and all below it.</summary>
    public void Dispose()
    {
        foreach (var module in Modules())
        {
            foreach (var parameter in module._parameters.Values)
                parameter?.Dispose();
            foreach (var buffer in module._buffers.Values)
                buffer.Value?.Dispose();
        }

        GC.SuppressFinalize(this);
    }
}
