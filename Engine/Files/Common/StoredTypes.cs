using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace MomentumCore.Engine;

/// <summary>
/// What the element types of files become: the same type, or the next wider integer that the engine has.
/// </summary>
/// <remarks>
/// Bool, UInt8, Int8, UInt16 and Int16 become Int32 (masks are Int32 here), UInt32 and UInt64 become Int64. Nothing
/// is rounded: a UInt64 above 2^63 − 1 is refused, and so are complex numbers.
/// </remarks>
internal static class StoredTypes
{
    public static int Size(this StoredType type) => type switch
    {
        StoredType.Bool or StoredType.UInt8 or StoredType.Int8 => 1,
        StoredType.UInt16 or StoredType.Int16 or StoredType.Float16 or StoredType.BFloat16 => 2,
        StoredType.UInt32 or StoredType.Int32 or StoredType.Float32 => 4,
        StoredType.Complex128 => 16,
        _ => 8,
    };

    /// <summary>The element type in this engine, or null when it has none that holds every value.</summary>
    public static DType? ToDType(this StoredType type) => type switch
    {
        StoredType.Float32 => DType.Float32,
        StoredType.Float64 => DType.Float64,
        StoredType.Float16 => DType.Float16,
        StoredType.BFloat16 => DType.BFloat16,
        StoredType.Int64 or StoredType.UInt32 or StoredType.UInt64 => DType.Int64,
        StoredType.Complex64 or StoredType.Complex128 => null,
        _ => DType.Int32,
    };

    /// <summary>What elements that take so many bytes in a file take in this engine: of bool four times as many.</summary>
    public static Int128 BytesHere(this StoredType type, Int128 bytes) =>
        bytes / type.Size() * (type.ToDType()?.Size() ?? type.Size());

    /// <summary>The type that a tensor of this engine is written as.</summary>
    public static StoredType From(DType type) => type switch
    {
        DType.Float64 => StoredType.Float64,
        DType.Float32 => StoredType.Float32,
        DType.Float16 => StoredType.Float16,
        DType.BFloat16 => StoredType.BFloat16,
        DType.Int64 => StoredType.Int64,
        _ => StoredType.Int32,
    };

    /// <summary>Whether the bytes of a file are those of the tensor.</summary>
    public static bool IsVerbatim(this StoredType type) => type.ToDType() is { } dtype && From(dtype) == type;

    /// <summary>Turns big-endian elements into little-endian ones, or back.</summary>
    public static void ReverseBytes(StoredType type, Span<byte> elements)
    {
        // A complex number is two real ones.
        int size = type switch { StoredType.Complex64 => 4, StoredType.Complex128 => 8, _ => type.Size() };
        switch (size)
        {
            case 2:
                var shorts = MemoryMarshal.Cast<byte, ushort>(elements);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                var ints = MemoryMarshal.Cast<byte, uint>(elements);
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                var longs = MemoryMarshal.Cast<byte, ulong>(elements);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }

    /// <summary>Copies little-endian elements into wider ones.</summary>
    /// <returns>False when a value does not fit.</returns>
    public static bool Widen(StoredType type, ReadOnlySpan<byte> source, Span<byte> target)
    {
        switch (type)
        {
            case StoredType.Bool: Each<byte, int>(source, target, static v => v != 0 ? 1 : 0); break;
            case StoredType.UInt8: Each<byte, int>(source, target, static v => v); break;
            case StoredType.Int8: Each<sbyte, int>(source, target, static v => v); break;
            case StoredType.UInt16: Each<ushort, int>(source, target, static v => v); break;
            case StoredType.Int16: Each<short, int>(source, target, static v => v); break;
            case StoredType.UInt32: Each<uint, long>(source, target, static v => v); break;
            case StoredType.UInt64:
                source.CopyTo(target);
                // Read as signed, what is too large is negative.
                foreach (long value in MemoryMarshal.Cast<byte, long>(source))
                {
                    if (value < 0)
                        return false;
                }

                break;
            default: source.CopyTo(target); break;
        }

        return true;
    }

    private static void Each<TFrom, TTo>(ReadOnlySpan<byte> source, Span<byte> target, Func<TFrom, TTo> convert)
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        var from = MemoryMarshal.Cast<byte, TFrom>(source);
        var to = MemoryMarshal.Cast<byte, TTo>(target);
        for (int i = 0; i < from.Length; i++)
            to[i] = convert(from[i]);
    }
}
