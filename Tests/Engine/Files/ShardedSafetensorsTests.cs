using System.Collections;
using System.Diagnostics.CodeAnalysis;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>Weights in several files with an index, and files that are mapped instead of read.</summary>
[TestFixture]
internal sealed class ShardedSafetensorsTests : FolderTests
{
    private string Index => In("model.safetensors.index.json");

    [Test]
    public void Several_files_hold_what_one_would_and_none_is_larger_than_asked()
    {
        using var scope = TensorScope.Begin();
        var tensors = Save();
        string[] files = [.. Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)).Order()];
        Assert.That(files, Has.Length.EqualTo(4));
        for (int i = 1; i <= 3; i++)
            Assert.That(files[i - 1], Does.Match($"^model-0000{i}-of-00003-[0-9a-f]{{12}}\\.safetensors$"));
        Assert.That(files[3], Is.EqualTo("model.safetensors.index.json"));
        using var loaded = WeightFile.Load(Index);
        Assert.That(loaded.Keys, Is.EqualTo(tensors.Keys));
        Assert.That(loaded.Metadata["made by"], Is.EqualTo("a test"));
        AssertHolds(loaded, tensors);
        var summary = WeightFile.Inspect(Index);
        Assert.That(summary.Tensors.Select(t => t.Name), Is.EqualTo(tensors.Keys));
        Assert.That(summary.DataBytes, Is.EqualTo(4 * 350));
        Assert.That(summary.FileBytes, Is.EqualTo(Directory.GetFiles(Folder).Sum(f => new FileInfo(f).Length)));
    }

    [Test]
    public void The_old_set_is_whole_until_the_new_one_is_and_is_removed_then()
    {
        using var scope = TensorScope.Begin();
        var first = Save();
        var second = first.ToDictionary(t => t.Key, t => t.Value + 1);
        var files = new List<int>();
        var watched = new Watched(() =>
        {
            files.Add(Directory.GetFiles(Folder).Length);
            using var during = WeightFile.Load(Index);
            AssertHolds(during, first);
        });
        ShardedSafetensors.Save(Index, second, mostShardBytes: 200, watched);
        Assert.That(files, Is.EqualTo(new[] { 4, 5, 6, 7 }), "looked before each of the four new files");
        using var loaded = WeightFile.Load(Index);
        AssertHolds(loaded, second);
        Assert.That(Directory.GetFiles(Folder), Has.Length.EqualTo(5), "4 files and the index; the old ones are gone");
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(4)]
    public void A_save_that_fails_midway_leaves_the_old_set_and_nothing_else(int failingShard)
    {
        using var scope = TensorScope.Begin();
        var first = Save();
        string[] before = [.. Directory.GetFiles(Folder).Order()];
        var second = first.ToDictionary(t => t.Key, t => t.Value + 1);
        int shard = 0;
        var failing = new Watched(() =>
        {
            if (++shard == failingShard)
                throw new InvalidOperationException($"{Directory.GetFiles(Folder).Length} files");
        });
        Assert.That(
            () => ShardedSafetensors.Save(Index, second, mostShardBytes: 200, failing),
            Throws.InvalidOperationException.With.Message.EqualTo($"{4 + failingShard - 1} files"));
        Assert.That(Directory.GetFiles(Folder).Order(), Is.EqualTo(before));
        using var loaded = WeightFile.Load(Index);
        AssertHolds(loaded, first);
    }

    [Test]
    public void An_index_that_cannot_be_written_leaves_no_files()
    {
        using var scope = TensorScope.Begin();
        Directory.CreateDirectory(Index);
        Assert.That(() => Save(), Throws.TypeOf<WeightFileException>().With.Message.Contains("is a folder"));
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
    }

    [Test]
    public void Files_that_are_not_of_the_old_set_stay_and_the_same_set_keeps_its_files()
    {
        using var scope = TensorScope.Begin();
        var tensors = Save();
        File.WriteAllText(In("model-notes.safetensors"), "of somebody else");
        File.WriteAllText(In("model-00001-of-00001-0123456789ab.safetensors"), "in no index");
        string[] before = [.. Directory.GetFiles(Folder).Order()];
        Save();
        Assert.That(Directory.GetFiles(Folder).Order(), Is.EqualTo(before));
        File.WriteAllText(Index, """{"weight_map":{"b":"model-notes.safetensors"}}""");
        Save();
        Assert.That(Directory.GetFiles(Folder).Order(), Is.EqualTo(before));
        using var loaded = WeightFile.Load(Index);
        AssertHolds(loaded, tensors);
    }

    [TestCase("../x.safetensors")]
    [TestCase("/etc/x.safetensors")]
    [TestCase("sub/x.safetensors")]
    [TestCase("..\\\\x.safetensors")]
    [TestCase("C:x.safetensors")]
    [TestCase("passwords.txt")]
    [TestCase("")]
    public void An_index_leads_nowhere_but_to_its_own_folder(string shard)
    {
        File.WriteAllText(Index, $$$"""{"weight_map":{"a":"{{{shard}}}"}}""");
        Assert.That(() => WeightFile.Load(Index), Throws.TypeOf<WeightFileException>().With.Message.Contains("in its own folder"));
    }

    [TestCase("{}", "no weight_map")]
    [TestCase("""{"weight_map":[]}""", "no weight_map")]
    [TestCase("""{"weight_map":{"a":1}}""", "no single file")]
    [TestCase("""{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}""", "no single file")]
    [TestCase("""{"weight_map":{"a":"missing.safetensors"}}""", "cannot be read")]
    [TestCase("""{"weight_map":{"a":"FIRST"}}""", "not there by the index")]
    [TestCase("""{"weight_map":{"a":""", "no valid JSON")]
    [TestCase("""{"weight_map":{"\ud800":"x"}}""", "no valid JSON")]
    public void An_index_that_does_not_fit_its_files_is_refused(string index, string problem)
    {
        using var scope = TensorScope.Begin();
        Save();
        string first = Path.GetFileName(Directory.GetFiles(Folder, "model-00001*")[0]);
        File.WriteAllText(Index, index.Replace("FIRST", first, StringComparison.Ordinal));
        long before = Device.Cpu.Memory.LiveBytes;
        Assert.That(() => WeightFile.Load(Index), Throws.TypeOf<WeightFileException>().With.Message.Contains(problem));
        Assert.That(() => WeightFile.Inspect(Index), Throws.TypeOf<WeightFileException>().With.Message.Contains(problem));
        Assert.That(Device.Cpu.Memory.LiveBytes, Is.LessThanOrEqualTo(before));
    }

    [Test]
    public void A_mapped_file_has_the_same_bits_takes_no_tensor_memory_and_is_never_written_to()
    {
        using var scope = TensorScope.Begin();
        var tensors = new Dictionary<string, Tensor>
        {
            ["float"] = Tensor.Arange(0, 1000).Reshape(10, 100), ["half"] = Tensor.From((Half)1.5f), ["long"] = Tensor.From(long.MinValue),
            ["none"] = Tensor.Zeros([0]), ["scalar"] = Tensor.Scalar(2),
        };
        Safetensors.Save(In("x.safetensors"), tensors);
        byte[] bytes = File.ReadAllBytes(In("x.safetensors"));
        long before = Device.Cpu.Memory.LiveBytes;
        using (var mapped = Safetensors.Map(In("x.safetensors")))
        {
            Assert.That(Device.Cpu.Memory.LiveBytes, Is.LessThanOrEqualTo(before + 4), "only the empty tensor is allocated");
            foreach (var (name, tensor) in tensors)
                Assert.That(WeightFixtures.Bits(mapped[name]), Is.EqualTo(WeightFixtures.Bits(tensor)), name);
            Assert.That(mapped["float"].Sum().Item(), Is.EqualTo(499_500));
            mapped["float"].Fill(7);
            Assert.That(mapped["float"].ToArray<float>(), Is.All.EqualTo(7f));
            Safetensors.Save(In("x.safetensors"), new Dictionary<string, Tensor> { ["other"] = Tensor.From(1f) });
            Assert.That(mapped["long"].ToArray<long>(), Is.EqualTo(new[] { long.MinValue }), "the old file is still there");
            Safetensors.Save(In("y.safetensors"), tensors);
        }

        Assert.That(File.ReadAllBytes(In("y.safetensors")), Is.EqualTo(bytes));
    }

    [Test]
    public void What_cannot_be_mapped_is_read()
    {
        byte[] header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}}"u8.ToArray();
        File.WriteAllBytes(In("odd.safetensors"), [(byte)header.Length, 0, 0, 0, 0, 0, 0, 0, .. header, 9, 0, 0, 0x80, 0x3F]);
        using var mapped = Safetensors.Map(In("odd.safetensors"));
        Assert.That(mapped["a"].ToArray<int>(), Is.EqualTo(new[] { 9 }));
        Assert.That(mapped["b"].ToArray<float>(), Is.EqualTo(new[] { 1f }));
    }

    [Test]
    public void An_empty_or_missing_file_cannot_be_mapped()
    {
        File.WriteAllBytes(In("empty.safetensors"), []);
        Assert.That(() => Safetensors.Map(In("empty.safetensors")), Throws.TypeOf<WeightFileException>());
        Assert.That(() => Safetensors.Map(In("missing.safetensors")), Throws.TypeOf<WeightFileException>());
    }

    private string In(string name) => Path.Combine(Folder, name);

    private Dictionary<string, Tensor> Save()
    {
        var tensors = new Dictionary<string, Tensor>
        {
            ["b"] = Tensor.Arange(0, 50), ["a"] = Tensor.Arange(0, 50), ["large"] = Tensor.Arange(0, 200), ["c"] = Tensor.Arange(0, 50),
        };
        ShardedSafetensors.Save(Index, tensors, mostShardBytes: 400, new Dictionary<string, string> { ["made by"] = "a test" });
        return tensors;
    }

    private static void AssertHolds(WeightFile file, IReadOnlyDictionary<string, Tensor> tensors)
    {
        Assert.That(file.Keys, Is.EqualTo(tensors.Keys));
        foreach (var (name, tensor) in tensors)
            Assert.That(file[name].Values(), Is.EqualTo(tensor.Values()), name);
    }

    /// <summary>Metadata that does something whenever it is written, which is before each file.</summary>
    private sealed class Watched(Action look) : IReadOnlyDictionary<string, string>
    {
        private readonly Dictionary<string, string> _content = new() { ["made by"] = "a test" };

        public int Count => _content.Count;

        public IEnumerable<string> Keys => _content.Keys;

        public IEnumerable<string> Values => _content.Values;

        public string this[string key] => _content[key];

        public bool ContainsKey(string key) => _content.ContainsKey(key);

        public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) =>
            _content.TryGetValue(key, out value);

        public IEnumerator<KeyValuePair<string, string>> GetEnumerator()
        {
            look();
            return _content.GetEnumerator();
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
