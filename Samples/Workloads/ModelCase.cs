using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>A model that commands measure at depths of the user's choice.</summary>
/// <param name="Name">What --model calls it.</param>
/// <param name="Description">What is computed.</param>
/// <param name="Make">Makes it: depth, memory mode, device.</param>
/// <param name="Depths">The depths that are measured unless others are asked for.</param>
internal sealed record ModelCase(
    string Name, string Description, Func<int, MemoryMode, Device, ModelParts> Make, NumberList Depths)
{
    /// <summary>A training step of it on random inputs.</summary>
    public TrainingStep Prepare(int depth, MemoryMode mode, Device device, ulong seed)
    {
        using var random = RandomSource.Use(new RandomSource(seed));
        return Make(depth, mode, device).ToStep(device);
    }
}
