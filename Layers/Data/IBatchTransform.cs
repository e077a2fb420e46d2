using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Changes the inputs of a batch on their way out of the loader, such as augmenting images.</summary>
public interface IBatchTransform
{
    /// <summary>Changes the inputs.</summary>
    /// <param name="inputs">One row per sample; a copy that may be overwritten.</param>
    /// <param name="random">Random numbers of each sample's own.</param>
    /// <returns>The same tensor or another one.</returns>
    Tensor Apply(Tensor inputs, SampleRandom random);
}
