using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops.References;

/// <summary>Conversions, by those of C#.</summary>
internal static class ConversionReferences
{
    [Reference("ToDType")]
    public static NdArray ToDType(OpExample example, NdArray[] x) => x[0].Map(v => (DType)example.Options["type"] switch
    {
        DType.Float64 => v,
        DType.Float32 => (float)v,
        DType.Int32 or DType.Int64 => Math.Truncate(v),
        DType.Float16 => (double)(Half)(float)v,
        _ => (float)(BFloat16)(float)v,
    });

    [Reference("ToDevice")]
    public static NdArray ToDevice(OpExample example, NdArray[] x) => x[0];
}
