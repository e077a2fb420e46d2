using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>
/// One run of a momentum network in a step of its model: what it is given, held apart so that it is not counted, and
/// whether the model lets go of it.
/// </summary>
internal sealed class PlannedRun : IDisposable
{
    private readonly List<Tensor> _inputs;
    private Tensor? _handle;

    /// <param name="name">The network's path in the model.</param>
    /// <param name="network">The network.</param>
    /// <param name="inputs">What the model gives it: x, then the others.</param>
    /// <param name="apart">Where to hold copies.</param>
    public PlannedRun(string name, MomentumNet network, Tensor[] inputs, Kernels.Devices.Device apart)
    {
        (Name, Network) = (name, network);
        NeedsGradient = [.. inputs.Select(i => i.RequiresGradient)];
        _inputs = [.. inputs.Select(i => TensorScope.TakeOut(i.Detach().To(apart)))];
        _handle = TensorScope.TakeOut(inputs[0].Detach());
    }

    public string Name { get; }

    public MomentumNet Network { get; }

    /// <summary>Whether a derivative flows to each input.</summary>
    public bool[] NeedsGradient { get; }

    /// <summary>Whether nobody but the network holds x after it ran.</summary>
    public bool FreesInput { get; private set; }

    /// <summary>The next network begins, or the model has ended: who holds x now?</summary>
    public void LookWhoHoldsInput()
    {
        if (_handle is not { } handle)
            return;
        FreesInput = handle.OwnsMemoryAlone;
        handle.Dispose();
        _handle = null;
    }

    /// <summary>The inputs as leaves of their own.</summary>
    public Tensor[] Inputs(Kernels.Devices.Device device)
    {
        Tensor[] copies = [.. _inputs.Select(i => i.To(device))];
        for (int i = 0; i < copies.Length; i++)
            copies[i].RequiresGradient = NeedsGradient[i];
        return copies;
    }

    public void Dispose()
    {
        LookWhoHoldsInput();
        foreach (var input in _inputs)
            input.Dispose();
    }
}
