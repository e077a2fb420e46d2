using BenchmarkDotNet.Attributes;
using MomentumCore.Engine;

namespace MomentumCore.Benchmarks;

/// <summary>Matrix products of the sizes that the workloads of <c>momentum bench</c> are made of.</summary>
public class MatMulBenchmarks
{
    private Tensor _left = null!; // Set by Prepare, before any run.
    private Tensor _right = null!;

    /// <summary>The sizes: forward, then the two gradients where they differ.</summary>
    public static IEnumerable<MatMulSize> Sizes =>
    [
        new("square", 1024, 1024, 1024),
        new("wide forward", 256, 2048, 512, TurnRight: true),
        new("wide input gradient", 256, 512, 2048),
        new("wide weight gradient", 2048, 512, 256, TurnLeft: true),
        new("wide tile", 16, 2048, 512, TurnRight: true),
        new("quickstart in", 1024, 8, 500, TurnRight: true),
        new("quickstart out", 1024, 500, 8, TurnRight: true),
        new("quickstart weight gradient", 8, 500, 1024, TurnLeft: true),
        new("rings in", 4000, 16, 2, TurnRight: true),
        new("rings weight gradient", 16, 2, 4000, TurnLeft: true),
        new("memory in", 400_000, 1, 2, TurnRight: true),
        new("memory weight gradient", 1, 2, 400_000, TurnLeft: true),
        new("transformer projection", 256, 512, 512, TurnRight: true),
    ];

    /// <summary>The size of this run.</summary>
    [ParamsSource(nameof(Sizes))]
    public MatMulSize Size { get; set; } = null!;

    /// <summary>Makes the factors.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        _left = Size.TurnLeft
            ? Tensor.Rand([Size.Inner, Size.Rows]).Transpose(0, 1)
            : Tensor.Rand([Size.Rows, Size.Inner]);
        _right = Size.TurnRight
            ? Tensor.Rand([Size.Columns, Size.Inner]).Transpose(0, 1)
            : Tensor.Rand([Size.Inner, Size.Columns]);
    }

    /// <summary>One product.</summary>
    [Benchmark]
    public void MatMul() => _left.MatMul(_right).Dispose();
}
