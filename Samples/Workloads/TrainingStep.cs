using MomentumCore.Engine;
using MomentumCore.Layers;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>
/// One training step that can be run again and again: forward, loss, backward and, if there is one, optimizer.
/// </summary>
/// <param name="network">The network; disposed with the step.</param>
/// <param name="input">What goes in; disposed with the step.</param>
/// <param name="loss">From the network's output to one number.</param>
/// <param name="optimizer">Moves the parameters, or null to only compute gradients; disposed with the step.</param>
/// <param name="target">What the loss compares with, if anything; disposed with the step.</param>
/// <param name="second">What goes into the network beside the input, if anything; disposed with the step.</param>
internal sealed class TrainingStep(
    Module network, Tensor input, Func<Tensor, Tensor> loss, Optimizer? optimizer = null, Tensor? target = null,
    Tensor? second = null)
        : IDisposable
{
    private readonly Tensor[] _others = second == null ? [] : [second];
    private readonly Dictionary<MomentumNet, long> _elements = [];
    private bool _isWatched;

    /// <summary>Bytes of all parameters.</summary>
    public long ParameterBytes => network.Parameters().Sum(p => (long)p.Count * p.DType.Size());

    /// <summary>
    /// The bytes that the network's blocks in exact mode set aside: for each element log₂(1/γ) bits a layer, rounded down
    /// over all layers, in words of 32. Known from the first step on.
    /// </summary>
    public long SideBytes => _elements.Sum(n => SideBits(n.Key) * ((n.Value + 31) / 32) * sizeof(int));

    /// <summary>The network's momentum blocks.</summary>
    public IEnumerable<MomentumNet> Blocks => network.Modules().OfType<MomentumNet>();

    /// <summary>Runs the step; returns the loss.</summary>
    public double Run()
    {
        WatchExactBlocks();
        using var scope = TensorScope.Begin();
        var value = loss(network.Call(input, _others));
        value.Backward();
        optimizer?.Step();
        network.ZeroGradient();
        return value.Item();
    }

    public void Dispose()
    {
        optimizer?.Dispose();
        network.Dispose();
        input.Dispose();
        target?.Dispose();
        second?.Dispose();
    }

    // A hair above: log₂ of a power of two may come out a hair below.
    private static long SideBits(MomentumNet block) => (long)(block.Gammas.Sum(g => -Math.Log2(g)) + 1e-9);

    private void WatchExactBlocks()
    {
        if (_isWatched)
            return;
        _isWatched = true;
        foreach (var block in Blocks.Where(b => b.Memory == MemoryMode.Exact))
        {
            block.RegisterForwardHook((_, _, output) =>
            {
                _elements[block] = output.Count;
                return null;
            });
        }
    }
}
