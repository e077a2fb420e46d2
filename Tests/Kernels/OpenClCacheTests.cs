using MomentumCore.Kernels.Devices.OpenCl;
using MomentumCore.Tests.Samples;

namespace MomentumCore.Tests.Kernels;

/// <summary>Built programs are kept on disk; whatever is wrong with the disk, kernels run.</summary>
[TestFixture]
internal sealed class OpenClCacheTests
{
    [Test]
    public void A_second_device_object_loads_what_the_first_one_compiled()
    {
        var any = SomeOpenCl.Required;
        using var folder = new TemporaryFolder();
        Assert.That(Programs(any, folder.FullPath), Is.EqualTo((1, 0)));
        Assert.That(Directory.GetFiles(folder.FullPath).Select(Path.GetExtension), Is.EqualTo(new[] { ".bin" }));
        Assert.That(Programs(any, folder.FullPath), Is.EqualTo((0, 1)));
    }

    [TestCase("cut")]
    [TestCase("empty")]
    [TestCase("damaged")]
    [TestCase("of another program")]
    [TestCase("whole, but not a binary")]
    public void A_bad_entry_is_built_anew_and_replaced(string how)
    {
        var any = SomeOpenCl.Required;
        using var folder = new TemporaryFolder();
        Programs(any, folder.FullPath);
        string file = Directory.GetFiles(folder.FullPath).Single();
        byte[] good = File.ReadAllBytes(file);
        switch (how)
        {
            case "cut": File.WriteAllBytes(file, good[..(good.Length / 2)]); break;
            case "empty": File.WriteAllBytes(file, []); break;
            case "damaged":
                good[^5] ^= 1;
                File.WriteAllBytes(file, good);
                break;
            case "of another program":
                File.Delete(file);
                new OpenClBinaryCache(folder.FullPath).Store(new byte[32], good);
                File.Move(Directory.GetFiles(folder.FullPath).Single(), file);
                break;
            default:
                new OpenClBinaryCache(folder.FullPath)
                    .Store(Convert.FromHexString(Path.GetFileNameWithoutExtension(file)), "no binary"u8);
                break;
        }

        Assert.That(Programs(any, folder.FullPath), Is.EqualTo((1, 0)), how);
        Assert.That(Programs(any, folder.FullPath), Is.EqualTo((0, 1)), "the entry is good again");
    }

    [TestCase("pipe")]
    [TestCase("link to a pipe")]
    [TestCase("folder")]
    [CancelAfter(60_000)]
    public void What_is_no_file_of_its_own_in_place_of_an_entry_is_not_read(string what)
    {
        if (OperatingSystem.IsWindows())
            Assert.Ignore("There are no pipes among the files there.");
        var any = SomeOpenCl.Required;
        using var folder = new TemporaryFolder();
        Programs(any, folder.FullPath);
        string file = Directory.GetFiles(folder.FullPath).Single();
        File.Delete(file);
        string pipe = what == "pipe" ? file : folder[new string('p', 200)];
        if (what == "folder")
            Directory.CreateDirectory(file);
        else
            System.Diagnostics.Process.Start("mkfifo", [pipe]).WaitForExit();
        if (what == "link to a pipe")
            File.CreateSymbolicLink(file, pipe);
        Assert.That(Programs(any, folder.FullPath), Is.EqualTo((1, 0)), what);
        if (what != "folder")
            Assert.That(Programs(any, folder.FullPath), Is.EqualTo((0, 1)), "there is an entry again");
    }

    [Test]
    public void Another_driver_device_or_option_is_another_entry()
    {
        var facts = new OpenClFacts("gpu", "OpenCL 1.2", "1.0", true, true);
        byte[][] keys =
        [
            OpenClBinaryCache.Key("source", "-a", facts),
            OpenClBinaryCache.Key("source2", "-a", facts),
            OpenClBinaryCache.Key("source", "-b", facts),
            OpenClBinaryCache.Key("source", "-a", facts with { Driver = "1.1" }),
            OpenClBinaryCache.Key("source", "-a", facts with { Name = "other" }),
        ];
        Assert.That(keys.Select(Convert.ToHexString).Distinct().Count(), Is.EqualTo(keys.Length));
        Assert.That(OpenClBinaryCache.Key("source", "-a", facts), Is.EqualTo(keys[0]));
    }

    [Test]
    public void Without_a_writable_folder_kernels_run_all_the_same()
    {
        var any = SomeOpenCl.Required;
        using var folder = new TemporaryFolder();
        string file = folder["a file, not a folder"];
        File.WriteAllText(file, "x");
        Assert.That(Programs(any, Path.Combine(file, "cache")), Is.EqualTo((1, 0)));
        Assert.That(Programs(any, null), Is.EqualTo((1, 0)), "switched off");
        Assert.That(Directory.GetFileSystemEntries(folder.FullPath), Has.Length.EqualTo(1));
    }

    [Test]
    public void The_variable_switches_it_off_or_moves_it()
    {
        Assert.That(OpenClBinaryCache.Folder("off"), Is.Null);
        foreach (string off in (string[])["0", "OFF", "false", "False ", "no", "none"])
            Assert.That(OpenClBinaryCache.Folder(off), Is.Null, off);
        Assert.That(OpenClBinaryCache.Folder("elsewhere"), Is.EqualTo("elsewhere"));
        Assert.That(OpenClBinaryCache.Folder(null), Does.EndWith(Path.Combine("momentum-core", "opencl")));
    }

    [Test]
    public void What_nobody_has_used_for_long_goes()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["old.bin"], "x");
        File.WriteAllText(folder["note.txt"], "x");
        foreach (string name in (string[])["old.bin", "note.txt"])
            File.SetLastWriteTimeUtc(folder[name], DateTime.UtcNow.AddDays(-100));
        new OpenClBinaryCache(folder.FullPath).Store(new byte[32], "x"u8);
        Assert.That(
            Directory.GetFiles(folder.FullPath).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "note.txt", new string('0', 64) + ".bin" }));
    }

    /// <summary>Runs one kernel on a new device object, checks it, and says where its program came from.</summary>
    private static (int Compiled, int Loaded) Programs(OpenClDevice any, string? folder)
    {
        var device = SomeOpenCl.Again(any, cacheFolder: folder);
        using var scope = TensorScope.Begin();
        var y = Tensor.From([1f, 4f, 9f], [3], device).Sqrt();
        Assert.That(y.ToArray<float>(), Is.EqualTo(new[] { 1f, 2f, 3f }));
        return device.Programs;
    }
}
