using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Compression;
using MomentumCore.Layers;

namespace MomentumCore.Tests.Layers.Data;

/// <summary>Small data files that unpack to much: what may be large is read, the rest refused before it fills memory.</summary>
[TestFixture]
internal sealed class GrowingFilesTests
{
    private const int Side = 4096;
    private const byte Grey = 0, Rgba = 6;

    private TemporaryFiles _files = null!;

    [SetUp]
    public void MakeFolder() => _files = new TemporaryFiles();

    [TearDown]
    public void RemoveFolder() => _files.Dispose();

    [Test]
    public void A_PNG_of_16_bits_takes_the_memory_of_its_pixels_not_of_what_is_unpacked()
    {
        // 134 MB of zeros in 131 kB, each row written as differences to three neighbours: the slowest way.
        string path = Png(Side, Side, Rgba, new byte[1 + (8 * Side)], Side, filter: 4);
        Assert.That(new FileInfo(path).Length, Is.LessThan(200_000));
        var clock = Stopwatch.StartNew();
        long before = GC.GetAllocatedBytesForCurrentThread();
        using (var picture = ImageFile.Read(path))
        {
            Assert.That(picture.Shape, Is.EqualTo(Shape.Create([3, Side, Side])));
            Assert.That(picture.Max().Item(), Is.Zero);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan((3L * Side * Side) + (2 << 20)));
        Assert.That(clock.Elapsed.TotalSeconds, Is.LessThan(30));
    }

    [TestCase(8000, 8300, 100_000)]
    [TestCase(Side + 1, Side, 1000)]
    public void A_PNG_of_more_than_16_million_pixels_needs_a_byte_for_each_64(int width, int height, int rows)
    {
        string path = Png(width, height, Grey, new byte[1 + 2000], rows);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(
            () => ImageFile.Read(path),
            Throws.TypeOf<DataFileException>().With.Message.Contains($"more for a picture of {width} × {height}"));
        Assert.That(
            GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(new FileInfo(path).Length + 1_000_000));
    }

    [Test]
    public void A_PNG_that_holds_fewer_rows_than_it_claims_is_refused()
    {
        string path = Png(Side, Side, Rgba, new byte[1 + (8 * Side)], Side - 1);
        Assert.That(
            () => ImageFile.Read(path),
            Throws.TypeOf<DataFileException>().With.Message.Contains("damaged or incomplete pixels"));
    }

    [Test]
    public void An_IDX_file_packed_to_next_to_nothing_is_refused_before_memory_is_taken()
    {
        const int length = 70_000_000;
        byte[] content = new byte[8 + length];
        content[2] = 8;
        content[3] = 1;
        BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(4), length);
        string path = _files.Write("a.idx.gz", TemporaryFiles.Pack(content));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(
            () => IdxFile.Read(path),
            Throws.TypeOf<DataFileException>().With.Message.Contains("gzip of 70,000,008 bytes or more").And
                .Message.Contains("unpack it first"));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));

        using var scope = TensorScope.Begin();
        Assert.That(IdxFile.Read(_files.Write("a.idx", content), DType.Int32).Count, Is.EqualTo(length), "unpacked it reads");
    }

    [Test]
    public void A_packed_table_that_goes_on_and_on_is_refused()
    {
        byte[] row = [.. System.Text.Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("12345678,", 999))), .. "1\n"u8];
        byte[] content = [.. Enumerable.Repeat(row, 9000).SelectMany(r => r)];
        string path = _files.Write("a.csv.gz", TemporaryFiles.Pack(content));
        Assert.That(content, Has.Length.GreaterThan(71_000_000));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(
            () => CsvFile.Read(path), Throws.TypeOf<DataFileException>().With.Message.Contains("unpack it first"));
        // 8 million numbers of 8 bytes, in a list that doubles as it grows.
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(300_000_000));
    }

    /// <summary>A PNG file of so many rows of one content, whatever its header says of them.</summary>
    private string Png(int width, int height, byte colour, byte[] row, int rows, byte filter = 0)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (16, colour);
        row[0] = filter;
        var packed = new MemoryStream();
        using (var zip = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (int y = 0; y < rows; y++)
                zip.Write(row);
        }

        return _files.Write(
            "a.png",
            [0x89, .. "PNG\r\n\u001a\n"u8, .. Chunk("IHDR", header), .. Chunk("IDAT", packed.ToArray()), .. Chunk("IEND", [])]);
    }

    private static byte[] Chunk(string type, byte[] data)
    {
        byte[] chunk = new byte[12 + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
        System.Text.Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        data.CopyTo(chunk, 8);
        var crc = default(Crc32);
        crc.Add(chunk.AsSpan(4, 4 + data.Length));
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(8 + data.Length), crc.Value);
        return chunk;
    }
}
