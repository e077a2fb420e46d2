namespace MomentumCore.Engine;

/// <summary>
/// A value that an operation keeps for backward, with the version it had, to detect that it was overwritten.
/// </summary>
internal sealed class KeptTensor(Tensor value, int inputIndex, int outputIndex)
{
    private readonly int _version = value.Version;

    /// <summary>The input of the operation that this is, or −1.</summary>
    public int InputIndex { get; } = inputIndex;

    /// <summary>The output of the operation that this is, or −1.</summary>
    public int OutputIndex { get; } = outputIndex;

    public Tensor Value(Function function)
    {
        if (value.Version != _version)
        {
            throw new GradientException(
                $"{function.Name}: a tensor of shape {value.Shape} that its backward needs was overwritten in place " +
                $"after forward (version {value.Version}, kept at {_version}); overwrite a Clone() instead, or call " +
                "backward before.");
        }

        return value;
    }

    public void Dispose() => value.Dispose();
}
