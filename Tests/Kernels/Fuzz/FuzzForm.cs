namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>Which form of a kernel runs.</summary>
internal enum FuzzForm
{
    /// <summary>As it was written, in float.</summary>
    Float,

    /// <summary>The double form.</summary>
    Double,

    /// <summary>Over strided views.</summary>
    Strided,

    /// <summary>Over strided views in double.</summary>
    StridedDouble,

    /// <summary>The method itself, called for each element on host memory.</summary>
    Method,

    /// <summary>The same source with double where it says float.</summary>
    Twin,
}
