using System.Diagnostics;
using MomentumCore.Layers;

namespace MomentumCore.Tests.Layers.Data;

/// <summary>JPEG files of few bytes that would keep a machine busy are refused soon and without much memory.</summary>
[TestFixture]
internal sealed class HostileJpegTests
{
    private const int Side = 4096, Blocks = Side / 8 * (Side / 8);

    private static readonly byte[] End = [0xFF, 0xD9];

    [TestCase(7, false)]
    [TestCase(190, true)]
    public void Scans_that_cost_more_than_their_bytes_are_refused(int refinements, bool isRefused)
    {
        byte[] quantization = [0, .. Enumerable.Repeat((byte)16, 64)];
        byte[] size = [8, Side >> 8, Side & 255, Side >> 8, Side & 255, 1, 1, 0x11, 0];
        byte[] low = [0x00, 1, .. new byte[15], 0];
        byte[] high = [0x10, 1, .. new byte[15], 0xE0];
        byte[] file =
        [
            0xFF, 0xD8, .. Part(0xDB, quantization), .. Part(0xC2, size), .. Part(0xC4, low), .. Part(0xC4, high),
            .. Scan(0, 0, 0, 0), .. new byte[Blocks / 8],
            .. Scan(1, 63, 0, 13), .. Empty(),
            .. Enumerable.Repeat<byte[]>([.. Scan(1, 63, 1, 0), .. Empty()], refinements).SelectMany(b => b), .. End,
        ];
        Open(file, isRefused ? "scans and more for a picture of 4096 × 4096" : null);
    }

    [Test]
    public void Thousands_of_tables_are_refused()
    {
        byte[] tables = Part(0xC4, [.. Enumerable.Repeat(new byte[17], 3800).SelectMany(t => t)]);
        Open([0xFF, 0xD8, .. tables, .. tables, .. End], "more than 4,096 code tables");
        Open([0xFF, 0xD8, .. tables, .. End], "no picture");
    }

    private static void Open(byte[] content, string? problem)
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
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(12L * Side * Side));
    }

    private static byte[] Part(int marker, byte[] data) =>
        [0xFF, (byte)marker, (byte)((data.Length + 2) >> 8), (byte)(data.Length + 2), .. data];

    private static byte[] Scan(int first, int last, int before, int now) =>
        Part(0xDA, [1, 1, 0, (byte)first, (byte)last, (byte)((before << 4) | now)]);

    /// <summary>Runs of 2¹⁴ blocks without anything: a 0 for the code, 14 zeros for what to add to 2¹⁴.</summary>
    private static byte[] Empty() => new byte[((15 * (Blocks >> 14)) + 7) / 8];
}
