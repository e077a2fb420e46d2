using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>What is written in any format comes back with the same bits, and is laid out as the format asks.</summary>
/// <remarks>
/// Fixtures/check_written_weights.py let PyTorch (weights_only=True) and NumPy open what `momentum convert` wrote, and
/// noted the sums of these files.
/// </remarks>
[TestFixture]
internal sealed class WrittenWeightsTests : FolderTests
{
    private static readonly string[] Formats = ["weights.safetensors", "weights.pt", "weights.npz"];

    private static IEnumerable<TestCaseData> Verified() =>
        from file in Fixture.Read("written_weights.json").AsObject()
        select new TestCaseData(file.Key, (string)file.Value!).SetArgDisplayNames(file.Key);

    [Test]
    public void What_PyTorch_wrote_comes_back_from_every_format_with_the_same_bits(
        [ValueSource(nameof(Formats))] string name,
        [Values("types.pt", "views.pt", "nested.pt", "modules.pt", "lone.pt")] string fixture)
    {
        using var read = WeightFile.Load(WeightFixtures.PathOf(fixture));
        // NumPy has no BFloat16.
        var tensors = read.Where(t => name != "weights.npz" || t.Value.DType != DType.BFloat16).ToDictionary();
        WeightFile.Save(In(name), tensors);
        using var written = WeightFile.Load(In(name));
        AssertSame(written, tensors);
        Assert.That(Directory.GetFiles(Folder), Is.EqualTo(new[] { In(name) }));
    }

