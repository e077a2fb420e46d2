namespace MomentumCore.Reversible;

/// <summary>One momentum network of a model, what it costs in each mode, and the mode that was chosen for it.</summary>
/// <param name="Name">Its path in the model.</param>
/// <param name="Network">The network itself.</param>
/// <param name="Costs">What each mode costs that it can run in.</param>
/// <param name="Mode">The mode chosen.</param>
public sealed record PlannedBlock(
    string Name, MomentumNet Network, IReadOnlyDictionary<MemoryMode, BlockCost> Costs, MemoryMode Mode);
