namespace MomentumCore.Kernels.Dialect;

/// <summary>How a plane lies in memory.</summary>
public static class Stride2D
{
    /// <summary>Neighbours along X follow each other; lines along X lie <paramref name="yStride"/> elements apart.</summary>
    /// <param name="yStride">Elements from one line to the next.</param>
    public readonly struct DenseX(int yStride)
    {
        /// <summary>Elements from one line to the next.</summary>
        public readonly int YStride = yStride;
    }
}
