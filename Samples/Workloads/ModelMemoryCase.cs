using MomentumCore.Kernels.Devices;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>A model whose memory against depth `momentum memory --model` measures.</summary>
/// <param name="Name">What --model calls it.</param>
/// <param name="Description">What is computed.</param>
/// <param name="Prepare">Makes the step: depth, memory mode, device, seed.</param>
/// <param name="Depths">The depths that are measured unless others are asked for.</param>
internal sealed record ModelMemoryCase(
    string Name, string Description, Func<int, MemoryMode, Device, ulong, TrainingStep> Prepare, NumberList Depths);
