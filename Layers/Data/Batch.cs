using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Some samples as tensors, and where in the training they stand.</summary>
/// <remarks>The loader frees a batch when the next one is asked for; clone what has to live longer.</remarks>
public sealed class Batch : IDisposable
{
    internal Batch(Tensor[] tensors, int epoch, int index)
    {
        Tensors = tensors;
        Epoch = epoch;
        Index = index;
    }

    /// <summary>What the data set returned, one row per sample.</summary>
    public IReadOnlyList<Tensor> Tensors { get; }

    /// <summary>The first tensor.</summary>
    public Tensor Inputs => Tensors[0];

    /// <summary>The second tensor.</summary>
    /// <exception cref="InvalidOperationException">The data set has one tensor only.</exception>
    public Tensor Targets => Tensors.Count > 1
        ? Tensors[1]
        : throw new InvalidOperationException("The data set gives one tensor per batch, so there are no targets.");

    /// <summary>The number of samples.</summary>
    public int Count => Inputs.Shape[0];

    /// <summary>The epoch, from 0.</summary>
    public int Epoch { get; }

    /// <summary>The number of the batch in its epoch, from 0.</summary>
    public int Index { get; }

    /// <summary>Frees the tensors.</summary>
    public void Dispose()
    {
        foreach (var tensor in Tensors)
            tensor.Dispose();
    }
}
