using System.Buffers.Binary;
using MomentumCore.Layers;
using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Layers.Data;

/// <summary>The IDX reader: values, and every way in which a file can be wrong.</summary>
[TestFixture]
internal sealed class IdxFileTests
{
    private static readonly byte[] Small = Idx(0x08, [2, 3], [0, 1, 2, 128, 254, 255]);

    private TemporaryFiles _files = null!;

    [SetUp]
    public void MakeFolder() => _files = new TemporaryFiles();

    [TearDown]
    public void RemoveFolder() => _files.Dispose();

    [Test]
    public void Bytes_come_as_any_type_plain_or_packed(
        [Values] bool packed, [Values(DType.Float32, DType.Float64, DType.Int32, DType.Int64)] DType dtype)
    {
        using var scope = TensorScope.Begin();
        string path = _files.Write("a.idx", packed ? TemporaryFiles.Pack(Small) : Small);
        var read = IdxFile.Read(path, dtype);
        Assert.That(read.Shape, Is.EqualTo(Shape.Create([2, 3])));
        Assert.That(read.DType, Is.EqualTo(dtype));
        Assert.That(read.Values(), Is.EqualTo(new double[] { 0, 1, 2, 128, 254, 255 }));
    }

    [Test]
    public void A_scale_brings_bytes_to_the_unit_interval()
    {
        using var scope = TensorScope.Begin();
        var read = IdxFile.Read(_files.Write("a.idx", Small), scale: 1 / 255.0);
        Assert.That(read.ToArray<float>(), Is.EqualTo(new[] { 0f, 1 / 255f, 2 / 255f, 128 / 255f, 254 / 255f, 1f }));
    }

    [Test]
    public void Every_element_type_is_big_endian()
    {
        using var scope = TensorScope.Begin();
        double[] Values(byte type, byte[] data, int count) =>
            IdxFile.Read(_files.Write("a.idx", Idx(type, [count], data)), DType.Float64).Values();
        Assert.That(Values(0x09, [0xFF, 0x7F], 2), Is.EqualTo(new double[] { -1, 127 }));
        Assert.That(Values(0x0B, [0xFF, 0xFE, 0x01, 0x00], 2), Is.EqualTo(new double[] { -2, 256 }));
        Assert.That(Values(0x0C, [0xFF, 0xFF, 0xFF, 0xFD, 0, 1, 0, 0], 2), Is.EqualTo(new double[] { -3, 65536 }));
        var bytes = new byte[8];
        BinaryPrimitives.WriteSingleBigEndian(bytes, -1.5f);
        Assert.That(Values(0x0D, bytes[..4], 1), Is.EqualTo(new[] { -1.5 }));
        BinaryPrimitives.WriteDoubleBigEndian(bytes, 1e300);
        Assert.That(Values(0x0E, bytes, 1), Is.EqualTo(new[] { 1e300 }));
    }

    [Test]
    public void Floats_do_not_become_integers_unasked()
    {
        string path = _files.Write("a.idx", Idx(0x0D, [1], [0x3F, 0xC0, 0, 0]));
        Assert.That(() => IdxFile.Read(path, DType.Int64), Throws.TypeOf<DTypeException>());
        Assert.That(
            () => IdxFile.Read(_files.Write("b.idx", Small), DType.Int32, scale: 0.5), Throws.TypeOf<DTypeException>());
    }

    [Test]
    public void An_axis_of_size_zero_is_an_empty_tensor()
    {
        using var scope = TensorScope.Begin();
        Assert.That(
            IdxFile.Read(_files.Write("a.idx", Idx(0x08, [0, 28, 28], []))).Shape,
            Is.EqualTo(Shape.Create([0, 28, 28])));
    }

    [Test]
    public void A_missing_file_and_a_folder_are_errors_that_name_the_path()
    {
        string missing = _files.Path("nothing.idx");
        Assert.That(
            () => IdxFile.Read(missing),
            Throws.TypeOf<DataFileException>().With.Message.Contains(missing).And.Message.Contains("no such file"));
        Assert.That(() => IdxFile.Read(_files.Path("")), Throws.TypeOf<DataFileException>());
    }

