namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// How a long sum is cut into blocks: by its length alone, so that its bits do not depend on where or beside what it
/// is computed.
/// </summary>
internal static class InnerBlocks
{
    /// <summary>
    /// The most products in one chain: a panel of 32 floats stays in the second cache while rows pass by.
    /// </summary>
    public const int Most = 512;

    /// <summary>How many blocks a sum has; one of no products where there are none.</summary>
    public static int Count(int inner) => Math.Max(1, (inner + Most - 1) / Most);

    /// <summary>Products in each block but the last, which may have fewer.</summary>
    public static int Length(int inner) => (inner + Count(inner) - 1) / Count(inner);
}
