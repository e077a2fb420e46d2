using System.Buffers.Binary;
using System.Numerics;

namespace MomentumCore.Engine;

/// <summary>The type of a number of NumPy while a pickle is read, and the number that its bytes are.</summary>
/// <param name="code">NumPy's short name, such as <c>f8</c>.</param>
internal sealed class NumPyScalar(string code)
{
    /// <summary>Booleans, integers and floats; what is not here (objects, text, dates, records) is no plain number.</summary>
    public static readonly string[] Types =
        ["b1", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"];

    private bool _isBigEndian;

    /// <summary>Takes the state that NumPy gives a type: (version, byte order, None, None, None, -1, -1, flags).</summary>
    /// <returns>Whether it is one of a plain type.</returns>
    public bool TrySet(object? state)
    {
        if (state is not PickleList { Items: [_, "<" or ">" or "|" or "=", null, null, null, ..] items })
            return false;
        _isBigEndian = items[1] is ">";
        return true;
    }

    /// <summary>The number, as the reader of pickles has numbers; null when the bytes are not as many as it takes.</summary>
    public object? Read(byte[] bytes)
    {
        if (bytes.Length != code[1] - '0')
            return null;
        // As little-endian, whatever the order in the file.
        byte[] little = _isBigEndian ? [.. bytes.Reverse()] : bytes;
        return code[0] switch
        {
            'b' => little[0] != 0,
            'i' => new BigInteger(little),
            'u' => new BigInteger(little, isUnsigned: true),
            _ => bytes.Length switch
            {
                2 => (double)BinaryPrimitives.ReadHalfLittleEndian(little),
                4 => (double)BinaryPrimitives.ReadSingleLittleEndian(little),
                _ => BinaryPrimitives.ReadDoubleLittleEndian(little),
            },
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"NumPy type {code}";
}
