namespace MomentumCore.Engine;

/// <summary>The hooks on one tensor's derivative, run in the order they were added.</summary>
internal sealed class GradientHooks
{
    private readonly List<Func<Tensor, Tensor?>> _hooks = [];

    /// <summary>For a hook that is not put on yet; see <see cref="ForeignWatch"/>.</summary>
    public static IDisposable Later { get; } = new Removal(new GradientHooks(), g => g);

    public IDisposable Add(Func<Tensor, Tensor?> hook)
    {
        // A wrapper of its own, so that the same delegate added twice is removed once.
        Func<Tensor, Tensor?> entry = g => hook(g);
        lock (_hooks)
            _hooks.Add(entry);
        return new Removal(this, entry);
    }

    public Tensor Run(Tensor gradient)
    {
        Func<Tensor, Tensor?>[] hooks;
        lock (_hooks)
            hooks = [.. _hooks];
        foreach (var hook in hooks)
        {
            var replacement = hook(gradient);
            if (replacement == null || ReferenceEquals(replacement, gradient))
                continue;
            if (replacement.Shape != gradient.Shape)
                throw new ShapeException(
                    $"A gradient hook returned shape {replacement.Shape}; the gradient has {gradient.Shape}.");
            if (replacement.DType != gradient.DType)
                throw new DTypeException(
                    $"A gradient hook returned {replacement.DType}; the gradient holds {gradient.DType}.");
            Map.RequireSameDevice("A gradient hook", gradient, replacement);
            // A handle of our own: backward frees and overwrites gradients, and the hook may keep its tensor.
            gradient = NoGrad.IsRecording ? replacement : replacement.Detach();
        }

        return gradient;
    }

    private sealed class Removal(GradientHooks owner, Func<Tensor, Tensor?> entry) : IDisposable
    {
        public void Dispose()
        {
            lock (owner._hooks)
                owner._hooks.Remove(entry);
        }
    }
}
