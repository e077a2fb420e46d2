using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Files;

/// <summary>Attacks that random damage does not find: each is refused with its reason, in bounded memory and time.</summary>
[TestFixture]
[NonParallelizable] // it watches the memory of the device
internal sealed class HostileFilesTests : FolderTests
{
    private const string OneFloat =
        "ctorch._utils\n_rebuild_tensor_v2\n((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\00X\u0003\0\0\0cpuK\u0001tQ{0}(t(t\u0089)tR";

    private string FilePath => Path.Combine(Folder, "file");

    [OneTimeSetUp]
    public void CollectWhatOtherTestsLeft()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    // Letters are Latin-1 bytes; \u0080\u0002 is the start of every pickle and needs not be written here.
    [TestCase("cos\nsystem\n(X\u0002\0\0\0lstR.", "'os.system'")]
    [TestCase("\u008c\u0002os\u008c\u0006system\u0093(X\u0002\0\0\0lstR.", "'os.system'")]
    [TestCase("cbuiltins\neval\n(X\u0001\0\0\01tR.", "'builtins.eval'")]
    [TestCase("ctorch.storage\n_load_from_bytes\n)R.", "'torch.storage._load_from_bytes'")]
    [TestCase("c__torch__.Net\nNet\n)\u0081.", "TorchScript")]
    [TestCase("(ios\nsystem\n.", "instruction 0x69")]
    [TestCase("(cos\nsystem\no.", "'os.system'")]
    [TestCase("\u0082\u0001.", "instruction 0x82")]
    [TestCase("P1\n.", "instruction 0x50")]
    [TestCase("I1\n.", "instruction 0x49")]
    [TestCase("NR.", "takes more from the stack")]
    [TestCase("NNR.", "calls something that cannot be called")]
    [TestCase("t.", "takes a mark")]
    [TestCase("(N.", "values on the stack")]
    [TestCase(".", "0 values on the stack")]
    [TestCase("N(0.", "takes more from the stack")]
    [TestCase("N(a.", "takes more from the stack")]
    [TestCase("](Ns.", "takes more from the stack")]
    [TestCase("}]Ns.", "neither text nor a number")]
    [TestCase("}(Nu.", "a key that has no value")]
    [TestCase("NNa.", "adds items to something that takes none")]
    [TestCase(")Na.", "adds items to something that takes none")]
    [TestCase("h\0.", "recalls value 0")]
    [TestCase("Nr\u00ff\u00ff\u00ff\u00ff.", "under the number 4,294,967,295")]
    [TestCase("X\u00ff\u00ff\u00ff\u00ffabc.", "claims more bytes than there are")]
    [TestCase("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007fabc.", "claims more bytes than there are")]
    [TestCase("\u008d\0\0\0\0\0\0\0\u0080abc.", "claims more bytes than there are")]
    [TestCase("\u008b\u00ff\u00ff\u00ff\u007f.", "an integer of 2,147,483,647 bytes")]
    [TestCase("X\u0002\0\0\0\u00c3\u0028.", "no UTF-8")]
    [TestCase("\u0080\u0009.", "protocol 9")]
    [TestCase("]q\0h\0a.", "contains itself")]
    [TestCase("}q\0X\u0001\0\0\0ah\0s.", "contains itself")]
    [TestCase("}(K\u0001K\u0002X\u0001\0\0\01K\u0003u.", "have the name '1'")]
    [TestCase("X\u0001\0\0\0xQ.", "no storage")]
    [TestCase("(X\u0006\0\0\0moduleNtQ.", "no storage")]
    [TestCase("ctorch\nSize\nX\u0001\0\0\0x\u0085R.", "no list")]
    [TestCase("ctorch._utils\n_rebuild_tensor_v2\n)R.", "arguments that PyTorch does not write")]
    [TestCase("ctorch\nFloatStorage\n)R.", "arguments that PyTorch does not write")]
    [TestCase("Nb.", "takes more from the stack")]
    [TestCase("NNb.", "sets attributes")]
    public void A_pickle_that_asks_for_more_than_weights_is_refused(string pickle, string problem)
    {
        WriteTorch(Latin1("\u0080\u0002" + pickle));
        var error = Hostile.Open(FilePath, problem);
        Assert.That(error?.Message, Does.Contain(problem));
    }

