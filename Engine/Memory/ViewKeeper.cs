namespace MomentumCore.Engine;

/// <summary>
/// Keeps the memory of the views that a thread took last: in <c>F(device, n, x.View&lt;float&gt;(), …)</c> nothing else may
/// name <c>x</c> any more, and the garbage collector would free its memory while the kernel runs.
/// </summary>
internal static class ViewKeeper
{
    /// <summary>More than any launch has views.</summary>
    public const int Most = 16;

    [ThreadStatic]
    private static Storage?[]? s_recent;

    [ThreadStatic]
    private static int s_next;

    /// <summary>Keeps memory until this thread has taken <see cref="Most"/> views of others.</summary>
    public static void Keep(Storage storage)
    {
        var recent = s_recent ??= new Storage?[Most];
        int next = s_next;
        if (ReferenceEquals(recent[(next + Most - 1) % Most], storage))
            return;
        recent[next] = storage;
        s_next = (next + 1) % Most;
    }
}
