namespace MomentumCore.Engine;

/// <summary>
/// While open, backward stops at the first derivative that is not a number and names the operation that made it.
/// </summary>
/// <remarks>Slow: operations remember where they were called from, and every derivative is scanned.</remarks>
public sealed class AnomalyMode : IDisposable
{
    private static int s_open;
    private bool _closed;

    private AnomalyMode()
    {
    }

    /// <summary>Whether derivatives are being watched.</summary>
    public static bool IsOn => Volatile.Read(ref s_open) > 0;

    /// <summary>Watches until the result is disposed. It holds for the whole process.</summary>
    public static AnomalyMode Begin()
    {
        Interlocked.Increment(ref s_open);
        return new AnomalyMode();
    }

    /// <summary>Stops watching.</summary>
    public void Dispose()
    {
        if (_closed)
            return;
        _closed = true;
        Interlocked.Decrement(ref s_open);
    }

    internal static void Check(Function function, int input, Tensor gradient)
    {
        if (!gradient.HasNaN())
            return;
        string where = function.CreationTrace is { } trace ? $" It was called here:{Environment.NewLine}{trace}" : "";
        throw new GradientException(
            $"Backward of {function.Name} made a NaN in the gradient of its input {input} (shape " +
            $"{gradient.Shape}).{where}");
    }
}
