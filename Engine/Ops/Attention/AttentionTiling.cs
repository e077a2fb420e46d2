namespace MomentumCore.Engine;

/// <summary>
/// Cuts attention into tiles of a few heads, or of a few queries of one head, whose weights fit a cache.
/// </summary>
internal sealed class AttentionTiling
{
    /// <summary>Fewer queries than this would leave the matrix products too little to do at once.</summary>
    private const int FewestQueries = 16;

    private readonly int _heads;
    private readonly int _queries;
    private readonly int _keys;
    private readonly bool _isCausal;
    private readonly int _headsAtOnce;
    private readonly int _queriesAtOnce;

    /// <param name="heads">All heads of all elements of the batch.</param>
    /// <param name="queries">Queries of each.</param>
    /// <param name="keys">Keys of each.</param>
    /// <param name="isCausal">Whether a query sees keys up to its own place only.</param>
    /// <param name="headsAlike">How many heads in a row have one mask: all when there is none.</param>
    /// <param name="weightsAtOnce">How many weights a tile may hold.</param>
    public AttentionTiling(int heads, int queries, int keys, bool isCausal, int headsAlike, int weightsAtOnce)
    {
        (_heads, _queries, _keys, _isCausal) = (heads, queries, keys, isCausal);
        long weightsPerHead = Math.Max(1, (long)queries * keys);
        int fitting = (int)Math.Clamp(weightsAtOnce / weightsPerHead, 1, Math.Max(1, heads));
        // A tile must not hold heads of different masks.
        _headsAtOnce = fitting >= headsAlike ? Math.Max(1, headsAlike) : headsAlike >= heads ? fitting : 1;
        _queriesAtOnce = weightsPerHead <= weightsAtOnce
            ? Math.Max(1, queries)
            : Math.Max(FewestQueries, weightsAtOnce / keys);
    }

    /// <summary>Groups of heads.</summary>
    public int Heads => (_heads + _headsAtOnce - 1) / _headsAtOnce;

    /// <summary>Blocks of queries of each group of heads.</summary>
    public int Queries => (_queries + _queriesAtOnce - 1) / _queriesAtOnce;

    /// <summary>One tile.</summary>
    public Tile Part(int heads, int block)
    {
        int firstHead = heads * _headsAtOnce;
        int firstQuery = block * _queriesAtOnce;
        int queries = Math.Min(_queriesAtOnce, _queries - firstQuery);
        int keys = _isCausal ? Math.Min(_keys, firstQuery + queries) : _keys;
        return new Tile(firstHead, Math.Min(_headsAtOnce, _heads - firstHead), firstQuery, queries, keys);
    }

    /// <summary>Some heads, some of their queries, and the keys that these may see.</summary>
    public readonly record struct Tile(int FirstHead, int HeadCount, int FirstQuery, int QueryCount, int KeyCount)
    {
        /// <summary>The tile's rows of a gapless x [heads, queries, columns].</summary>
        public Tensor Queries(Tensor x) => Rows(x, FirstQuery, QueryCount);

        /// <summary>The tile's rows of a gapless x [heads, keys, columns].</summary>
        public Tensor Keys(Tensor x) => Rows(x, 0, KeyCount);

        /// <summary>The tile's part of a mask [batch…, queries, keys] that all its heads share.</summary>
        public Tensor Mask(Tensor mask)
        {
            long offset = mask.Offset + (FirstQuery * mask.StrideArray[^2]);
            int head = FirstHead;
            for (int axis = mask.Rank - 3; axis >= 0; axis--)
            {
                offset += head % mask.Shape[axis] * mask.StrideArray[axis];
                head /= mask.Shape[axis];
            }

            return mask.Alias(
                [HeadCount, QueryCount, KeyCount], [0, mask.StrideArray[^2], mask.StrideArray[^1]], offset);
        }

        private Tensor Rows(Tensor x, int first, int count) => x.Alias(
            [HeadCount, count, x.Shape[2]],
            x.StrideArray,
            x.Offset + (FirstHead * x.StrideArray[0]) + (first * x.StrideArray[1]));
    }
}
