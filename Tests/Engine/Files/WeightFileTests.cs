using System.Formats.Tar;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>One call opens every format, whatever the file is called, and tells people what they handed in instead.</summary>
[TestFixture]
internal sealed class WeightFileTests : FolderTests
{
    private string Any => Path.Combine(Folder, "weights.any");

    [TestCase("types.pt", "PyTorch")]
    [TestCase("types_legacy.pt", "PyTorch (before 1.6)")]
    [TestCase("nested_protocol4.pt", "PyTorch")]
    [TestCase("plain.npz", "NumPy archive")]
    [TestCase("deflated.npz", "NumPy archive")]
    public void The_content_decides_what_a_file_is(string name, string format)
    {
        File.Copy(WeightFixtures.PathOf(name), Any);
        using var file = WeightFile.Load(Any);
        Assert.That(file.Format, Is.EqualTo(format));
        WeightFixtures.AssertHolds(name, file);
        Assert.That(WeightFile.Inspect(Any).Format, Is.EqualTo(format));
    }

    [Test]
    public void A_lone_array_is_named_after_its_file()
    {
        File.Copy(WeightFixtures.PathOf("fortran.npy"), Any);
        using var file = WeightFile.Load(Any);
        Assert.That(file.Keys, Is.EqualTo(new[] { "weights" }));
        Assert.That(file["weights"].ToArray<float>(), Is.EqualTo(new[] { 0f, 1, 2, 3, 4, 5 }));
    }

    [TestCase("", "it is empty")]
    [TestCase("version https://git-lfs.github.com/spec/v1\n", "git lfs pull")]
    [TestCase("<!DOCTYPE html><html>", "web page")]
    [TestCase("\u001f\u008b\u0008", "gzip")]
    [TestCase("\u0089HDF\r\n\u001a\n", "HDF5")]
    [TestCase("hello, world", "no format that is known")]
    [TestCase("PK\u0005\u0006\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", null)]
    public void What_is_no_weight_file_is_told_from_each_other(string content, string? problem)
    {
        File.WriteAllBytes(Any, System.Text.Encoding.Latin1.GetBytes(content));
        if (problem == null)
        {
            using var empty = WeightFile.Load(Any);
            Assert.That(empty, Is.Empty, "an archive of no arrays");
        }
        else
        {
            Assert.That(() => WeightFile.Load(Any), Throws.TypeOf<WeightFileException>()
                .With.Message.Contains(problem).And.Message.Contains("are read"));
            Assert.That(() => WeightFile.Inspect(Any), Throws.TypeOf<WeightFileException>().With.Message.Contains(problem));
        }
    }

    [TestCase(TarEntryFormat.Gnu)]
    [TestCase(TarEntryFormat.Ustar)]
    [TestCase(TarEntryFormat.Pax)]
    public void The_tar_files_of_the_first_PyTorch_are_refused_with_what_to_do(TarEntryFormat format)
    {
        using (var stream = File.Create(Any))
        using (var tar = new TarWriter(stream, format))
        {
            foreach (string name in new[] { "sys_info", "pickle", "tensors", "storages" })
            {
                using var content = new MemoryStream([0x80, 2, (byte)'}', (byte)'.']);
                TarEntry entry = format switch
                {
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name),
                    TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                    _ => new PaxTarEntry(TarEntryType.RegularFile, name),
                };
                entry.DataStream = content;
                tar.WriteEntry(entry);
            }
        }

        Assert.That(
            () => WeightFile.Load(Any),
            Throws.TypeOf<WeightFileException>().With.Message.Contains("PyTorch before 0.1.10")
                .And.Message.Contains("torch.save it again"));
    }
}