    [TestCaseSource(nameof(Verified))]
    public void What_is_written_are_the_very_bytes_that_PyTorch_and_NumPy_opened(string name, string sum)
    {
        using var read = WeightFile.Load(WeightFixtures.PathOf(Path.ChangeExtension(name, ".pt")));
        var tensors = read.Where(t => !name.EndsWith(".npz", StringComparison.Ordinal) || t.Value.DType != DType.BFloat16);
        var metadata = name.EndsWith(".safetensors", StringComparison.Ordinal) ? read.Metadata : null;
        WeightFile.Save(In(name), new OrderedDictionary<string, Tensor>(tensors), metadata: metadata);
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(In(name)))), Is.EqualTo(sum));
    }

    [Test]
    public void The_same_tensors_give_the_same_file([ValueSource(nameof(Formats))] string name)
    {
        using var scope = TensorScope.Begin();
        var tensors = Some();
        WeightFile.Save(In(name), tensors);
        byte[] first = File.ReadAllBytes(In(name));
        WeightFile.Save(In(name), tensors);
        Assert.That(File.ReadAllBytes(In(name)), Is.EqualTo(first));
    }

    [Test]
    public void Tied_weights_are_written_once_and_stay_tied()
    {
        using var scope = TensorScope.Begin();
        var weight = Tensor.Arange(0, 10_000).Reshape(100, 100);
        var tensors = new Dictionary<string, Tensor>
        {
            ["embedding"] = weight.Detach(), ["head"] = weight.Detach(), ["turned"] = weight.Transpose(0, 1),
            ["part"] = weight[10..20],
        };
        PyTorchFile.Save(In("tied.pt"), tensors);
        Assert.That(new FileInfo(In("tied.pt")).Length, Is.InRange(40_000, 43_000));
        using var written = PyTorchFile.Load(In("tied.pt"));
        AssertSame(written, tensors);
        Assert.That(written.Values.Select(t => t.Storage).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public void A_part_of_a_large_tensor_is_written_without_the_rest()
    {
        using var scope = TensorScope.Begin();
        var part = Tensor.Arange(0, 100_000).Reshape(1000, 100)[..3, ..2];
        PyTorchFile.Save(In("part.pt"), new Dictionary<string, Tensor> { ["part"] = part });
        Assert.That(new FileInfo(In("part.pt")).Length, Is.LessThan(2000));
        using var written = PyTorchFile.Load(In("part.pt"));
        Assert.That(written["part"].Values(), Is.EqualTo(part.Values()));
    }

    [Test]
    public void A_PyTorch_file_has_the_parts_that_PyTorch_looks_for_and_elements_at_multiples_of_64_bytes()
    {
        using var scope = TensorScope.Begin();
        var tensors = new Dictionary<string, Tensor> { ["a.weight"] = Tensor.From(1.5f), ["b"] = Tensor.From(7L, 8L) };
        PyTorchFile.Save(In("x.pt"), tensors);
        byte[] bytes = File.ReadAllBytes(In("x.pt"));
        using var zip = ZipFile.OpenRead(In("x.pt"));

        Assert.That(zip.Entries.Select(e => e.FullName), Is.EqualTo(new[]
        {
            "archive/data.pkl", "archive/byteorder", "archive/data/0", "archive/data/1", "archive/version",
        }));
        Assert.That(Content(zip, "archive/version"), Is.EqualTo("3\n"u8.ToArray()));
        Assert.That(Content(zip, "archive/data/1"), Is.EqualTo(new byte[] { 7, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0 }));
        Assert.That(bytes.AsSpan().IndexOf(BitConverter.GetBytes(1.5f)) % 64, Is.Zero);
        string pickle = Encoding.Latin1.GetString(Content(zip, "archive/data.pkl"));
        Assert.That(pickle, Does.StartWith("\u0080\u0002ccollections\nOrderedDict\n)R(X\u0008\0\0\0a.weightctorch._utils\n_rebuild_tensor_v2\n"));
        Assert.That(pickle, Does.EndWith("t\u0089ccollections\nOrderedDict\n)RtRu."));
    }

    [Test]
    public void The_64_bit_form_of_zip_files_is_read_here_and_elsewhere()
    {
        byte[] content = [.. Enumerable.Range(0, 999).Select(i => (byte)i)];
        using (var stream = File.Create(In("wide.zip")))
        {
            // As if the numbers from 500 on did not fit.
            var zip = new ZipArchiveWriter(stream, wideFrom: 500);
            zip.Add("small", [1, 2, 3]);
            zip.Add("große Datei", content);
            zip.Add("far", [4]);
            zip.Finish();
        }

        using (var other = ZipFile.OpenRead(In("wide.zip")))
        {
            Assert.That(other.Entries.Select(e => e.FullName), Is.EqualTo(new[] { "small", "große Datei", "far" }));
            Assert.That(Content(other, "große Datei"), Is.EqualTo(content));
            Assert.That(Content(other, "far"), Is.EqualTo(new byte[] { 4 }));
        }

        using var file = File.OpenRead(In("wide.zip"));
        var own = new ZipArchiveReader(In("wide.zip"), file);
        Assert.That(own.ReadAll(own.Entries["große Datei"], 1000), Is.EqualTo(content));
        Assert.That(own.ReadAll(own.Entries["far"], 1000), Is.EqualTo(new byte[] { 4 }));
    }

    [Test]
    public void A_NumPy_array_has_the_bytes_that_NumPy_writes()
    {
        using var read = NumPyFile.Load(WeightFixtures.PathOf("version2.npy"));
        NumPyFile.SaveArray(In("version1.npy"), read["version2"]);
        byte[] bytes = File.ReadAllBytes(In("version1.npy"));
        Assert.That(
            Encoding.Latin1.GetString(bytes, 0, 128),
            Is.EqualTo("\u0093NUMPY\u0001\0v\0{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }".PadRight(127) + "\n"));
        Assert.That(bytes[128..], Is.EqualTo(File.ReadAllBytes(WeightFixtures.PathOf("version2.npy"))[128..]));
    }

    [TestCase("x.txt", "names no format")]
    [TestCase("x", "names no format")]
    [TestCase("x.npy", "one tensor; got 2")]
    public void A_name_or_a_format_that_does_not_fit_is_refused_before_anything_is_written(string name, string reason)
    {
        using var scope = TensorScope.Begin();
        var tensors = new Dictionary<string, Tensor> { ["a"] = Tensor.From(1f), ["b"] = Tensor.From(1f) };
        Assert.That(() => WeightFile.Save(In(name), tensors), Throws.ArgumentException.With.Message.Contains(reason));
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
    }

    [Test]
    public void NumPy_has_no_BFloat16_and_the_message_says_so()
    {
        using var scope = TensorScope.Begin();
        var tensors = new Dictionary<string, Tensor> { ["half"] = Tensor.From((BFloat16)1f) };
        Assert.That(() => WeightFile.Save(In("x.npz"), tensors), Throws.TypeOf<DTypeException>().With.Message.Contains("'half'"));
        Assert.That(() => WeightFile.Save(In("x.npy"), tensors), Throws.TypeOf<DTypeException>());
        Assert.That(Directory.GetFiles(Folder), Is.Empty);
    }

    [Test]
    public void Only_safetensors_carry_metadata()
    {
        using var scope = TensorScope.Begin();
        var metadata = new Dictionary<string, string> { ["made by"] = "me" };
        WeightFile.Save(In("x.safetensors"), Some(), metadata: metadata);
        using var loaded = WeightFile.Load(In("x.safetensors"));
        Assert.That(loaded.Metadata, Is.EqualTo(metadata));
        Assert.That(() => WeightFile.Save(In("x.pt"), Some(), metadata: metadata), Throws.ArgumentException);
    }

    private string In(string name) => Path.Combine(Folder, name);

    private static Dictionary<string, Tensor> Some() => new()
    {
        ["a"] = Tensor.Arange(0, 300_000).Reshape(3, 100_000), ["b.c"] = Tensor.From((Half)1.5f, Half.NaN), ["d"] = Tensor.Zeros([0, 2]),
        ["e"] = Tensor.Scalar(3, DType.Int64),
    };

    private static void AssertSame(IReadOnlyDictionary<string, Tensor> actual, IReadOnlyDictionary<string, Tensor> expected)
    {
        Assert.That(actual.Keys, Is.EqualTo(expected.Keys));
        foreach (var (name, tensor) in expected)
        {
            Assert.That(actual[name].DType, Is.EqualTo(tensor.DType), name);
            Assert.That(actual[name].Shape, Is.EqualTo(tensor.Shape), name);
            Assert.That(WeightFixtures.Bits(actual[name]), Is.EqualTo(WeightFixtures.Bits(tensor)), name);
        }
    }

    private static byte[] Content(ZipArchive zip, string name)
    {
        var content = new MemoryStream();
        using var source = zip.GetEntry(name)!.Open();
        source.CopyTo(content);
        return content.ToArray();
    }
}
