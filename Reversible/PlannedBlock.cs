namespace MomentumCore.Reversible;

/// <summary>One momentum network of a model, what it costs in each mode, and the mode that was chosen for it.</summary>
/// <param name="Name">Its path in the model.</param>
/// <param name="Network">The network itself.</param>
/// <param name="Costs">What each mode costs that it can run in.</param>
/// <param name="Mode">The mode chosen.</param>
public sealed record PlannedBlock(
    string Name, MomentumNet Network, IReadOnlyDictionary<MemoryMode, BlockCost> Costs, MemoryMode Mode)
{
    /// <summary>The modes that it cannot run in with this model and input, and why; none of them is chosen.</summary>
    public IReadOnlyDictionary<MemoryMode, string> LeftOut { get; init; } = new Dictionary<MemoryMode, string>();
}