    [Test]
    public void Wrong_first_bytes_are_shown()
    {
        string path = _files.Write("a.png", [0x89, 0x50, 0x4E, 0x47, 1, 2, 3]);
        Assert.That(() => IdxFile.Read(path), Throws.TypeOf<DataFileException>().With.Message.Contains("89504E47"));
        Assert.That(
            () => IdxFile.Read(_files.Write("b.idx", [0, 0, 8, 0])),
            Throws.TypeOf<DataFileException>().With.Message.Contains("0 axes"));
        Assert.That(
            () => IdxFile.Read(_files.Write("c.idx", [0, 0, 8, 200])),
            Throws.TypeOf<DataFileException>().With.Message.Contains("200 axes"));
    }

    [TestCase(0x80000000u, 1u, 1u)]
    [TestCase(uint.MaxValue, uint.MaxValue, uint.MaxValue)]
    [TestCase(65536u, 65536u, 65536u)]
    [TestCase(65536u, 65536u, 0u, Description = "the zero hides sizes that fit: an empty tensor of a file with a tail")]
    [TestCase(2147483647u, 2u, 1u)]
    public void Sizes_that_lie_are_refused_before_memory_is_taken(uint a, uint b, uint c)
    {
        byte[] file = [.. Header(0x0E, a, b, c), 1, 2, 3];
        foreach (byte[] content in new[] { file, TemporaryFiles.Pack(file) })
        {
            string path = _files.Write("a.idx", content);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.That(() => IdxFile.Read(path), Throws.TypeOf<DataFileException>().With.Message.Contains(path));
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
        }
    }

    [Test]
    public void A_packed_file_that_claims_more_than_it_holds_takes_memory_only_for_what_comes()
    {
        // 100 kB that do not pack: the claim of 60 MB is possible as far as the length of the file goes.
        var noise = new byte[100_000];
        new Random(1).NextBytes(noise);
        string path = _files.Write("a.idx.gz", TemporaryFiles.Pack([.. Header(0x08, 60_000_000), .. noise]));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(
            () => IdxFile.Read(path),
            Throws.TypeOf<DataFileException>().With.Message.Contains("100,000 bytes of elements"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(3_000_000));
    }

    [Test]
    public void A_file_cut_at_any_byte_is_an_error_never_a_short_tensor([Values] bool packed)
    {
        byte[] whole = packed ? TemporaryFiles.Pack(Small) : Small;
        for (int length = 0; length < whole.Length; length++)
        {
            string path = _files.Write("cut.idx", whole[..length]);
            Assert.That(
                () => IdxFile.Read(path),
                Throws.TypeOf<DataFileException>().With.Message.Contains(path),
                $"cut at {length}");
        }
    }

    [Test]
    public void Bytes_after_the_last_element_are_an_error([Values] bool packed)
    {
        byte[] longer = [.. Small, 0];
        string path = _files.Write("long.idx", packed ? TemporaryFiles.Pack(longer) : longer);
        Assert.That(() => IdxFile.Read(path), Throws.TypeOf<DataFileException>());
    }

    [Test]
    public void Damaged_bytes_give_an_error_or_a_tensor_never_anything_else([Values] bool packed)
    {
        byte[] whole = packed ? TemporaryFiles.Pack(Small) : Small;
        var random = new Random(5);
        int read = 0, refused = 0;
        for (int round = 0; round < 600; round++)
        {
            byte[] damaged = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            string path = _files.Write("damaged.idx", damaged);
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                using var tensor = IdxFile.Read(path, DType.Float64);
                read++;
            }
            catch (DataFileException)
            {
                refused++;
            }

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
        }

        Assert.That((read, refused), Is.Not.EqualTo((600, 0)).And.Not.EqualTo((0, 600)));
    }

    private static byte[] Idx(byte type, int[] sizes, byte[] data) =>
        [.. Header(type, [.. sizes.Select(s => (uint)s)]), .. data];

    private static byte[] Header(byte type, params uint[] sizes)
    {
        var header = new byte[4 + (4 * sizes.Length)];
        header[2] = type;
        header[3] = (byte)sizes.Length;
        for (int i = 0; i < sizes.Length; i++)
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4 + (4 * i)), sizes[i]);
        return header;
    }
}
