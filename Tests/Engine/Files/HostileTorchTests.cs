using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>PyTorch files that say one thing about memory and mean another, or that grow when they are opened.</summary>
[TestFixture]
[NonParallelizable] // it watches the memory of the device
internal sealed class HostileTorchTests : FolderTests
{
    private const int Bytes = 64;

    private string FilePath => Path.Combine(Folder, "file");

    // All of these become one type here, Int32 or Int64, but do not lie in the same places.
    [TestCase("int16", Bytes / 2, "uint8", Bytes)]
    [TestCase("uint8", Bytes, "int16", Bytes / 2)]
    [TestCase("bool", Bytes, "uint8", Bytes)]
    [TestCase("uint64", Bytes / 8, "uint32", Bytes / 4)]
    [TestCase("float32", Bytes / 4, "float64", Bytes / 8)]
    public void Memory_seen_as_two_types_is_refused(string first, int firstCount, string second, int secondCount)
    {
        string storage = Storage("ctorch.storage\nUntypedStorage\n", Bytes);
        Write(Map(("a", Typed(storage, firstCount, first)), ("b", Typed(storage, secondCount, second))));
        Assert.That(
            Hostile.Open(FilePath, first)?.Message,
            Does.Contain($"tensor 'b' of {second} shares its memory with a tensor of another type, {first}"));
        Write(Map(("a", Typed(storage, firstCount, first)), ("b", Typed(storage, firstCount, first))));
        Assert.That(Hostile.Open(FilePath, "the same type twice"), Is.Null);
    }

    [Test]
    public void Memory_of_an_old_file_seen_as_two_types_is_refused()
    {
        string storage = $"(X\u0007\0\0\0storagectorch\nByteStorage\n{Text("0")}{Text("cpu")}{Number(Bytes)}NtQ";
        string plain = $"ctorch._utils\n_rebuild_tensor_v2\n({storage}{Number(0)}({Number(Bytes)}t({Number(1)}t\u0089)tR";
        using (var stream = File.Create(FilePath))
        {
            stream.Write(Latin1("\u0080\u0002\u008a\n\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019."));
            stream.Write(Latin1("\u0080\u0002M\u00e9\u0003.\u0080\u0002}."));
            stream.Write(Latin1(Map(("a", Typed(storage, Bytes / 2, "int16")), ("b", plain))));
            stream.Write(Latin1($"\u0080\u0002]({Text("0")}e."));
            stream.Write(BitConverter.GetBytes((long)Bytes));
            stream.Write(new byte[Bytes]);
        }

        Assert.That(Hostile.Open(FilePath, "old")?.Message, Does.Contain("shares its memory with a tensor of another type"));
    }

    [Test]
    public void Many_expanded_tensors_are_refused_where_one_would_load()
    {
        string one = Expanded(1 << 24);
        Write(Map(("a", one)));
        using (var file = WeightFile.Load(FilePath))
            Assert.That(file["a"].Count, Is.EqualTo(1 << 24));
        Write(Map([.. Enumerable.Range(0, 20).Select(i => ($"t{i}", one))]));
        Assert.That(Hostile.Open(FilePath, "expanded")?.Message, Does.Contain("together repeat"));
    }

    [Test]
    public void Sizes_whose_sum_is_no_number_are_refused_when_they_are_counted()
    {
        Write(Map([.. Enumerable.Range(0, 4).Select(i => ($"t{i}", Expanded(1L << 62)))]));
        Assert.That(
            () => WeightFile.Inspect(FilePath),
            Throws.TypeOf<WeightFileException>().With.Message.Contains("claim more bytes than 2^63 - 1"));
        Assert.That(Hostile.Open(FilePath, "sum"), Is.Not.Null);
        var huge = new WeightEntry("x", "F32", [long.MaxValue, 3], long.MaxValue, null);
        var summary = new WeightFileSummary("any", [huge, huge], new Dictionary<string, string>(), 0);
        Assert.That((huge.Count, summary.DataBytes), Is.EqualTo((long.MaxValue, long.MaxValue)));
    }

    [Test]
    public void Packed_bools_that_grow_too_large_are_refused_before_memory_is_taken()
    {
        const int count = 70_000_000;
        string storage = Storage("ctorch\nBoolStorage\n", count);
        Write(
            Map(("a", "ctorch._utils\n_rebuild_tensor_v2\n(" + storage + $"{Number(0)}({Number(count)}t({Number(1)}t\u0089)tR")),
            isPacked: true, bytes: count);
        Assert.That(new FileInfo(FilePath).Length, Is.LessThan(200_000));
        Assert.That(Hostile.Open(FilePath, "bools")?.Message, Does.Contain("claim to take in memory 280,000,"));
    }

