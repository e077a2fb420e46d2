namespace MomentumCore.Reversible;

/// <summary>Chooses a mode for each block: the fastest choice whose peak stays within the budget.</summary>
/// <remarks>
/// The peak at block i, in forward and in backward, is what lies outside of the blocks, plus what the blocks before it keep,
/// plus its own. So going
/// through the blocks in order, a choice for those so far is no worse than another when it keeps no more, has peaked no
/// higher and takes no longer; only such choices are carried on.
/// </remarks>
internal static class PlanSearch
{
    /// <summary>The modes and the peak of the best choice, or null when none fits.</summary>
    /// <param name="blocks">The costs of each block, in the order in which they run.</param>
    /// <param name="beside">For each block, the bytes outside of all blocks while it runs, in forward and in backward.</param>
    /// <param name="outside">Peaks outside of the blocks: how many blocks are kept then, and the bytes besides.</param>
    /// <param name="budget">The most bytes.</param>
    public static (MemoryMode[] Modes, long Peak, double Milliseconds)? Best(
        IReadOnlyList<IReadOnlyDictionary<MemoryMode, BlockCost>> blocks,
        IReadOnlyList<(long Forward, long Backward)> beside,
        IReadOnlyList<(int Blocks, long Bytes)> outside,
        long budget) => Worthwhile(blocks, beside, outside, budget)
            .OrderBy(c => c.Milliseconds).ThenBy(c => c.Peak)
            .Select(c => ((MemoryMode[], long, double)?)(c.Modes, c.Peak, c.Milliseconds)).FirstOrDefault();

    /// <summary>The choices within the budget than which none is better in both peak and time.</summary>
    public static IReadOnlyList<Choice> Worthwhile(
        IReadOnlyList<IReadOnlyDictionary<MemoryMode, BlockCost>> blocks,
        IReadOnlyList<(long Forward, long Backward)> beside,
        IReadOnlyList<(int Blocks, long Bytes)> outside,
        long budget)
    {
        List<Choice> choices = [new([], 0, OutsidePeak(outside, 0, 0), 0)];
        for (int block = 0; block < blocks.Count; block++)
        {
            var next = new List<Choice>();
            foreach (var choice in choices)
            {
                foreach (var (mode, cost) in blocks[block])
                {
                    long kept = choice.Kept + cost.KeptBytes;
                    long own = Math.Max(
                        beside[block].Forward + cost.ForwardPeakBytes, beside[block].Backward + cost.BackwardPeakBytes);
                    long peak = Math.Max(choice.Peak, choice.Kept + own);
                    peak = Math.Max(peak, OutsidePeak(outside, block + 1, kept));
                    if (peak <= budget)
                        next.Add(new Choice([.. choice.Modes, mode], kept, peak, choice.Milliseconds + cost.Milliseconds));
                }
            }

            choices = [.. next.Where(c => !next.Any(other => other.Dominates(c)))];
        }

        return [.. choices.Where(c => c.Peak <= budget)];
    }

    private static long OutsidePeak(IReadOnlyList<(int Blocks, long Bytes)> outside, int blocks, long kept) =>
        outside.Where(o => o.Blocks == blocks).Select(o => o.Bytes + kept).DefaultIfEmpty(0).Max();

    /// <summary>Modes for the blocks so far, what they keep, how high they peaked, and how long they take.</summary>
    internal sealed record Choice(MemoryMode[] Modes, long Kept, long Peak, double Milliseconds)
    {
        public bool Dominates(Choice other) =>
            Kept <= other.Kept && Peak <= other.Peak && Milliseconds <= other.Milliseconds
            && (Kept < other.Kept || Peak < other.Peak || Milliseconds < other.Milliseconds);
    }
}
