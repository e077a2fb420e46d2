using System.Buffers.Binary;
using System.Text.Json;

namespace MomentumCore.Engine;

/// <summary>
/// Reads the header of a safetensors file and believes nothing in it: every size is checked against the file.
/// </summary>
internal static class SafetensorsHeaderReader
{
    /// <summary>The format's own limit for the header.</summary>
    private const long MostHeaderBytes = 100_000_000;

    private const string Broken = "The file is damaged or is no safetensors file; download or save it again.";

    public static SafetensorsHeader Read(string path, Stream stream)
    {
        long fileBytes = stream.Length;
        Span<byte> lengthBytes = stackalloc byte[8];
        if (fileBytes < 10)
            throw Damaged(path, $"it has {fileBytes} bytes, too few for a header.");
        stream.ReadExactly(lengthBytes);
        ulong claimed = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        if (claimed > (ulong)(fileBytes - 8))
            throw Damaged(path, $"its header claims {claimed:N0} bytes; only {fileBytes - 8:N0} follow.");
        if (claimed > MostHeaderBytes)
            throw Damaged(path, $"its header claims {claimed:N0} bytes; the format allows {MostHeaderBytes:N0}.");
        byte[] json = new byte[(int)claimed];
        stream.ReadExactly(json);
        if (json.Length == 0 || json[0] != '{')
            throw Damaged(path, "its header does not start with '{'.");
        long dataBytes = fileBytes - 8 - json.Length;
        var tensors = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>();
        try
        {
            new Parser(path, json).Parse(tensors, metadata);
        }
        catch (JsonException error)
        {
            throw Damaged(path, $"its header is no valid JSON ({error.Message.TrimEnd('.')}).", error);
        }
        catch (InvalidOperationException error)
        {
            // What the JSON reader throws for text that is no valid UTF-8 or UTF-16.
            throw Damaged(path, $"its header holds invalid text ({error.Message.TrimEnd('.')}).", error);
        }

        RequireGapless(path, tensors, dataBytes);
        return new SafetensorsHeader(tensors, metadata, 8 + json.Length, dataBytes);
    }

    public static WeightFileException Damaged(string path, string problem, Exception? inner = null) =>
        new(path, problem, Broken, inner);

    /// <summary>
    /// The ranges follow each other from the first byte to the last: none overlaps, none is left out.
    /// </summary>
    private static void RequireGapless(string path, List<SafetensorsEntry> tensors, long dataBytes)
    {
        long end = 0;
        foreach (var tensor in tensors.OrderBy(t => t.Begin).ThenBy(t => t.End))
        {
            if (tensor.Begin != end)
            {
                string what = tensor.Begin < end
                    ? "overlaps another tensor"
                    : $"leaves a gap of {tensor.Begin - end:N0} bytes";
                throw Damaged(path, $"tensor '{tensor.Name}' begins at byte {tensor.Begin:N0} of the data and {what}.");
            }

            end = tensor.End;
        }

        if (end != dataBytes)
            throw Damaged(path, $"its tensors take {end:N0} bytes; {dataBytes:N0} follow the header.");
    }

    private sealed class Parser(string path, byte[] json)
    {
        public void Parse(List<SafetensorsEntry> tensors, Dictionary<string, string> metadata)
        {
            var reader = new Utf8JsonReader(json);
            var names = new HashSet<string>();
            reader.Read();
            while (NextName(ref reader) is { } name)
            {
                if (!names.Add(name))
                    throw Damaged(path, $"the name '{name}' is there twice.");
                if (name == "__metadata__")
                    ParseMetadata(ref reader, metadata);
                else
                    tensors.Add(ParseTensor(ref reader, name));
            }

            // Only blanks may follow: this throws on anything else.
            reader.Read();
        }

        private static string? NextName(ref Utf8JsonReader reader) =>
            reader.Read() && reader.TokenType == JsonTokenType.PropertyName ? reader.GetString() : null;

        private void ParseMetadata(ref Utf8JsonReader reader, Dictionary<string, string> metadata)
        {
            Expect(ref reader, JsonTokenType.StartObject, "__metadata__ is no object");
            while (NextName(ref reader) is { } key)
            {
                Expect(ref reader, JsonTokenType.String, $"the metadata '{key}' is no text");
                if (!metadata.TryAdd(key, reader.GetString()!))
                    throw Damaged(path, $"the metadata '{key}' is there twice.");
            }
        }

        private SafetensorsEntry ParseTensor(ref Utf8JsonReader reader, string name)
        {
            string? type = null;
            List<long>? shape = null, offsets = null;
            Expect(ref reader, JsonTokenType.StartObject, $"tensor '{name}' is described by no object");
            while (NextName(ref reader) is { } key)
            {
                if ((key == "dtype" && type != null)
                    || (key == "shape" && shape != null)
                    || (key == "data_offsets" && offsets != null))
                {
                    throw Damaged(path, $"tensor '{name}' has {key} twice.");
                }

                switch (key)
                {
                    case "dtype":
                        Expect(ref reader, JsonTokenType.String, $"the dtype of tensor '{name}' is no text");
                        type = reader.GetString();
                        break;
                    case "shape":
                        shape = ParseNumbers(ref reader, $"the shape of tensor '{name}'");
                        break;
                    case "data_offsets":
                        offsets = ParseNumbers(ref reader, $"the data_offsets of tensor '{name}'");
                        break;
                    default:
                        reader.Read();
                        reader.Skip();
                        break;
                }
            }

            return Checked(
                name,
                type ?? throw Lacks(name, "dtype"),
                shape ?? throw Lacks(name, "shape"),
                offsets ?? throw Lacks(name, "data_offsets"));
        }

        private WeightFileException Lacks(string name, string what) =>
            Damaged(path, $"tensor '{name}' lacks its {what}.");

        private SafetensorsEntry Checked(string name, string type, List<long> shape, List<long> offsets)
        {
            int bits = SafetensorsTypes.Bits(type);
            if (bits == 0)
                throw Damaged(path, $"tensor '{name}' has the unknown dtype '{type}'.");
            if (offsets.Count != 2 || offsets[0] > offsets[1])
            {
                string text = string.Join(", ", offsets);
                throw Damaged(path, $"tensor '{name}' has data_offsets [{text}]; they must be a begin and an end.");
            }

            // More than any file has, so that the product below cannot overflow.
            Int128 elements = shape.Contains(0) ? 0 : 1;
            foreach (long size in shape)
            {
                if (elements <= long.MaxValue)
                    elements *= size;
            }

            long bytes = offsets[1] - offsets[0];
            if (elements > long.MaxValue || elements * bits != (Int128)bytes * 8)
            {
                string sizes = string.Join(", ", shape);
                throw Damaged(path, $"tensor '{name}', {type} of shape [{sizes}], does not fill its {bytes:N0} bytes.");
            }

            return new SafetensorsEntry(name, type, shape, offsets[0], offsets[1]);
        }

        private List<long> ParseNumbers(ref Utf8JsonReader reader, string what)
        {
            Expect(ref reader, JsonTokenType.StartArray, $"{what} is no list");
            var numbers = new List<long>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out long number) || number < 0)
                    throw Damaged(path, $"{what} holds something that is no whole number from 0 to 2^63 - 1.");
                numbers.Add(number);
            }

            return numbers;
        }

        private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string otherwise)
        {
            if (!reader.Read() || reader.TokenType != type)
                throw Damaged(path, $"{otherwise}.");
        }
    }
}
