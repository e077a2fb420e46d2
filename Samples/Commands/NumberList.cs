namespace MomentumCore.Samples;

/// <summary>
/// Numbers of one option, written with commas between them, so that help shows its default as it is typed.
/// </summary>
internal sealed record NumberList(params int[] Values)
{
    public override string ToString() => string.Join(',', Values);
}
