using System.Diagnostics;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>Files are written whole or not at all.</summary>
[TestFixture]
internal sealed class AtomicFileTests : FolderTests
{
    private string FilePath => Path.Combine(Folder, "file");

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
        Assert.That(Directory.GetFiles(Folder), Is.EqualTo(new[] { FilePath }));
    }

    [Test]
    public void What_cannot_be_written_is_named_as_the_caller_named_it()
    {
        string path = Path.Combine(Folder, "missing", "file");
        Assert.That(
            () => AtomicFile.Write(path, _ => { }),
            Throws.TypeOf<DirectoryNotFoundException>().With.Message.Contains(path).And.Message.Not.Contains(".tmp"));
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
        Assert.That(Directory.GetFiles(Folder), Is.EqualTo(new[] { FilePath }));
    }

    [Test]
    public void A_link_to_nothing_makes_the_file_that_it_names()
    {
        string target = Path.Combine(Folder, "target");
        File.CreateSymbolicLink(FilePath, target);
        AtomicFile.Write(FilePath, stream => stream.Write("new"u8));
        Assert.That(File.ReadAllText(target), Is.EqualTo("new"));
        Assert.That(new FileInfo(FilePath).LinkTarget, Is.EqualTo(target));
    }

    [Test]
    public void A_folder_is_not_replaced_and_the_error_says_what_it_is()
    {
        Directory.CreateDirectory(FilePath);
        Assert.That(
            () => AtomicFile.Write(FilePath, stream => stream.Write("new"u8)),
            Throws.TypeOf<IOException>().With.Message.Contains("is a folder"));
        Assert.That(Directory.GetFileSystemEntries(Folder), Is.EqualTo(new[] { FilePath }));
    }

    [Test]
    [Platform(Include = "Unix")]
    public void A_full_device_is_written_to_and_stays_a_device()
    {
        if (!File.Exists("/dev/full"))
            Assert.Ignore("This system has no /dev/full, a device on which every write fails.");
        Assert.That(
            () => AtomicFile.Write("/dev/full", stream => stream.Write(new byte[100_000])), Throws.TypeOf<IOException>());
        Assert.That(() => AtomicFile.Write("/dev/null", stream => stream.Write("gone"u8)), Throws.Nothing);
        Assert.That(SpecialFile.Is("/dev/full") && SpecialFile.Is("/dev/null"), Is.True);
        Assert.That(Directory.GetFiles("/dev", "full*"), Is.EqualTo(new[] { "/dev/full" }));
    }

    [Test]
    [Platform(Include = "Unix")]
    public void A_pipe_is_written_to_and_stays_a_pipe_also_through_a_link()
    {
        using (var made = Process.Start("mkfifo", [FilePath]))
            made.WaitForExit();
        string link = Path.Combine(Folder, "link");
        File.CreateSymbolicLink(link, FilePath);
        foreach (string path in new[] { FilePath, link })
        {
            var reader = Task.Run(() => File.ReadAllText(FilePath));
            AtomicFile.Write(path, stream => stream.Write("new"u8));
            Assert.That(reader.Wait(TimeSpan.FromSeconds(20)), Is.True, "the pipe's reader waits for ever");
            Assert.That(reader.Result, Is.EqualTo("new"));
            Assert.That(SpecialFile.Is(path), Is.True);
        }
    }

    [Test]
    [Platform(Include = "Unix")]
    public void A_replaced_file_keeps_its_permissions()
    {
        if (OperatingSystem.IsWindows())
            return;
        File.WriteAllText(FilePath, "old");
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        AtomicFile.Write(FilePath, stream => stream.Write("new"u8));
        Assert.That(File.GetUnixFileMode(FilePath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(SpecialFile.Is(FilePath), Is.False);
    }

    [Test]
    public void A_link_stays_a_link_and_its_target_is_replaced()
    {
        string target = Path.Combine(Folder, "target");
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(FilePath, target);
        AtomicFile.Write(FilePath, stream => stream.Write("new"u8));
        Assert.That(File.ReadAllText(target), Is.EqualTo("new"));
        Assert.That(new FileInfo(FilePath).LinkTarget, Is.EqualTo(target));
    }

    [Test]
    public void Stopped_between_two_pieces_the_old_file_stays_and_nothing_else()
    {
        File.WriteAllText(FilePath, "old");
        foreach (bool atTheEnd in new[] { false, true })
        {
            using var cancel = new CancellationTokenSource();
            Assert.That(
                () => AtomicFile.Write(FilePath, stream =>
                {
                    stream.Write(new byte[200_000]);
                    cancel.Cancel();
                    if (!atTheEnd)
                        stream.Write(new byte[1]);
                }, cancel.Token),
                Throws.InstanceOf<OperationCanceledException>());
            Assert.That(File.ReadAllText(FilePath), Is.EqualTo("old"));
            Assert.That(Directory.GetFiles(Folder), Is.EqualTo(new[] { FilePath }));
        }
    }
}