    // Offset, sizes and strides of a view into a storage of one element.
    [TestCase("K\u0001", "", "", "reaches beyond")]
    [TestCase("K\0", "K\u0002", "K\u0001", "reaches beyond")]
    [TestCase("K\0", "K\u0002K\u0002", "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f", "reaches beyond")]
    [TestCase("J\u00ff\u00ff\u00ff\u00ff", "", "", "do not belong together")]
    [TestCase("\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f", "", "", "reaches beyond")]
    [TestCase("K\0", "K\u0001", "", "do not belong together")]
    [TestCase("K\0", "J\u00ff\u00ff\u00ff\u00ff", "K\u0001", "whole numbers")]
    [TestCase("K\0", "K\u0001", "J\u00ff\u00ff\u00ff\u00ff", "whole numbers")]
    [TestCase("K\0", "\u008a\u0009\0\0\0\0\0\0\0\0\u0001", "K\u0001", "whole numbers")]
    [TestCase("K\0", "J\u00ff\u00ff\u00ff\u007f", "K\0", "repeats 1 elements to 2,147,483,647")]
    [TestCase("K\0", "\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007fK\u0004", "K\0K\0", "more than this engine can hold")]
    [TestCase("K\0", "K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001", "K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001K\u0001", "more than this engine can hold")]
    public void A_view_that_leaves_its_memory_is_refused(string offset, string sizes, string strides, string problem)
    {
        string tensor = OneFloat.Replace("{0}(t(t", $"{offset}({sizes}t({strides}t", StringComparison.Ordinal);
        WriteTorch(Latin1($"\u0080\u0002}}X\u0001\0\0\0x{tensor}s."));
        Assert.That(Hostile.Open(FilePath, problem)?.Message, Does.Contain(problem));
    }

    [Test]
    public void The_view_that_the_attacks_change_is_sound_itself()
    {
        WriteTorch(Latin1("\u0080\u0002}X\u0001\0\0\0x" + OneFloat.Replace("{0}", "K\0", StringComparison.Ordinal) + "s."));
        using var file = WeightFile.Load(FilePath);
        Assert.That(file["x"].Item(), Is.EqualTo(1.5));
    }

    [Test]
    public void Deep_nesting_is_refused_and_does_not_overflow_the_stack()
    {
        WriteTorch(Latin1("\u0080\u0002" + new string(']', 300_000) + new string('a', 299_999) + "."));
        Assert.That(Hostile.Open(FilePath, "lists")?.Message, Does.Contain("nested more than 64 deep"));
        WriteTorch(Latin1("\u0080\u0002N" + new string('\u0085', 300_000) + "."));
        Assert.That(Hostile.Open(FilePath, "tuples")?.Message, Does.Contain("nested more than 64 deep"));
    }

    [Test]
    public void A_billion_laughs_is_refused()
    {
        // Each list holds the one before four times; all but the last are taken off the stack again.
        var pickle = new StringBuilder("\u0080\u0002(Nlq\00");
        for (int level = 0; level < 40; level++)
        {
            string before = $"h{(char)level}";
            pickle.Append($"({before}{before}{before}{before}lq{(char)(level + 1)}0");
        }

        WriteTorch(Latin1(pickle + "h(."));
        Assert.That(Hostile.Open(FilePath, "laughs")?.Message, Does.Contain("it holds more than"));
    }

    [Test]
    public void A_long_list_copied_again_and_again_is_refused()
    {
        string list = "\u0080\u0002](" + new string('N', 100_000) + "eq\0";
        string copies = string.Concat(Enumerable.Repeat("ctorch\nSize\nh\0\u0085R0", 2000));
        WriteTorch(Latin1(list + copies + "."));
        Assert.That(Hostile.Open(FilePath, "copies")?.Message, Does.Contain("copies more than"));
    }

    [Test]
    public void More_containers_than_any_weights_need_are_refused()
    {
        WriteTorch(Latin1("\u0080\u0002(" + new string(']', 1_500_000) + "l."));
        Assert.That(Hostile.Open(FilePath, "containers")?.Message, Does.Contain("containers"));
    }

    [Test]
    public void A_storage_that_claims_more_than_its_file_is_refused()
    {
        string tensor = OneFloat.Replace("{0}", "K\0", StringComparison.Ordinal)
            .Replace("cpuK\u0001", "cpu\u008a\u0008\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007f", StringComparison.Ordinal);
        WriteTorch(Latin1("\u0080\u0002}X\u0001\0\0\0x" + tensor + "s."));
        Assert.That(Hostile.Open(FilePath, "storage")?.Message, Does.Contain("claims 9,223,372,036,854,775,807 elements"));
    }

