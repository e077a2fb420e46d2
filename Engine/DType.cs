namespace MomentumCore.Engine;

/// <summary>The type of a tensor's elements.</summary>
public enum DType
{
    /// <summary>32-bit IEEE float: computes, and has derivatives.</summary>
    Float32,

    /// <summary>64-bit IEEE float: computes, and has derivatives.</summary>
    Float64,

    /// <summary>32-bit integer: indices, masks (0 or 1), counts.</summary>
    Int32,

    /// <summary>64-bit integer: indices and counts.</summary>
    Int64,

    /// <summary>16-bit IEEE float: storage only, convert with <c>To</c> to compute.</summary>
    Float16,

    /// <summary>16-bit brain float (8-bit exponent): storage only, convert with <c>To</c> to compute.</summary>
    BFloat16,
}
