namespace MomentumCore.Tests.Engine.Files;

/// <summary>Files are written whole or not at all.</summary>
[TestFixture]
internal sealed class AtomicFileTests
{
    private string _folder = "";

    private string FilePath => Path.Combine(_folder, "file");

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("momentum-").FullName;

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_disk_that_fills_up_leaves_the_old_file_and_nothing_else()
    {
        File.WriteAllText(FilePath, "old");

        Assert.That(
            () => AtomicFile.Write(FilePath, stream =>
            {
                stream.Write(new byte[200_000]);
                throw new IOException("No space left on device");
            }),
            Throws.TypeOf<IOException>().With.Message.Contains("No space left"));

        Assert.That(File.ReadAllText(FilePath), Is.EqualTo("old"));
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { FilePath }));
    }

    [Test]
    public void The_old_file_is_readable_until_the_new_one_is_complete()
    {
        File.WriteAllText(FilePath, "old");
        AtomicFile.Write(FilePath, stream =>
        {
            stream.Write("new"u8);
            stream.Flush();
            Assert.That(File.ReadAllText(FilePath), Is.EqualTo("old"));
        });
        Assert.That(File.ReadAllText(FilePath), Is.EqualTo("new"));
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { FilePath }));
    }

    [Test]
    public void A_link_stays_a_link_and_its_target_is_replaced()
    {
        string target = Path.Combine(_folder, "target");
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(FilePath, target);
        AtomicFile.Write(FilePath, stream => stream.Write("new"u8));
        Assert.That(File.ReadAllText(target), Is.EqualTo("new"));
        Assert.That(new FileInfo(FilePath).LinkTarget, Is.EqualTo(target));
    }
}
