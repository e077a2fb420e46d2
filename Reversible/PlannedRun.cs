using MomentumCore.Engine;

namespace MomentumCore.Reversible;

/// <summary>
/// One run of a momentum network in a step of its model: what it is given, held apart so that it is not counted, and
/// what the model itself holds on to.
/// </summary>
internal sealed class PlannedRun : IDisposable
{
    private readonly List<Tensor> _inputs;
    private Tensor? _input;
    private Tensor? _output;

    /// <param name="name">The network's path in the model.</param>
    /// <param name="network">The network.</param>
    /// <param name="inputs">What the model gives it: x, then the others.</param>
    /// <param name="apart">Where to hold copies.</param>
    public PlannedRun(string name, MomentumNet network, Tensor[] inputs, Kernels.Devices.Device apart)
    {
        (Name, Network) = (name, network);
        NeedsGradient = [.. inputs.Select(i => i.RequiresGradient)];
        _inputs = [.. inputs.Select(i => TensorScope.TakeOut(i.Detach().To(apart)))];
        _input = TensorScope.TakeOut(inputs[0].Detach());
    }

    public string Name { get; }

    public MomentumNet Network { get; }

    /// <summary>Whether a derivative flows to each input.</summary>
    public bool[] NeedsGradient { get; }

    /// <summary>Whether nobody but the network holds x after it ran.</summary>
    public bool FreesInput { get; private set; }

    /// <summary>Whether the model holds the output when it has gone on.</summary>
    public bool HoldsOutput { get; private set; } = true;

    /// <summary>Whether the model holds the output even when backward comes back to the network.</summary>
    public bool HoldsOutputToTheEnd { get; private set; } = true;

    /// <summary>What the model got from the network, which itself does not hold it.</summary>
    public void HasGiven(Tensor output) => _output = TensorScope.TakeOut(output.Detach());

    /// <summary>The next network begins, or the model has ended: what is held now?</summary>
    public void LookWhatIsHeld()
    {
        if (_input is not { } input)
            return;
        FreesInput = input.OwnsMemoryAlone;
        HoldsOutput = _output is not { OwnsMemoryAlone: true };
        input.Dispose();
        _input = null;
    }

    /// <summary>Backward has come back to the network: what is still held?</summary>
    public void LookWhatIsHeldInBackward()
    {
        HoldsOutputToTheEnd = _output is not { OwnsMemoryAlone: true };
        _output?.Dispose();
        _output = null;
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
        _input?.Dispose();
        _output?.Dispose();
        foreach (var input in _inputs)
            input.Dispose();
    }
}
