namespace MomentumCore.Engine;

/// <summary>
/// Looks at operations that are computed unrecorded now and recorded later, and notices when one that has a derivative is
/// applied to a tensor that requires a gradient and is not known: a record would connect the two.
/// </summary>
/// <remarks>
/// What is computed with recording off by the function itself (<see cref="NoGrad"/>) is not looked at. It follows the
/// async flow.
/// </remarks>
internal sealed class ForeignWatch : IDisposable
{
    private static readonly AsyncLocal<ForeignWatch?> Flow = new();

    private readonly ForeignWatch? _outer = Flow.Value;
    private readonly Predicate<Tensor> _isKnown;
    private volatile bool _hasSeen;

    /// <summary>Looks until it is disposed.</summary>
    /// <param name="isKnown">Whether a tensor that requires a gradient is one of those that may be used.</param>
    public ForeignWatch(Predicate<Tensor> isKnown)
    {
        _isKnown = isKnown;
        Flow.Value = this;
    }

    /// <summary>Whether an unknown tensor was used since the last call.</summary>
    public bool TakeSeen()
    {
        bool seen = _hasSeen;
        _hasSeen = false;
        return seen;
    }

    /// <summary>An operation is applied to these where <see cref="NoGrad.IsWatched"/> says so.</summary>
    public static void See(Tensor[] inputs)
    {
        if (Flow.Value is not { } watch)
            return;
        foreach (var input in inputs)
        {
            if (input.RequiresGradient && !watch._isKnown(input))
                watch._hasSeen = true;
        }
    }

    public void Dispose() => Flow.Value = _outer;
}
