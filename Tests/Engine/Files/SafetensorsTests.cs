using System.Buffers.Binary;
using System.Text;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>Weight files: what is saved comes back, and no file can do harm.</summary>
[TestFixture]
internal sealed class SafetensorsTests : FolderTests
{
    [Test]
    public void A_null_tensor_is_refused_by_name()
    {
        string path = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        var tensors = new Dictionary<string, Tensor> { ["lost"] = null! };
        Assert.That(() => Safetensors.Save(path, tensors), Throws.ArgumentException.With.Message.Contains("'lost'"));
        Assert.That(File.Exists(path), Is.False);
    }

    private string FilePath => Path.Combine(Folder, "weights.safetensors");

    [Test]
    public void Every_element_type_comes_back_with_the_same_bits()
    {
        using var scope = TensorScope.Begin();
        var tensors = new Dictionary<string, Tensor>
        {
            ["half"] = Tensor.From([(Half)1.5f, Half.NaN, Half.MaxValue], [3]),
            ["int"] = Tensor.From([1, -2, int.MinValue, 4], [2, 2]),
            ["double"] = Tensor.From([1.0, double.Epsilon, -0.0], [1, 3]),
            ["empty"] = Tensor.Zeros([0, 7]),
            ["scalar"] = Tensor.Scalar(3.25),
            ["long"] = Tensor.From(long.MinValue, 7L),
            ["brain"] = Tensor.From([(BFloat16)0.1f], [1, 1, 1]),
            ["float"] = Tensor.From([float.NaN, 1e-40f, 3f], [3]),
            ["ünï\"\\🙂"] = Tensor.From(1f),
        };
        var metadata = new Dictionary<string, string> { ["épreuve"] = "line\nbreak \"quoted\"", ["empty"] = "" };

        Safetensors.Save(FilePath, tensors, metadata);
        using var loaded = Safetensors.Load(FilePath);

        Assert.That(loaded.Keys, Is.EqualTo(tensors.Keys));
        Assert.That(loaded.Metadata, Is.EquivalentTo(metadata));
        foreach (var (name, tensor) in tensors)
        {
            Assert.That(loaded[name].DType, Is.EqualTo(tensor.DType), name);
            Assert.That(loaded[name].Shape, Is.EqualTo(tensor.Shape), name);
            Assert.That(Bits(loaded[name]), Is.EqualTo(Bits(tensor)), name);
        }
    }

    [Test]
    public void A_view_with_gaps_is_saved_as_its_elements_and_a_large_tensor_in_pieces()
    {
        using var scope = TensorScope.Begin();
        double[] values = [.. Enumerable.Range(0, 300_000).Select(i => (double)i)];
        var strided = TestTensors.MakeNonContiguous(values, [3, 100_000], DType.Float64);

        Safetensors.Save(FilePath, new Dictionary<string, Tensor> { ["x"] = strided });
        using var loaded = Safetensors.Load(FilePath);

        Assert.That(loaded["x"].Values(), Is.EqualTo(values));
        Assert.That(loaded["x"].IsContiguous, Is.True);
    }

    [Test]
    public void The_bytes_are_those_that_the_format_asks_for()
    {
        using var scope = TensorScope.Begin();
        Safetensors.Save(FilePath, new Dictionary<string, Tensor> { ["a"] = Tensor.From(1, 2), ["b"] = Tensor.From(1.0) });

        byte[] bytes = File.ReadAllBytes(FilePath);
        long header = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        string json = Encoding.UTF8.GetString(bytes, 8, (int)header);

        Assert.That(header % 8, Is.Zero);
        Assert.That(json.TrimEnd(), Is.EqualTo(
            """{"a":{"dtype":"I32","shape":[2],"data_offsets":[8,16]},"b":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"""));
        Assert.That(bytes[(int)(8 + header)..], Is.EqualTo(new byte[] { 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 1, 0, 0, 0, 2, 0, 0, 0 }));
    }

    [Test]
    public void Inspect_tells_what_is_there_even_of_types_that_cannot_be_loaded()
    {
        Write("""{"__metadata__":{"format":"pt"},"mask":{"dtype":"F8_E4M3","shape":[2,2],"data_offsets":[0,4]}}""", 4);

        var header = Safetensors.Inspect(FilePath);

        Assert.That(header.Metadata["format"], Is.EqualTo("pt"));
        Assert.That(header.Tensors[0], Has.Property("Name").EqualTo("mask").And.Property("Bytes").EqualTo(4).And.Property("DType").Null);
        Assert.That(() => Safetensors.Load(FilePath), Throws.TypeOf<WeightFileException>().With.Message.Contains("'mask' holds F8_E4M3"));
    }

