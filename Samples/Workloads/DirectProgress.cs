namespace MomentumCore.Samples;

/// <summary>Reports to a function at once and on the same thread, so that lines come in order.</summary>
internal sealed class DirectProgress<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}
