using System.Buffers.Binary;
using System.Text.Json.Nodes;
using MomentumCore.Layers;
using MomentumCore.Tests.Engine.Files;

namespace MomentumCore.Tests.Layers.Data;

/// <summary>Pictures of every kind have the pixels that Pillow reads, and damaged ones are refused.</summary>
[TestFixture]
internal sealed class ImageFileTests
{
    private static readonly string Folder = Path.Combine(TestContext.CurrentContext.TestDirectory, "Fixtures", "images");

    private static readonly JsonObject Expected =
        JsonNode.Parse(File.ReadAllText(Folder + ".json"))!.AsObject();

    private static IEnumerable<string> Files() => Expected.Select(f => f.Key).Where(f => f != "resized");

    private static IEnumerable<TestCaseData> Resized() =>
        from node in Expected["resized"]!.AsArray()
        select new TestCaseData(node).SetArgDisplayNames(
            $"{node!["width"]} × {node["height"]} × {node["channels"]} to {node["side"]}");

    [TestCaseSource(nameof(Files))]
    public void A_picture_has_the_pixels_that_Pillow_reads(string name)
    {
        using var picture = ImageFile.Read(Path.Combine(Folder, name));
        int height = (int)Expected[name]!["height"]!, width = (int)Expected[name]!["width"]!;
        byte[] rgb = Convert.FromHexString((string)Expected[name]!["rgb"]!);
        Assert.That(picture.Shape[1..], Is.EqualTo(new[] { height, width }));
        float[] values = picture.ToArray<float>();
        int plane = height * width;
        for (int i = 0; i < rgb.Length; i++)
        {
            // Planes here, side by side there; a grey picture has one plane.
            int channel = i % 3 % picture.Shape[0];
            Assert.That(values[(channel * plane) + (i / 3)] * 255, Is.EqualTo((float)rgb[i]).Within(1e-4f), $"value {i}");
        }
    }

    [TestCaseSource(nameof(Resized))]
    public void A_picture_is_resized_and_cropped_to_the_bytes_that_torchvision_makes(JsonNode test)
    {
        var image = new RawImage(
            (int)test["width"]!, (int)test["height"]!, (int)test["channels"]!,
            Convert.FromHexString((string)test["pixels"]!));
        var square = ImageResize.ToSquare(image, (int)test["side"]!);
        Assert.That(square.Width, Is.EqualTo((int)test["side"]!).And.EqualTo(square.Height));
        Assert.That(square.Pixels, Is.EqualTo(Convert.FromHexString((string)test["square"]!)));
    }

