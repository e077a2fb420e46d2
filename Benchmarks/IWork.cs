namespace MomentumCore.Benchmarks;

/// <summary>A benchmark's size that knows its arithmetic, for <see cref="SpeedColumn"/>.</summary>
public interface IWork
{
    /// <summary>Multiplications and additions of one run.</summary>
    double Operations { get; }
}
