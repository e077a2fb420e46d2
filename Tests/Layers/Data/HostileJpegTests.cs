using System.Diagnostics;
using MomentumCore.Layers;

namespace MomentumCore.Tests.Layers.Data;

/// <summary>JPEG files of few bytes that would keep a machine busy are refused soon and without much memory.</summary>
/// <remarks>What these files take in seconds and bytes is in docs/bring-your-pytorch-model.md.</remarks>
[TestFixture]
internal sealed class HostileJpegTests
{
    private const int Side = 4096, Blocks = Side / 8 * (Side / 8);
    private const byte EndOfManyBlocks = 0xE0;

    private static readonly byte[] End = [0xFF, 0xD9];

    // Of scans of 15 bits for 16,384 blocks.
    [TestCase(7, false)]
    [TestCase(190, true)]
    public void Scans_that_cost_more_than_their_bytes_are_refused(int refinements, bool isRefused)
    {
        byte[] file =
        [
            .. Progressive(Side), .. Scan(0, 0, 0, 0), .. new byte[Blocks / 8],
            .. Scan(1, 63, 0, 13), .. Empty(),
            .. Repeat([.. Scan(1, 63, 1, 0), .. Empty()], refinements), .. End,
        ];
        Open(file, isRefused ? "scans and more for a picture of 4096 × 4096" : null);
    }

    [Test]
    public void The_same_coefficients_told_again_and_again_are_refused()
    {
        byte[] start = [.. Progressive(Side), .. Scan(0, 0, 0, 0), .. new byte[Blocks / 8]];
        byte[] file = [.. start, .. Repeat([.. Scan(1, 63, 0, 13), .. Empty()], 198), .. End];
        Assert.That(file, Has.Length.LessThan(50_000));
        Open(file, "scans and more for a picture of 4096 × 4096");
        Open([.. start, .. Repeat([.. Scan(1, 63, 0, 13), .. Empty()], 20), .. End], null);
    }

    [Test]
    public void Refinements_of_the_lowest_coefficient_pay_with_a_bit_for_each_block()
    {
        byte[] start = [.. Progressive(Side), .. Scan(0, 0, 0, 0), .. new byte[Blocks / 8]];
        byte[] refinement = [.. Scan(0, 0, 1, 0), .. new byte[Blocks / 8]];
        Open([.. start, .. Repeat(refinement, 100), .. End], null);
        Open([.. start, .. Repeat(refinement, 200), .. End], "more than 200 scans");
        // Cut short, each would be free.
        Open([.. start, .. Repeat(Scan(0, 0, 1, 0), 100), .. End], "an end of the pixels");
    }

    [TestCase(2)]
    [TestCase(150)]
    public void Thousands_of_tables_are_refused(int segments)
    {
        byte[] tables = Part(0xC4, [.. Enumerable.Repeat(new byte[17], 3800).SelectMany(t => t)]);
        Open([0xFF, 0xD8, .. Repeat(tables, segments), .. End], "more than 4,096 code tables", mostBytes: 1 << 20);
        Open([0xFF, 0xD8, .. tables, .. End], "no picture", mostBytes: 1 << 20);
    }

    [Test]
    public void Tables_of_quantization_are_as_cheap_as_their_bytes()
    {
        byte[] file = [0xFF, 0xD8, .. Repeat(Quantization, 20_000), .. End];
        Open(file, "no picture", mostBytes: 4 * file.Length);
    }

    [Test]
    public void A_large_grey_nothing_in_three_colours_takes_what_its_pixels_take()
    {
        // Six bits for a square of 8 × 8 pixels: 197 kB, the fewest that a sequential picture of three planes can have.
        byte[] file =
        [
            0xFF, 0xD8, .. Quantization,
            .. Part(0xC0, [8, Side >> 8, Side & 255, Side >> 8, Side & 255, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
            .. Part(0xC4, [0x00, 1, .. new byte[15], 0]), .. Part(0xC4, [0x10, 1, .. new byte[15], 0]),
            .. Part(0xDA, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]), .. new byte[(Blocks * 6 / 8) + 2], .. End,
        ];
        // For each pixel three coefficients of two bytes, and values before and after they grow and are mixed.
        Open(file, null, mostBytes: (16L * Side * Side) + (1 << 20));
    }

    [TestCase(8184, 8192, 150_000)]
    [TestCase(4097, 4096, 0)]
    public void More_pixels_than_16_million_need_a_byte_for_each_64(int width, int height, int bytes)
    {
        byte[] size = [8, (byte)(height >> 8), (byte)height, (byte)(width >> 8), (byte)width, 1, 1, 0x11, 0];
        byte[] file = [0xFF, 0xD8, .. Part(0xC2, size), .. new byte[bytes], .. End];
        Open(file, $"more for a picture of {width} × {height}", mostBytes: 1 << 20);
    }

    private static byte[] Quantization => Part(0xDB, [0, .. Enumerable.Repeat((byte)16, 64)]);

    private static void Open(byte[] content, string? problem, long mostBytes = 5L * Side * Side)
    {
        using var files = new TemporaryFiles();
        string path = files.Write("a.jpg", content);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        if (problem == null)
        {
            using var picture = ImageFile.Read(path);
            Assert.That(picture.Shape[1..], Is.EqualTo(new[] { Side, Side }));
        }
        else
        {
            Assert.That(
                () => ImageFile.Read(path), Throws.TypeOf<DataFileException>().With.Message.Contains(problem));
        }

        Assert.That(clock.Elapsed.TotalSeconds, Is.LessThan(60));
        // Coefficients, values and pixels take some bytes each; nothing is taken for each scan.
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(content.Length + mostBytes));
    }

    /// <summary>A progressive grey picture, with a code of one bit for nothing and one for the end of many blocks.</summary>
    private static byte[] Progressive(int side) =>
    [
        0xFF, 0xD8, .. Quantization,
        .. Part(0xC2, [8, (byte)(side >> 8), (byte)side, (byte)(side >> 8), (byte)side, 1, 1, 0x11, 0]),
        .. Part(0xC4, [0x00, 1, .. new byte[15], 0]), .. Part(0xC4, [0x10, 1, .. new byte[15], EndOfManyBlocks]),
    ];

    private static byte[] Part(int marker, byte[] data) =>
        [0xFF, (byte)marker, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];

    private static byte[] Scan(int first, int last, int before, int now) =>
        Part(0xDA, [1, 1, 0, (byte)first, (byte)last, (byte)((before << 4) | now)]);

    private static IEnumerable<byte> Repeat(byte[] part, int times) =>
        Enumerable.Repeat(part, times).SelectMany(b => b);

    /// <summary>Runs of 2¹⁴ blocks without anything: a 0 for the code, 14 zeros for what to add to 2¹⁴.</summary>
    private static byte[] Empty() => new byte[((15 * (Blocks >> 14)) + 7) / 8];
}