    [TestCase(1, 60_000_000)]
    [TestCase(60_000_000, 1)]
    [TestCase(8000, 8000)]
    public void A_picture_of_any_form_is_resized_in_little_memory(int width, int height)
    {
        var image = new RawImage(width, height, 1, new byte[width * height]);
        image.Pixels.AsSpan().Fill(77);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var square = ImageResize.ToSquare(image, 32);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(1_000_000));
        Assert.That(square.Pixels, Has.Length.EqualTo(32 * 32).And.All.EqualTo((byte)77));
    }

    [Test]
    public void A_picture_cut_off_after_any_byte_is_refused(
        [Values("colour6_depth16_interlaced.png", "colour3_depth8.png", "colour.ppm", "bits.pbm", "text.ppm",
            "half.jpg", "progressive.jpg", "restarts.jpg")] string name)
    {
        using var files = new TemporaryFiles();
        byte[] whole = File.ReadAllBytes(Path.Combine(Folder, name));
        // The end of text may be cut without loss.
        int pixelsEnd = whole.Length - (name.EndsWith(".png", StringComparison.Ordinal) ? 12 : name == "text.ppm" ? 3 : 0);
        Assert.That(() => ImageFile.Read(files.Write("whole", whole)).Dispose(), Throws.Nothing);
        for (int length = 0; length < pixelsEnd; length++)
        {
            string path = files.Write("cut", whole[..length]);
            Assert.That(() => ImageFile.Read(path), Throws.TypeOf<DataFileException>(), $"{length} bytes");
        }
    }

    [Test]
    public void A_picture_damaged_at_random_is_read_or_refused_in_bounded_memory()
    {
        using var files = new TemporaryFiles();
        var all = Files().Select(f => File.ReadAllBytes(Path.Combine(Folder, f))).ToList();
        int refused = 0;
        for (int seed = 0; seed < 3000; seed++)
        {
            byte[] damaged = new Mutation(new Random(seed)).Bytes(all[seed % all.Count]);
            // With right checksums the damage is met inside.
            if (seed % 3 > 0)
                RepairChecksums(damaged);
            string path = files.Write("damaged", damaged);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                ImageFile.Read(path).Dispose();
            }
            catch (DataFileException)
            {
                refused++;
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            Assert.That(allocated, Is.LessThan(50_000_000), $"seed {seed}");
        }

        Assert.That(refused, Is.InRange(300, 2990));
    }

    [Test]
    public void A_JPEG_in_the_colours_of_print_is_refused() => Assert.That(
        () => ImageFile.Read(Path.Combine(Folder, "refused_cmyk.jpg")),
        Throws.TypeOf<DataFileException>().With.Message.Contains("CMYK"));

    [TestCase("half.jpg", 0xD9)]
    [TestCase("progressive.jpg", 0xDA)]
    [TestCase("restarts.jpg", 0xD0)]
    public void Bytes_before_a_marker_of_a_JPEG_are_passed_over_as_libjpeg_does(string name, int marker)
    {
        using var files = new TemporaryFiles();
        byte[] whole = File.ReadAllBytes(Path.Combine(Folder, name));
        int at = whole.AsSpan().LastIndexOf((ReadOnlySpan<byte>)[0xFF, (byte)marker]);
        byte[][] before = marker == 0xD0 ? [[0xFF], [0xFF, 0xFF, 0xFF]] : [[0xFF, 0xFF], [1, 2, 3], [7, 0xFF, 0]];
        Assert.That(at, Is.Positive);
        using var expected = ImageFile.Read(Path.Combine(Folder, name));
        foreach (byte[] extra in before)
        {
            using var read = ImageFile.Read(files.Write("extra.jpg", [.. whole[..at], .. extra, .. whole[at..]]));
            Assert.That(read.ToArray<float>(), Is.EqualTo(expected.ToArray<float>()));
        }
    }

    [TestCase("many scans", "more than 200 scans")]
    [TestCase("many tables", "no picture")]
    public void A_JPEG_that_would_take_long_is_refused_soon(string kind, string problem)
    {
        using var files = new TemporaryFiles();
        byte[] small = File.ReadAllBytes(Path.Combine(Folder, "progressive.jpg"));
        int scan = small.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xDA]);
        int next = scan + 2 + small.AsSpan(scan + 2).IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC4]);
        int table = small.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC4]);
        byte[] repeated = kind == "many scans" ? small[scan..next] : small[table..scan];
        byte[] file = kind == "many scans" ? [.. small[..next]] : [0xFF, 0xD8];
        file = [.. file, .. Enumerable.Repeat(repeated, 1000).SelectMany(b => b), 0xFF, 0xD9];
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        Assert.That(
            () => ImageFile.Read(files.Write("long.jpg", file)),
            Throws.TypeOf<DataFileException>().With.Message.Contains(problem));
        Assert.That(System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds, Is.LessThan(10));
    }

    [TestCase(65536, 65536, "1 to 67,108,864")]
    [TestCase(int.MaxValue, int.MaxValue, "1 to 67,108,864")]
    [TestCase(0, 5, "1 to 67,108,864")]
    [TestCase(8000, 8000, "more for a picture of 8000 × 8000")]
    [TestCase(11, 10, "damaged or incomplete")]
    [TestCase(11, 8, "more rows")]
    public void A_PNG_that_lies_about_its_size_is_refused_before_memory_is_taken(int width, int height, string problem)
    {
        using var files = new TemporaryFiles();
        byte[] file = File.ReadAllBytes(Path.Combine(Folder, "colour2_depth8.png"));
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(20), height);
        RepairChecksums(file);
        string path = files.Write("liar.png", file);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        Assert.That(() => ImageFile.Read(path), Throws.TypeOf<DataFileException>().With.Message.Contains(problem));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - allocated, Is.LessThan(1_000_000));
    }

    [TestCase("P6 2 1 255 ", "5 bytes of pixels", 5)]
    [TestCase("P6 2 1 255 ", "1 bytes after the picture", 7)]
    [TestCase("P6 0 1 255 ", "0 × 1 pixels", 0)]
    [TestCase("P6 99999999 99999999 255 ", "pixels", 0)]
    [TestCase("P6 1 1 0 ", "a largest value of 0", 3)]
    [TestCase("P6 1 1 65536 ", "a largest value of 65536", 3)]
    [TestCase("P6 -1 1 255 ", "no number", 3)]
    [TestCase("P2 1 1 3 4 ", "a value of 4", 0)]
    [TestCase("P1 2 1 02", "no 0 or 1 at byte 8", 0)]
    [TestCase("P4 9 2 ", "3 bytes of pixels; wanted 4", 3)]
    [TestCase("P4 9 2 ", "1 bytes after the picture", 5)]
    [TestCase("P7 1 1 ", "P1 to P6", 1)]
    [TestCase("\u00ff\u00d8\u00ff", "JPEG", 9)]
    [TestCase("\u00ff\u00d8\u00ff\u00d9", "no picture", 0)]
    [TestCase("\u00ff\u00d8\u00ff\u00c9\0\u0002", "is not read (0xFFC9)", 0)]
    [TestCase("\u00ff\u00d8\u00ff\u00c0\0\u000b\u0008\u00ff\u00ff\u00ff\u00ff\u0001\u0001\u0011\0", "65,535 × 65,535", 0)]
    [TestCase("\u00ff\u00d8\u00ff\u00c0\0\u000b\u0008\u000f\u00ff\u000f\u00ff\u0001\u0001\u0011\0", "more for a picture of 4095 × 4095", 0)]
    [TestCase("\u00ff\u00d8\u00ff\u00c0\0\u000b\u000c\0\u0001\0\u0001\u0001\u0001\u0011\0", "values of 12 bits", 0)]
    [TestCase("GIF89a", "found GIF", 9)]
    [TestCase("", "found an empty file", 0)]
    public void A_picture_in_another_form_is_refused_with_the_reason(string start, string problem, int bytes)
    {
        using var files = new TemporaryFiles();
        string path = files.Write("x", [.. System.Text.Encoding.Latin1.GetBytes(start), .. new byte[bytes]]);
        Assert.That(() => ImageFile.Read(path), Throws.TypeOf<DataFileException>().With.Message.Contains(problem));
    }

    /// <summary>Gives every chunk that is still whole the checksum of what it holds now.</summary>
    private static void RepairChecksums(byte[] png)
    {
        for (int at = 8; at + 12 <= png.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            if (length > (uint)(png.Length - at - 12))
                return;
            var crc = default(Crc32);
            crc.Add(png.AsSpan(at + 4, 4 + (int)length));
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(at + 8 + (int)length), crc.Value);
            at += 12 + (int)length;
        }
    }
}
