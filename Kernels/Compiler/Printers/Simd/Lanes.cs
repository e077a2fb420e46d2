using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Printers.Simd;

/// <summary>
/// How values lie in lanes of one width. Narrower integers are kept extended to the lane by their sign (or by zeros),
/// which every operation restores; a bool is a lane of ones or zeros. A float beside lanes of 64 bits is kept as it is, in a
/// vector half as long.
/// </summary>
/// <param name="bytes">The width of a lane: 4 or 8.</param>
internal sealed class Lanes(int bytes)
{
    /// <summary>The C# type of one lane.</summary>
    public string Element(Scalar type)
    {
        if (type.Bytes() > bytes || type == Scalar.Void)
            throw new NoSimdForm($"it computes with {type.CSharp()} in lanes of {bytes * 8} bits") { IsTooNarrow = bytes == 4 };
        if (type.IsFloat())
            return type.CSharp();
        return (type == Scalar.Bool || type.IsSigned(), bytes) switch
        {
            (true, 4) => "int",
            (true, _) => "long",
            (false, 4) => "uint",
            _ => "ulong",
        };
    }

    public string Vector(Scalar type) => $"{Functions(type)}<{Element(type)}>";

    /// <summary>The C# class whose functions work on vectors of the type.</summary>
    public string Functions(Scalar type) => IsHalf(type) ? "Vector256" : "Vector512";

    /// <summary>Whether values of the type fill half a vector.</summary>
    public bool IsHalf(Scalar type) => type == Scalar.F32 && bytes == 8;

    /// <summary>How many lanes there are.</summary>
    public string Count => $"Vector512<{(bytes == 4 ? "int" : "long")}>.Count";

    /// <summary>Whether elements of a view are loaded as they are; else they are half as wide as a lane and widened.</summary>
    public bool IsFull(Scalar element)
    {
        if (IsHalf(element))
            return true;
        if (element.Bytes() != bytes && (element.IsFloat() || element.Bytes() * 2 != bytes))
            throw new NoSimdForm($"a view holds {element.CSharp()} beside lanes of {bytes * 8} bits") { IsTooNarrow = element.Bytes() > bytes };
        return element.Bytes() == bytes;
    }

    /// <summary>The same bits, seen as lanes of another type.</summary>
    public string As(string text, Scalar from, Scalar to)
    {
        string element = Element(to);
        if (element == Element(from))
            return text;
        if (IsHalf(from))
            return $"KernelVectors.Widen({text}.{(element == "long" ? "AsInt32" : "AsUInt32")}())";
        if (IsHalf(to))
            return $"KernelVectors.Narrow({text}).AsSingle()";
        return text + element switch
        {
            "float" => ".AsSingle()",
            "double" => ".AsDouble()",
            "int" => ".AsInt32()",
            "uint" => ".AsUInt32()",
            "long" => ".AsInt64()",
            _ => ".AsUInt64()",
        };
    }

    /// <summary>The same number in every lane.</summary>
    public string Repeat(string scalar, Scalar type)
    {
        string element = Element(type);
        if (type == Scalar.Bool)
            return $"({scalar} ? Vector512<{element}>.AllBitsSet : Vector512<{element}>.Zero)";
        return $"{Functions(type)}.Create({(element == type.CSharp() ? scalar : $"({element})({scalar})")})";
    }

    /// <summary>An integer cut to its own width again.</summary>
    public string Wrapped(string text, Scalar type)
    {
        int spare = 8 * (bytes - type.Bytes());
        if (spare == 0 || !type.IsInteger())
            return text;
        if (type.IsSigned())
            return $"Vector512.ShiftRightArithmetic(Vector512.ShiftLeft({text}, {spare}), {spare})";
        return $"({text} & Vector512.Create({(bytes == 4 ? "uint" : "ulong")}.MaxValue >> {spare}))";
    }

    /// <summary>A conversion as C# makes it.</summary>
    public string Convert(string text, Scalar from, Scalar to)
    {
        if (from == to)
            return text;
        if (from == Scalar.Bool || to == Scalar.Bool)
            throw new NoSimdForm("it converts a bool");
        Element(from);
        Element(to);
        if (from.IsFloat() && to.IsFloat())
            return $"KernelVectors.{(to == Scalar.F64 ? "Widen" : "Narrow")}({text})";
        if (to.IsFloat())
            return ToFloat(text, from, to);
        if (from.IsFloat())
            return FromFloat(IsHalf(from) ? $"KernelVectors.Widen({text})" : text, to);
        text = As(text, from, to);
        bool fits = to.Bytes() > from.Bytes() && (to.IsSigned() || !from.IsSigned());
        return fits ? text : Wrapped(text, to);
    }

    private string ToFloat(string text, Scalar from, Scalar to)
    {
        if (!IsHalf(to))
            return to == Scalar.F32 ? $"Vector512.ConvertToSingle({text})" : $"Vector512.ConvertToDouble({text})";
        // Smaller integers are exact in double, so that rounding to float is the only rounding.
        return from.Bytes() == 8 ? $"KernelVectors.ToSingle({text})" : $"KernelVectors.Narrow(Vector512.ConvertToDouble({text}))";
    }

    // C# saturates and turns NaN into 0; types smaller than int go through int and wrap.
    private string FromFloat(string text, Scalar to) => to switch
    {
        Scalar.I64 => $"Vector512.ConvertToInt64({text})",
        Scalar.U64 => $"Vector512.ConvertToUInt64({text})",
        Scalar.I32 => bytes == 4 ? $"Vector512.ConvertToInt32({text})" : $"KernelVectors.ToInt32({text})",
        Scalar.U32 => bytes == 4 ? $"Vector512.ConvertToUInt32({text})" : $"KernelVectors.ToUInt32({text})",
        _ => Convert(FromFloat(text, Scalar.I32), Scalar.I32, to),
    };
}
