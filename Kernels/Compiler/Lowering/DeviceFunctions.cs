using System.Collections.Generic;
using Microsoft.CodeAnalysis;
using MomentumCore.Kernels.Compiler.Ir;

namespace MomentumCore.Kernels.Compiler.Lowering;

/// <summary>The .NET functions that every device has with the same bits, and advice for those that none has.</summary>
internal static class DeviceFunctions
{
    private static readonly Dictionary<string, IntrinsicKind> Math = new()
    {
        ["Abs"] = IntrinsicKind.Abs,
        ["Min"] = IntrinsicKind.Min,
        ["Max"] = IntrinsicKind.Max,
        ["Floor"] = IntrinsicKind.Floor,
        ["Ceiling"] = IntrinsicKind.Ceiling,
        ["Truncate"] = IntrinsicKind.Truncate,
        ["Sqrt"] = IntrinsicKind.Sqrt,
        ["CopySign"] = IntrinsicKind.CopySign,
    };

    private static readonly Dictionary<string, IntrinsicKind> Float = new()
    {
        ["IsNaN"] = IntrinsicKind.IsNaN,
        ["IsInfinity"] = IntrinsicKind.IsInfinity,
        ["IsFinite"] = IntrinsicKind.IsFinite,
    };

    private static readonly Dictionary<string, IntrinsicKind> Bits = new()
    {
        ["PopCount"] = IntrinsicKind.PopCount,
        ["LeadingZeroCount"] = IntrinsicKind.LeadingZeroCount,
        ["SingleToUInt32Bits"] = IntrinsicKind.FloatAsInt,
        ["DoubleToUInt64Bits"] = IntrinsicKind.FloatAsInt,
        ["UInt32BitsToSingle"] = IntrinsicKind.IntAsFloat,
        ["UInt64BitsToDouble"] = IntrinsicKind.IntAsFloat,
    };

    public static IntrinsicKind? Find(IMethodSymbol method)
    {
        var owner = method.ContainingType;
        IntrinsicKind kind;
        if (owner.SpecialType is SpecialType.System_Single or SpecialType.System_Double)
            return Float.TryGetValue(method.Name, out kind) ? kind : null;
        string ns = owner.ContainingNamespace.ToDisplayString();
        if (owner.Name is "Math" or "MathF" && ns == "System")
        {
            if (method.Name == "Round" && method.Parameters.Length == 1)
                return IntrinsicKind.Round;
            return Math.TryGetValue(method.Name, out kind) ? kind : null;
        }

        return owner.Name is "BitOperations" or "BitConverter" && Bits.TryGetValue(method.Name, out kind) ? kind : null;
    }

    /// <summary>What to use instead of a method that has no source here.</summary>
    public static string Advice(IMethodSymbol method, Compilation compilation)
    {
        string name = $"{method.ContainingType.Name}.{method.Name}";
        if (method.ContainingType.Name is not ("Math" or "MathF"))
            return $"'{name}' has no source here and no device has it; write a static helper method";
        if (method.Name == "FusedMultiplyAdd")
            return $"'{name}' is rounded once where a device has it and twice elsewhere; multiply, then add";
        if (method.Name == "Clamp")
            return $"'{name}' throws, which a kernel cannot; use Min and Max";
        bool isThere = compilation.GetTypeByMetadataName($"{TypeRules.Dialect}.XMath")?.GetMembers(method.Name).IsEmpty == false;
        return $"'{name}' differs from device to device; " + (isThere
            ? $"use XMath.{method.Name}, which gives the same bits everywhere"
            : $"XMath has no {method.Name}; write a static helper method from the functions that it has");
    }
}
