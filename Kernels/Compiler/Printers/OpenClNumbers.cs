using System;
using System.Globalization;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers;

/// <summary>Writes numbers so that OpenCL C reads back the same bits.</summary>
internal static class OpenClNumbers
{
    public static string Text(Constant number)
    {
        switch (number.Type)
        {
            case Scalar.Bool:
                return (bool)number.Value ? "1" : "0";
            case Scalar.F32:
                float f = System.Convert.ToSingle(number.Value, CultureInfo.InvariantCulture);
                return float.IsNaN(f) || float.IsInfinity(f) ? $"as_float(0x{BitConverter.ToUInt32(BitConverter.GetBytes(f), 0):X8}u)" : Signed(f.ToString("G9", CultureInfo.InvariantCulture), "f");
            case Scalar.F64:
                double d = System.Convert.ToDouble(number.Value, CultureInfo.InvariantCulture);
                return double.IsNaN(d) || double.IsInfinity(d) ? $"as_double(0x{BitConverter.DoubleToInt64Bits(d):X16}UL)" : Signed(d.ToString("G17", CultureInfo.InvariantCulture), "");
            case Scalar.U32:
                return $"{number.Value}u";
            case Scalar.U64:
                return $"{number.Value}UL";
            case Scalar.I64:
                long l = System.Convert.ToInt64(number.Value, CultureInfo.InvariantCulture);
                return l == long.MinValue ? "(-9223372036854775807L - 1L)" : l < 0 ? $"({l}L)" : $"{l}L";
            default:
                long i = System.Convert.ToInt64(number.Value, CultureInfo.InvariantCulture);
                return i == int.MinValue ? "(-2147483647 - 1)" : i < 0 ? $"({i})" : i.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static string Signed(string digits, string suffix)
    {
        if (digits.IndexOfAny(['.', 'E']) < 0)
            digits += ".0";
        return digits.StartsWith("-", StringComparison.Ordinal) ? $"({digits}{suffix})" : digits + suffix;
    }
}
