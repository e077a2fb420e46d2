using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace MomentumCore.Engine;

/// <summary>
/// What stands before the elements of a NumPy array: a Python dictionary as text, with type, order and shape.
/// </summary>
/// <param name="Descr">The element type in NumPy's words, such as <c>&lt;f4</c>.</param>
/// <param name="Type">The element type, or null for objects, text, dates and structures.</param>
/// <param name="IsBigEndian">Whether elements have their highest byte first.</param>
/// <param name="IsFortranOrder">Whether the first axis is the innermost.</param>
/// <param name="Shape">The sizes of the axes.</param>
/// <param name="HeaderBytes">What all of this takes.</param>
internal sealed record NpyHeader(
    string Descr, StoredType? Type, bool IsBigEndian, bool IsFortranOrder, IReadOnlyList<long> Shape, long HeaderBytes)
{
    private const int MostTextBytes = 1 << 20;
    private const int MostAxes = 64;
    private const int Alignment = 64;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>The bytes of the elements, or the most that fits when they are more.</summary>
    public Int128 DataBytes
    {
        get
        {
            Int128 bytes = Type?.Size() ?? 0;
            foreach (long size in Shape)
                bytes = size == 0 ? 0 : Int128.Min(bytes * size, long.MaxValue);
            return bytes;
        }
    }

    /// <summary>
    /// Reads the header of an array that takes <paramref name="allBytes"/> in the file, elements included.
    /// </summary>
    public static NpyHeader Read(string path, string name, Stream stream, long allBytes)
    {
        Span<byte> start = stackalloc byte[12];
        if (allBytes < start.Length)
            throw Damaged(path, name, $"has {allBytes} bytes, too few for a header.");
        stream.ReadExactly(start);
        if (!start[..6].SequenceEqual(Magic))
            throw Damaged(path, name, "does not begin like a NumPy array.");
        int version = start[6];
        if (version is < 1 or > 3)
            throw Damaged(path, name, $"has version {version} of the format; 1 to 3 are read.");
        // Version 1 has two bytes of length: the other two belong to the text.
        int lengthBytes = version == 1 ? 2 : 4;
        long textBytes = version == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(start[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(start[8..]);
        long headerBytes = 8 + lengthBytes + textBytes;
        if (headerBytes > allBytes || textBytes > MostTextBytes || textBytes < 4)
            throw Damaged(path, name, $"claims {textBytes:N0} bytes of header in {allBytes:N0}.");
        byte[] text = new byte[textBytes];
        var known = start[(8 + lengthBytes)..];
        known.CopyTo(text);
        stream.ReadExactly(text.AsSpan(known.Length));
        var encoding = version == 3 ? Encoding.UTF8 : Encoding.Latin1;
        var header = new Parser(path, name, encoding.GetString(text)).Parse(headerBytes);
        if (header.Type != null && header.DataBytes != allBytes - headerBytes)
        {
            throw Damaged(
                path,
                name,
                $"of {header.Descr} and shape [{string.Join(", ", header.Shape)}] does not fill its " +
                $"{allBytes - headerBytes:N0} bytes.");
        }

        return header;
    }

    /// <summary>The header of a gapless tensor.</summary>
    public static byte[] Of(Tensor tensor)
    {
        string descr = tensor.DType switch
        {
            DType.Float64 => "<f8",
            DType.Float32 => "<f4",
            DType.Float16 => "<f2",
            DType.Int64 => "<i8",
            _ => "<i4",
        };
        // A tuple of one has a comma, too.
        string shape = tensor.Rank == 1 ? $"{tensor.Count}," : string.Join(", ", tensor.Shape);
        string text = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': ({shape}), }}";
        int all = (10 + text.Length + 1 + Alignment - 1) / Alignment * Alignment;
        text = text.PadRight(all - 11) + "\n";
        return [.. Magic, 1, 0, (byte)text.Length, (byte)(text.Length >> 8), .. Encoding.ASCII.GetBytes(text)];
    }

    public static WeightFileException Damaged(string path, string name, string problem) =>
        new(
            path,
            $"array '{name}' {problem}",
            "The file is damaged, or was not written by numpy.save; write it again.");

    private static (StoredType? Type, bool IsBigEndian) TypeOf(string descr)
    {
        bool isBigEndian = descr.StartsWith('>');
        StoredType? type = descr.TrimStart('<', '>', '=', '|') switch
        {
            "b1" or "?" => StoredType.Bool,
            "u1" or "B" => StoredType.UInt8,
            "i1" or "b" => StoredType.Int8,
            "u2" => StoredType.UInt16,
            "i2" => StoredType.Int16,
            "u4" => StoredType.UInt32,
            "i4" => StoredType.Int32,
            "u8" => StoredType.UInt64,
            "i8" => StoredType.Int64,
            "f2" => StoredType.Float16,
            "f4" => StoredType.Float32,
            "f8" => StoredType.Float64,
            "c8" => StoredType.Complex64,
            "c16" => StoredType.Complex128,
            _ => null,
        };
        return (type, isBigEndian);
    }

    /// <summary>Reads <c>{'descr': '&lt;f4', 'fortran_order': False, 'shape': (3, 4), }</c> and nothing else.</summary>
    private sealed class Parser(string path, string name, string text)
    {
        private int _at;

        public NpyHeader Parse(long headerBytes)
        {
            string? descr = null;
            bool? isFortranOrder = null;
            List<long>? shape = null;
            Expect('{');
            while (!Next('}'))
            {
                string key = Quoted();
                Expect(':');
                switch (key)
                {
                    case "descr" when descr == null: descr = Descr(); break;
                    case "fortran_order" when isFortranOrder == null: isFortranOrder = Truth(); break;
                    case "shape" when shape == null: shape = Numbers(); break;
                    default: throw Wrong();
                }

                if (!Next(','))
                {
                    Expect('}');
                    break;
                }
            }

            if (text.AsSpan(_at).Trim().Length > 0 || descr == null || isFortranOrder == null || shape == null)
                throw Wrong();
            var (type, isBigEndian) = TypeOf(descr);
            return new NpyHeader(descr, type, isBigEndian, isFortranOrder.Value, shape, headerBytes);
        }

        private WeightFileException Wrong() =>
            Damaged(path, name, "has a header that is no dictionary of descr, fortran_order and shape.");

        private bool Next(char c)
        {
            while (_at < text.Length && text[_at] is ' ' or '\n' or '\t')
                _at++;
            if (_at >= text.Length || text[_at] != c)
                return false;
            _at++;
            return true;
        }

        private void Expect(char c)
        {
            if (!Next(c))
                throw Wrong();
        }

        private string Quoted()
        {
            char quote = Next('\'') ? '\'' : '"';
            if (quote == '"')
                Expect('"');
            int end = text.IndexOf(quote, _at);
            if (end < 0)
                throw Wrong();
            string word = text[_at..end];
            _at = end + 1;
            return word;
        }

        /// <summary>
        /// The type's name; that of a structure is a list, which is of no use here but for the message.
        /// </summary>
        private string Descr()
        {
            if (!Next('['))
                return Quoted();
            int depth = 1;
            for (int start = _at; _at < text.Length; _at++)
            {
                depth += text[_at] switch { '[' => 1, ']' => -1, _ => 0 };
                if (depth == 0)
                    return $"[{text[start.._at++]}]";
            }

            throw Wrong();
        }

        private bool Truth()
        {
            Next(' ');
            foreach (var (word, value) in new[] { ("True", true), ("False", false) })
            {
                if (!text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal))
                    continue;
                _at += word.Length;
                return value;
            }

            throw Wrong();
        }

        private List<long> Numbers()
        {
            var numbers = new List<long>();
            Expect('(');
            while (!Next(')'))
            {
                int start = _at;
                while (_at < text.Length && char.IsAsciiDigit(text[_at]))
                    _at++;
                var digits = text.AsSpan(start, _at - start);
                if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                    || numbers.Count == MostAxes)
                {
                    throw Wrong();
                }

                numbers.Add(number);
                // Python 2 wrote long integers with an L.
                Next('L');
                if (!Next(','))
                {
                    Expect(')');
                    break;
                }
            }

            return numbers;
        }
    }
}
