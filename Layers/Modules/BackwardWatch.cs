using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// Catches the derivatives that pass a module in backward: an identity before it and one after it, whose derivatives
/// run the module's full backward hooks.
/// </summary>
internal sealed class BackwardWatch(Module module, Func<Module, Tensor?[], Tensor, Tensor?[]?>[] hooks)
{
    private bool _inputsAreWatched;
    private int _inputCount;
    private Tensor? _outputGradient;

    public Tensor[] Enter(Tensor[] inputs)
    {
        _inputCount = inputs.Length;
        _inputsAreWatched = inputs.Any(i => i.RequiresGradient);
        return _inputsAreWatched ? new Entrance(this).Run(inputs) : inputs;
    }

    public Tensor Leave(Tensor output) => output.RequiresGradient ? new Exit(this).Apply(output) : output;

    private Tensor?[] RunHooks(Tensor?[] inputGradients, Tensor outputGradient)
    {
        foreach (var hook in hooks)
        {
            var replaced = hook(module, inputGradients, outputGradient);
            if (replaced == null)
                continue;
            if (replaced.Length != inputGradients.Length)
            {
                throw new GradientException(
                    $"{module.Name}: a full backward hook returned {replaced.Length} gradients for " +
                    $"{inputGradients.Length} inputs; return one each, or null to leave them.");
            }

            for (int i = 0; i < replaced.Length; i++)
            {
                if (replaced[i] is { } now && inputGradients[i] is { } before && now.Shape != before.Shape)
                {
                    throw new ShapeException(
                        $"{module.Name}: a full backward hook returned shape {now.Shape} for the gradient of " +
                        $"input {i}, which has shape {before.Shape}.");
                }
            }

            inputGradients = replaced;
        }

        return inputGradients;
    }

    /// <summary>x → x before the module; its derivative is the last to run.</summary>
    private sealed class Entrance(BackwardWatch watch) : Function
    {
        public override string Name => "FullBackwardHook";

        protected override Tensor[] Compute(Tensor[] inputs) => [.. inputs];

        protected override Tensor?[] Differentiate(Tensor?[] outputGradients)
        {
            if (watch._outputGradient is not { } outputGradient)
                return outputGradients;
            watch._outputGradient = null;
            var result = watch.RunHooks([.. outputGradients.Select((g, i) => Needs(i) ? g : null)], outputGradient);
            outputGradient.Dispose();
            return result;
        }

        // Where only derivatives for parameters were asked for, backward has passed the exit but never comes here.
        protected override void OnReleased() => watch._outputGradient?.Dispose();
    }

    /// <summary>y → y after the module; its derivative is the first to run.</summary>
    private sealed class Exit(BackwardWatch watch) : Op
    {
        public override string Name => "FullBackwardHook";

        protected override Tensor Forward(Tensor[] inputs) => inputs[0];

        protected override Tensor?[] Backward(Tensor outputGradient)
        {
            if (watch._inputsAreWatched)
            {
                // A handle of its own: the one passed in is freed when this operation's backward ends.
                watch._outputGradient?.Dispose();
                watch._outputGradient = TensorScope.TakeOut(outputGradient.Detach());
            }
            else
            {
                watch.RunHooks(new Tensor?[watch._inputCount], outputGradient);
            }

            return [outputGradient];
        }
    }
}
