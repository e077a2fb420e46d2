using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Laws;

/// <summary>Values with a shape, as the laws are tried on; prints itself when a law fails.</summary>
internal sealed record Operand(int[] Shape, double[] Values)
{
    public NdArray Array => new(Shape, Values);

    public Tensor Tensor(DType dtype) => TestTensors.Make(Values, Shape, dtype);

    /// <summary>The same values in memory with gaps and reversed axes.</summary>
    public Tensor Strided(DType dtype) => TestTensors.MakeNonContiguous(Values, Shape, dtype);

    /// <summary>The values rounded to Float32, so that they mean the same in both types.</summary>
    public Operand Rounded() => this with { Values = [.. Values.Select(v => (double)(float)v)] };

    public override string ToString() => $"[{string.Join(", ", Shape)}] {{{string.Join(", ", Values)}}}";
}