    [Test]
    public void A_short_packed_pickle_does_not_grow()
    {
        string device = $"(ctorch\ndevice\nq\0{Text(new string('a', 99))}\u008a\u0080{new string('\u007f', 128)}\u0086q\u0001";
        RequireRefused($"{device}{Repeat("h\0h\u0001R", 1_300_000)}l.", "a device whose number");
        device = $"(ctorch\ndevice\nq\0{Text(new string('a', 99))}K\u0001\u0086q\u0001";
        RequireRefused($"{device}{Repeat("h\0h\u0001R", 1_300_000)}l.", "copies more than");
        RequireRefused($"({new string('}', 999_000)}l.", "more than 100,000 dictionaries");
        RequireRefused($"({Repeat("}K\u0001K\u0002s", 900_000)}l.", "more than 100,000 dictionaries");
        RequireRefused($"(ccollections\nOrderedDict\nq\0{Repeat("h\0)R", 900_000)}l.", "copies more than");
    }

    [Test]
    public void A_message_is_short_and_moves_no_cursor()
    {
        Write("\u0080\u0002cos\n\u001b[2J\n)R.");
        Assert.That(Hostile.Open(FilePath, "escape")?.Message, Does.Contain("'os.\uFFFD[2J'").And.Not.Contain("\u001b"));
        byte[] header = Encoding.UTF8.GetBytes(
            $"{{\"a\":{{\"dtype\":\"{new string('F', 1_000_000)}\",\"shape\":[1],\"data_offsets\":[0,4]}}}}");
        byte[] file = new byte[8 + header.Length + 4];
        BinaryPrimitives.WriteInt64LittleEndian(file, header.Length);
        header.CopyTo(file, 8);
        File.WriteAllBytes(FilePath, file);
        Assert.That(Hostile.Open(FilePath, "a long type")?.Message.Length, Is.GreaterThan(500).And.LessThan(2500));
    }

    [Test]
    public void An_index_that_names_no_possible_file_is_refused()
    {
        string index = Path.Combine(Folder, "n.safetensors.index.json");
        File.WriteAllText(index, "{\"weight_map\": {\"a\": \"x\\u0000.safetensors\"}}");
        Assert.That(
            () => WeightFile.Load(index),
            Throws.TypeOf<WeightFileException>().With.Message.Contains("n.safetensors.index.json: it names the file"));
    }

    private void RequireRefused(string packedPickle, string problem)
    {
        Write("\u0080\u0002" + packedPickle, isPacked: true);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(
            () => WeightFile.Load(FilePath), Throws.TypeOf<WeightFileException>().With.Message.Contains(problem));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100 << 20), problem);
    }

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static string Text(string text) =>
        "X" + Encoding.Latin1.GetString(BitConverter.GetBytes(text.Length)) + text;

    private static string Number(long value) =>
        "\u008a\u0008" + Encoding.Latin1.GetString(BitConverter.GetBytes(value));

    private static string Storage(string type, long count) =>
        $"({Text("storage")}{type}{Text("0")}{Text("cpu")}{Number(count)}tQ";

    private static string Typed(string storage, int count, string type) =>
        $"ctorch._utils\n_rebuild_tensor_v3\n({storage}{Number(0)}({Number(count)}t({Number(1)}t\u0089)ctorch\n{type}\ntR";

    private static string Expanded(long count) =>
        "ctorch._utils\n_rebuild_tensor_v2\n(" + Storage("ctorch\nFloatStorage\n", Bytes / 4) +
        $"{Number(0)}({Number(count)}t({Number(0)}t\u0089)tR";

    private static string Map(params (string Name, string Value)[] entries) =>
        $"\u0080\u0002}}({string.Concat(entries.Select(e => Text(e.Name) + e.Value))}u.";

    /// <summary>A zip file around a pickle, with one storage of zeros.</summary>
    private void Write(string pickle, bool isPacked = false, int bytes = Bytes)
    {
        File.Delete(FilePath);
        using var zip = ZipFile.Open(FilePath, ZipArchiveMode.Create);
        Add("archive/data.pkl", Latin1(pickle));
        Add("archive/data/0", new byte[bytes]);
        void Add(string name, byte[] content)
        {
            var level = isPacked ? CompressionLevel.Optimal : CompressionLevel.NoCompression;
            using var entry = zip.CreateEntry(name, level).Open();
            entry.Write(content);
        }
    }
}