    [TestCase("BOOL", 4, DType.Int32, new[] { 1.0, 0, 1, 0 })]
    [TestCase("U8", 4, DType.Int32, new[] { 255.0, 0, 2, 0 })]
    [TestCase("I8", 4, DType.Int32, new[] { -1.0, 0, 2, 0 })]
    [TestCase("I16", 2, DType.Int32, new[] { 255.0, 2 })]
    [TestCase("U16", 2, DType.Int32, new[] { 255.0, 2 })]
    [TestCase("U32", 1, DType.Int64, new[] { 131327.0 })]
    public void Types_that_the_engine_lacks_become_the_next_wider_integers(string type, int count, DType wider, double[] values)
    {
        Write($$$"""{"x":{"dtype":"{{{type}}}","shape":[{{{count}}}],"data_offsets":[0,4]}}""", 0, [255, 0, 2, 0]);
        using var loaded = Safetensors.Load(FilePath);
        Assert.That(loaded["x"].DType, Is.EqualTo(wider));
        Assert.That(loaded["x"].Values(), Is.EqualTo(values));
    }

    [Test]
    public void An_unsigned_number_that_no_signed_one_holds_is_refused()
    {
        Write("""{"x":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}}""", 0, [0, 0, 0, 0, 0, 0, 0, 0x80]);
        Assert.That(() => Safetensors.Load(FilePath), Throws.TypeOf<WeightFileException>().With.Message.Contains("above 2^63 - 1"));
    }

