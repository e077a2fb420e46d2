using MomentumCore.Kernels.Devices;
using MomentumCore.Reversible;

namespace MomentumCore.Samples;

/// <summary>One of the fixed tasks that speed and memory are quoted for; docs and other systems use the same.</summary>
/// <param name="Name">What `momentum bench` calls it.</param>
/// <param name="Description">Exactly what is computed.</param>
/// <param name="DefaultDepth">How many momentum layers it has unless --depth says otherwise.</param>
/// <param name="Prepare">Makes the step: depth, memory mode, device, seed.</param>
internal sealed record Workload(
    string Name, string Description, int DefaultDepth, Func<int, MemoryMode, Device, ulong, TrainingStep> Prepare);
