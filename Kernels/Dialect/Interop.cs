namespace MomentumCore.Kernels.Dialect;

/// <summary>The bits of a float and back.</summary>
public static class Interop
{
    /// <summary>The bits of <paramref name="value"/>.</summary>
    public static uint FloatAsInt(float value) => BitConverter.SingleToUInt32Bits(value);

    /// <summary>The bits of <paramref name="value"/>.</summary>
    public static ulong FloatAsInt(double value) => BitConverter.DoubleToUInt64Bits(value);

    /// <summary>The float with these bits.</summary>
    public static float IntAsFloat(uint bits) => BitConverter.UInt32BitsToSingle(bits);

    /// <summary>The double with these bits.</summary>
    public static double IntAsFloat(ulong bits) => BitConverter.UInt64BitsToDouble(bits);
}