    [TestCase("""[]""", 0, "does not start with '{'")]
    [TestCase("""{"a"   """, 0, "no valid JSON")]
    [TestCase("""{} x""", 0, "no valid JSON")]
    [TestCase("""{"a":1}""", 0, "described by no object")]
    [TestCase("""{"a":{"shape":[],"data_offsets":[0,4]}}""", 4, "lacks its dtype")]
    [TestCase("""{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "lacks its shape")]
    [TestCase("""{"a":{"dtype":"F32","shape":[]}}""", 4, "lacks its data_offsets")]
    [TestCase("""{"a":{"dtype":"F99","shape":[],"data_offsets":[0,4]}}""", 4, "unknown dtype 'F99'")]
    [TestCase("""{"a":{"dtype":7,"shape":[],"data_offsets":[0,4]}}""", 4, "is no text")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "does not fill its 4 bytes")]
    [TestCase("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "no whole number")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "no whole number")]
    [TestCase("""{"a":{"dtype":"F32","shape":[9223372036854775808],"data_offsets":[0,4]}}""", 4, "no whole number")]
    [TestCase("""{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}""", 4, "does not fill")]
    [TestCase("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296],"data_offsets":[0,0]}}""", 0, "does not fill")]
    [TestCase("""{"a":{"dtype":"F32","shape":[2305843009213693952],"data_offsets":[0,9223372036854775807]}}""", 4, "does not fill")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "a begin and an end")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "a begin and an end")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "leaves a gap of 4 bytes")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 8, "take 4 bytes; 8 follow")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 3, "take 4 bytes; 3 follow")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""", 6, "overlaps another")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "'a' is there twice")]
    [TestCase("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "has dtype twice")]
    [TestCase("""{"a":{"dtype":"F32","shape":[0,9223372036854775807],"data_offsets":[0,0]}}""", 0, "more than this engine can hold")]
    [TestCase("""{"a":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""", 4, "more than this engine can hold")]
    [TestCase("""{"__metadata__":{"a":1}}""", 0, "the metadata 'a' is no text")]
    [TestCase("""{"__metadata__":[]}""", 0, "__metadata__ is no object")]
    [TestCase("""{"\ud800":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "invalid text")]
    public void A_header_that_lies_is_refused_with_the_reason(string json, int dataBytes, string reason)
    {
        Write(json, dataBytes);
        long before = Device.Cpu.Memory.LiveBytes;

        Assert.That(() => Safetensors.Load(FilePath), Throws.TypeOf<WeightFileException>()
            .With.Message.Contains(reason).And.Message.Contains(FilePath));
        Assert.That(Device.Cpu.Memory.LiveBytes, Is.LessThanOrEqualTo(before));
    }

    [TestCase(ulong.MaxValue)]
    [TestCase(1UL << 63)]
    [TestCase(100_000_001UL)]
    [TestCase(40UL)]
    public void A_header_length_beyond_the_file_is_refused_before_anything_is_allocated(ulong claimed)
    {
        Write("{}", 0);
        byte[] bytes = File.ReadAllBytes(FilePath);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, claimed);
        File.WriteAllBytes(FilePath, bytes);
        Assert.That(() => Safetensors.Inspect(FilePath), Throws.TypeOf<WeightFileException>().With.Message.Contains("header claims"));
    }

    [Test]
    public void Deeply_nested_JSON_is_refused_and_does_not_overflow_the_stack()
    {
        Write("{\"a\":{\"extra\":" + new string('[', 1_000_000) + new string(']', 1_000_000) + "}}", 0);
        Assert.That(() => Safetensors.Load(FilePath), Throws.TypeOf<WeightFileException>().With.Message.Contains("no valid JSON"));
    }

    [Test]
    public void A_file_cut_off_after_any_byte_is_refused()
    {
        SaveSmall();
        byte[] whole = File.ReadAllBytes(FilePath);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.That(() => Safetensors.Load(FilePath), Throws.TypeOf<WeightFileException>(), $"{length} bytes");
        }
    }

    [Test]
    public void A_file_with_changed_bytes_loads_or_is_refused_but_nothing_else()
    {
        SaveSmall();
        byte[] whole = File.ReadAllBytes(FilePath);
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(whole) + 8;
        var random = new Random(1);
        int refused = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte[] bytes = [.. whole];
            for (int change = random.Next(1, 4); change > 0; change--)
                bytes[random.Next(header)] = (byte)(random.Next(2) == 0 ? random.Next(256) : "0123456789{}[],:\"F6"[random.Next(19)]);
            File.WriteAllBytes(FilePath, bytes);
            try
            {
                Safetensors.Load(FilePath).Dispose();
            }
            catch (WeightFileException)
            {
                refused++;
            }
        }

        Assert.That(refused, Is.InRange(1000, 3000));
    }

    [Test]
    public void Saving_over_a_file_replaces_it_and_leaves_no_other_file()
    {
        SaveSmall();
        using var scope = TensorScope.Begin();
        Safetensors.Save(FilePath, new Dictionary<string, Tensor> { ["new"] = Tensor.From(5f) });
        using var loaded = Safetensors.Load(FilePath);
        Assert.That(loaded.Keys, Is.EqualTo(new[] { "new" }));
        Assert.That(Directory.GetFiles(Folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_missing_file_or_folder_is_one_clear_error()
    {
        string nowhere = Path.Combine(Folder, "no", "where.safetensors");
        Assert.That(() => Safetensors.Load(nowhere), Throws.TypeOf<WeightFileException>().With.Message.Contains("cannot be read"));
        Assert.That(
            () => Safetensors.Save(nowhere, new Dictionary<string, Tensor>()),
            Throws.TypeOf<WeightFileException>().With.Message.Contains("cannot be written"));
        Assert.That(() => Safetensors.Load(Folder), Throws.TypeOf<WeightFileException>().With.Message.Contains("it is a folder"));
    }

    [Test]
    public void The_name_that_the_format_reserves_is_refused()
    {
        using var scope = TensorScope.Begin();
        var tensors = new Dictionary<string, Tensor> { ["__metadata__"] = Tensor.From(1f) };
        Assert.That(() => Safetensors.Save(FilePath, tensors), Throws.ArgumentException.With.Message.Contains("__metadata__"));
        Assert.That(File.Exists(FilePath), Is.False);
    }

    private void SaveSmall()
    {
        using var scope = TensorScope.Begin();
        Safetensors.Save(
            FilePath,
            new Dictionary<string, Tensor> { ["0.weight"] = Tensor.Ones([2, 3]), ["steps"] = Tensor.From(7L), ["none"] = Tensor.Zeros([0]) },
            new Dictionary<string, string> { ["format"] = "pt" });
    }

    private void Write(string json, int dataBytes, params byte[] data)
    {
        byte[] header = Encoding.UTF8.GetBytes(json);
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        File.WriteAllBytes(FilePath, [.. length, .. header, .. new byte[dataBytes], .. data]);
    }

    private static long[] Bits(Tensor tensor) => tensor.DType switch
    {
        DType.Float32 => [.. tensor.ToArray<float>().Select(v => (long)BitConverter.SingleToInt32Bits(v))],
        DType.Float64 => [.. tensor.ToArray<double>().Select(BitConverter.DoubleToInt64Bits)],
        DType.Int32 => [.. tensor.ToArray<int>().Select(v => (long)v)],
        DType.Int64 => tensor.ToArray<long>(),
        DType.Float16 => [.. tensor.ToArray<Half>().Select(v => (long)BitConverter.HalfToInt16Bits(v))],
        _ => [.. tensor.ToArray<BFloat16>().Select(v => (long)v.Bits)],
    };
}