    [TestCase("|u1", 399_999_920, "claim to unpack to 400,000,000 bytes")]
    // 268 MB of bool would be 1 GiB of Int32.
    [TestCase("|b1", 268_000_000, "claim to take in memory 1,072,000,000 bytes")]
    [TestCase("<u4", 40_000_000, "claim to take in memory 320,000,000 bytes")]
    public void A_zip_bomb_is_refused_before_it_is_unpacked(string type, int count, string problem)
    {
        using (var zip = ZipFile.Open(FilePath, ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry("bomb.npy", CompressionLevel.Optimal).Open();
            entry.Write([0x93, .. "NUMPY"u8, 1, 0, 70, 0]);
            entry.Write(Encoding.ASCII.GetBytes(
                $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({count},), }}".PadRight(70)));
            byte[] zeros = new byte[1 << 20];
            for (long left = (long)count * (type[2] - '0'); left > 0; left -= zeros.Length)
                entry.Write(zeros, 0, (int)Math.Min(zeros.Length, left));
        }

        Assert.That(new FileInfo(FilePath).Length, Is.LessThan(1_000_000));
        Assert.That(Hostile.Open(FilePath, "bomb")?.Message, Does.Contain(problem));
    }

    [Test]
    public void Arrays_that_together_grow_too_large_are_refused_at_the_one_too_many()
    {
        using (var zip = ZipFile.Open(FilePath, ZipArchiveMode.Create))
        {
            for (int i = 0; i < 8; i++)
            {
                using var entry = zip.CreateEntry($"{i}.npy", CompressionLevel.Optimal).Open();
                entry.Write([0x93, .. "NUMPY"u8, 1, 0, 70, 0]);
                entry.Write(Encoding.ASCII.GetBytes(
                    "{'descr': '|b1', 'fortran_order': False, 'shape': (9999920,), }".PadRight(70)));
                entry.Write(new byte[9_999_920]);
            }
        }

        // Each of 10 MB takes 40 as Int32; 256 MiB are free, so that the seventh is one too many.
        Device.Cpu.Memory.ResetPeak();
        long live = Device.Cpu.Memory.LiveBytes;
        Assert.That(
            () => WeightFile.Load(FilePath),
            Throws.TypeOf<WeightFileException>().With.Message.Contains("claim to take in memory"));
        Assert.That(Device.Cpu.Memory.PeakBytes - live, Is.LessThan(270_000_000));
        Assert.That(Device.Cpu.Memory.LiveBytes, Is.LessThanOrEqualTo(live));
        Assert.That(WeightFile.Inspect(FilePath).Tensors, Has.Count.EqualTo(8), "which reads no elements");
    }

    [Test]
    public void An_entry_that_unpacks_to_more_or_less_than_it_claims_is_refused([Values(-1, 1)] int lie)
    {
        File.Copy(WeightFixtures.PathOf("deflated.npz"), FilePath);
        byte[] bytes = File.ReadAllBytes(FilePath);
        int directory = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(directory + 24));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(directory + 24), (uint)(size + lie));
        File.WriteAllBytes(FilePath, bytes);
        Assert.That(Hostile.Open(FilePath, "size"), Is.Not.Null);
    }

    [TestCase(24, 0xFFFFFFFEu, "claims 4,294,967,294 bytes")]
    [TestCase(24, 0xFFFFFFFFu, "lacks its 64-bit sizes")]
    [TestCase(42, 0x7FFFFFFFu, "lies over another or beyond")]
    [TestCase(16, 0u, "checksum")]
    [TestCase(8, 1u, "is encrypted")]
    [TestCase(10, 99u, "method 99")]
    public void A_zip_directory_that_lies_is_refused(int field, uint value, string problem)
    {
        byte[] bytes = File.ReadAllBytes(WeightFixtures.PathOf("types.pt"));
        int directory = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(directory + field), value);
        File.WriteAllBytes(FilePath, bytes);
        Assert.That(Hostile.Open(FilePath, problem)?.Message, Does.Contain(problem));
    }

    [Test]
    public void Entries_that_share_their_bytes_are_refused()
    {
        // The second entry of the directory is made to lie on the first.
        byte[] bytes = File.ReadAllBytes(WeightFixtures.PathOf("types.pt"));
        int first = bytes.AsSpan().IndexOf("PK\u0001\u0002"u8);
        int second = first + 4 + bytes.AsSpan(first + 4).IndexOf("PK\u0001\u0002"u8);
        bytes.AsSpan(first + 42, 4).CopyTo(bytes.AsSpan(second + 42));
        File.WriteAllBytes(FilePath, bytes);
        Assert.That(Hostile.Open(FilePath, "overlap")?.Message, Does.Contain("lies over another"));
    }

    [TestCase("../../evil")]
    [TestCase("/etc/evil")]
    [TestCase("..\\evil")]
    public void Names_that_are_paths_stay_names(string name)
    {
        var array = new MemoryStream();
        array.Write(File.ReadAllBytes(WeightFixtures.PathOf("fortran.npy")));
        using (var stream = File.Create(FilePath))
        {
            var zip = new ZipArchiveWriter(stream);
            zip.Add(name + ".npy", array.ToArray());
            zip.Finish();
        }

        using var file = WeightFile.Load(FilePath);
        Assert.That(file.Keys, Is.EqualTo(new[] { name }));
        Assert.That(Directory.GetFileSystemEntries(Folder), Is.EqualTo(new[] { FilePath }));
    }

    [Test]
    public void Two_entries_of_one_name_are_refused()
    {
        using (var zip = ZipFile.Open(FilePath, ZipArchiveMode.Create))
        {
            for (int i = 0; i < 2; i++)
            {
                using var entry = zip.CreateEntry("a.npy", CompressionLevel.NoCompression).Open();
                entry.Write(File.ReadAllBytes(WeightFixtures.PathOf("fortran.npy")));
            }
        }

        Assert.That(Hostile.Open(FilePath, "twice")?.Message, Does.Contain("two entries named 'a.npy'"));
    }

    private static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>A sound zip file around a pickle, with one storage of one float.</summary>
    private void WriteTorch(byte[] pickle)
    {
        using var stream = File.Create(FilePath);
        var zip = new ZipArchiveWriter(stream);
        zip.Add("archive/data.pkl", pickle);
        zip.Add("archive/data/0", BitConverter.GetBytes(1.5f));
        zip.Add("archive/version", "3\n"u8.ToArray());
        zip.Finish();
    }
}
