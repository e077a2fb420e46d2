using MomentumCore.Layers;

namespace MomentumCore.Tests.Layers.Data;

/// <summary>CIFAR's binary files and folders of pictures become batches of images and classes.</summary>
[TestFixture]
internal sealed class ImageDatasetTests
{
    private const int Picture = 3072;

    [Test]
    public void Cifar_10_is_read_from_its_five_files_and_its_test_file()
    {
        using var files = new TemporaryFiles();
        Directory.CreateDirectory(files.Path("cifar-10-batches-bin"));
        for (int batch = 1; batch <= 5; batch++)
            files.Write($"cifar-10-batches-bin/data_batch_{batch}.bin", [.. Record([(byte)batch], 10 * batch), .. Record([9], 0)]);
        files.Write("cifar-10-batches-bin/test_batch.bin", Record([3], 255));

        var train = CifarFile.Load10(files.Path(""), train: true);
        Assert.That(train.Count, Is.EqualTo(10));
        Assert.That(train.ImageShape, Is.EqualTo(new[] { 3, 32, 32 }));
        Assert.That(train.Labels.ToArray(), Is.EqualTo(new[] { 1, 9, 2, 9, 3, 9, 4, 9, 5, 9 }));
        Assert.That(train.Classes[3], Is.EqualTo("cat"));

        var test = CifarFile.Load10(files.Path("cifar-10-batches-bin"), train: false);
        var batchOfOne = test.Read([0]);
        Assert.That(batchOfOne[0].Shape, Is.EqualTo(new[] { 1, 3, 32, 32 }));
        Assert.That(batchOfOne[1].ToArray<long>(), Is.EqualTo(new[] { 3L }));
        // The first value of a picture is 255 here, then they count on and wrap.
        Assert.That(batchOfOne[0].ToArray<float>()[..3], Is.EqualTo(new[] { 1f, 0f, 1 / 255f }));
        foreach (var tensor in batchOfOne)
            tensor.Dispose();
    }

    [TestCase(false, 7, "class7")]
    [TestCase(true, 2, "coarse2")]
    public void Cifar_100_has_coarse_and_fine_classes(bool coarse, int label, string name)
    {
        using var files = new TemporaryFiles();
        files.Write("test.bin", Record([2, 7], 0));
        files.Write("fine_label_names.txt", string.Join('\n', Enumerable.Range(0, 100).Select(i => $"class{i}")) + "\n");
        files.Write("coarse_label_names.txt", string.Join('\n', Enumerable.Range(0, 20).Select(i => $"coarse{i}")) + "\n");
        var data = CifarFile.Load100(files.Path(""), train: false, coarse);
        Assert.That(data.Labels.ToArray(), Is.EqualTo(new[] { label }));
        Assert.That(data.Classes[label], Is.EqualTo(name));
    }

    [Test]
    public void Cifar_files_that_are_missing_cut_or_not_Cifar_are_refused()
    {
        using var files = new TemporaryFiles();
        void Refused(string wanted) => Assert.That(
            () => CifarFile.Load10(files.Path(""), train: false), Throws.TypeOf<DataFileException>().With.Message.Contains(wanted));
        Refused("no such file");
        files.Write("test_batch.bin", []);
        Refused("records of 3,073");
        files.Write("test_batch.bin", Record([1], 0)[..^1]);
        Refused("3,072 bytes");
        files.Write("test_batch.bin", Record([10], 0));
        Refused("class 10 in record 0");
        files.Write("test_batch.bin", TemporaryFiles.Pack(Record([1], 0)));
        Refused("gzip");
        files.Write("fine_label_names.txt", "one\ntwo\n");
        files.Write("test.bin", Record([1, 1], 0));
        Assert.That(() => CifarFile.Load100(files.Path(""), false), Throws.TypeOf<DataFileException>().With.Message.Contains("2 names"));
    }

    [Test]
    public void CIFAR_in_the_form_for_Python_is_refused_with_the_form_that_is_read()
    {
        using var files = new TemporaryFiles();
        files.Write("data_batch_1", "a pickle");
        files.Write("train", "a pickle");
        Assert.That(
            () => CifarFile.Load10(files.Path(""), true),
            Throws.TypeOf<DataFileException>().With.Message.Contains("data_batch_1: found the form for Python; wanted the binary"));
        Assert.That(
            () => CifarFile.Load100(files.Path(""), true),
            Throws.TypeOf<DataFileException>().With.Message.Contains("'cifar-100-binary'"));
        files.Write("test_batch.bin", Record([1], 0));
        Assert.That(CifarFile.Load10(files.Path(""), false).Count, Is.EqualTo(1), "both forms in one folder");
    }

    [Test]
    public void A_folder_of_pictures_has_a_class_for_each_folder_inside()
    {
        using var files = Pictures();
        files.Write("dog/notes.txt", "no picture");
        var data = ImageFolder.Load(files.Path(""));
        Assert.That(data.Classes, Is.EqualTo(new[] { "cat", "dog" }));
        Assert.That(data.Labels.ToArray(), Is.EqualTo(new[] { 0, 0, 1 }));
        using var scope = TensorScope.Begin();
        var batch = data.Read([2, 0]);
        Assert.That(batch[0].Shape, Is.EqualTo(new[] { 2, 3, 1, 2 }));
        Assert.That(batch[0].ToArray<float>(), Is.EqualTo(
            new[] { 1f, 0, 0.2f, 0, 0, 1, 0, 0.4f, 0, 0.4f, 0, 0.4f }).Within(1e-7), "planes; a grey picture in all three");
        Assert.That(batch[1].ToArray<long>(), Is.EqualTo(new[] { 1L, 0L }));
        Assert.That(() => data.Read([3]), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("samples 0 to 2"));
    }

    [Test]
    public void A_folder_of_pictures_feeds_the_loader_and_its_statistics_the_normalisation()
    {
        using var files = Pictures();
        var data = ImageFolder.Load(files.Path(""));
        var (mean, deviation) = data.ChannelStatistics();
        // The grey picture counts as red, too.
        double[] red = [0, 0.4, 0.6, 0.8, 1, 0];
        Assert.That(mean[0], Is.EqualTo(red.Average()).Within(1e-12));
        Assert.That(deviation[0], Is.EqualTo(Math.Sqrt(red.Average(v => Math.Pow(v - red.Average(), 2)))).Within(1e-12));
        var loader = new DataLoader(data, batchSize: 3, shuffle: false, seed: 1, transforms: [new Normalize(mean, deviation)]);
        using var scope = TensorScope.Begin();
        foreach (var batch in loader.Epoch(0))
            Assert.That(batch.Inputs.Mean([0, 2, 3]).ToArray<float>(), Is.All.EqualTo(0f).Within(1e-6));
    }

    [Test]
    public void Pictures_of_several_sizes_are_brought_to_one()
    {
        using var files = new TemporaryFiles();
        Directory.CreateDirectory(files.Path("a"));
        files.Write("a/1.pgm", "P2 4 2 5 0 1 2 3 0 1 2 3");
        files.Write("a/2.ppm", "P3 2 3 5 5 0 0 5 0 0 0 5 0 0 5 0 0 0 5 0 0 5");
        files.Write("a/3.pbm", "P1 4 4 0000 0000 0000 0000");
        var data = ImageFolder.Load(files.Path(""), side: 2);
        using var scope = TensorScope.Begin();
        var images = data.Read([0, 1, 2])[0];
        Assert.That(images.Shape, Is.EqualTo(new[] { 3, 3, 2, 2 }));
        // The middle columns of the first; rows 0 and 1 of the second, as (3 − 2) / 2 = 0.5 is rounded to the even 0.
        Assert.That(images[0, 0].ToArray<float>(), Is.EqualTo(new[] { 0.2f, 0.4f, 0.2f, 0.4f }).Within(1e-6));
        Assert.That(images[1].ToArray<float>(), Is.EqualTo(new[] { 1f, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0 }));
        Assert.That(images[2].ToArray<float>(), Is.All.EqualTo(1f));
        Assert.That(() => ImageFolder.Load(files.Path(""), side: -1), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => ImageFolder.Load(files.Path(""), side: 1 << 20), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Pictures_in_folders_inside_a_class_belong_to_it_and_what_is_hidden_to_none()
    {
        using var files = Pictures();
        int before = ImageFolder.Load(files.Path("")).Count;
        foreach (string folder in new[] { "cat/more/still", ".ipynb_checkpoints", "dog/.thumbnails", "dog/empty" })
            Directory.CreateDirectory(files.Path(folder));
        byte[] picture = File.ReadAllBytes(Directory.GetFiles(files.Path("dog"), "*.p?m")[0]);
        files.Write("cat/more/still/z.ppm", picture);
        files.Write("dog/.thumbnails/z.ppm", "no picture");
        files.Write("dog/._z.png", "what macOS keeps beside a picture");

        var data = ImageFolder.Load(files.Path(""));

        Assert.That(data.Classes, Is.EqualTo(new[] { "cat", "dog" }));
        Assert.That(data.Count, Is.EqualTo(before + 1));
        Assert.That(data.Labels.ToArray(), Is.EqualTo(new[] { 0, 0, 0, 1 }));
    }

    [Test]
    [Platform(Include = "Unix")]
    public void A_link_that_leads_in_a_circle_is_refused_by_name_and_one_to_other_pictures_is_followed()
    {
        using var files = Pictures();
        using var others = Pictures();
        Directory.CreateSymbolicLink(files.Path("cow"), others.Path("cat"));
        Assert.That(ImageFolder.Load(files.Path("")).Classes, Is.EqualTo(new[] { "cat", "cow", "dog" }));
        Directory.CreateSymbolicLink(files.Path("dog/loop"), "..");
        Assert.That(
            () => ImageFolder.Load(files.Path("")),
            Throws.TypeOf<DataFileException>().With.Message.Contains("loop: found a link to a folder that it lies in"));
    }

    [Test]
    [Platform(Include = "Linux")]
    public void A_pipe_among_the_pictures_is_refused_and_not_waited_for()
    {
        using var files = Pictures();
        using (var made = System.Diagnostics.Process.Start("mkfifo", files.Path("dog/pipe.png")))
            made.WaitForExit();
        var load = Task.Run(() => ImageFolder.Load(files.Path("")));
        Assert.That(
            () => load.Wait(TimeSpan.FromSeconds(20)),
            Throws.InnerException.TypeOf<DataFileException>().With.InnerException.Message.Contains("pipe.png: found a pipe"));
    }

    [Test]
    public void Reading_a_folder_stops_when_it_is_cancelled()
    {
        using var files = Pictures();
        Assert.That(
            () => ImageFolder.Load(files.Path(""), cancellation: new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [TestCase("", "found an empty file")]
    [TestCase("RIFF1234WEBPVP8 ", "found WebP")]
    [TestCase("GIF89a", "found GIF")]
    [TestCase("BM1234", "found BMP")]
    [TestCase("II*\0....", "found TIFF")]
    [TestCase("....ftypheic", "found HEIC")]
    [TestCase("\n<html>404</html>", "found a web page")]
    [TestCase("RIFF", "found another format")]
    public void A_file_under_a_picture_s_name_is_refused_by_what_it_is(string content, string found)
    {
        using var files = new TemporaryFiles();
        Assert.That(
            () => ImageFile.Read(files.Write("cat.jpg", content)),
            Throws.TypeOf<DataFileException>().With.Message.Contains($"cat.jpg: {found}"));
    }

    [Test]
    public void A_folder_that_does_not_fit_is_refused_with_the_file_that_does_not()
    {
        using var files = new TemporaryFiles();
        void Refused(string problem, int channels = 3) => Assert.That(
            () => ImageFolder.Load(files.Path(""), channels), Throws.TypeOf<DataFileException>().With.Message.Contains(problem));
        Refused("no folders inside");
        Directory.CreateDirectory(files.Path("a"));
        Refused("no pictures");
        files.Write("a/1.pgm", "P2 2 1 5 0 2");
        files.Write("a/2.ppm", "P3 1 1 5 0 2 3");
        Refused("1 × 1 pixels; wanted 2 × 1");
        files.Write("a/3.webp", "a WebP");
        Refused("(.webp); wanted .png");
        File.Delete(files.Path("a/3.webp"));
        Refused("a coloured picture", channels: 1);
        files.Write("a/2.ppm", "broken");
        Refused("2.ppm");
        Assert.That(
            () => ImageFolder.Load(files.Path("nowhere")),
            Throws.TypeOf<DataFileException>().With.Message.Contains("found no such folder"));
        Assert.That(() => ImageFolder.Load(files.Path(""), channels: 2), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Bytes_that_are_no_pictures_are_refused()
    {
        Assert.That(() => new ImageDataset(new byte[5], [1, 2, 2], [0], ["a"]), Throws.TypeOf<ShapeException>());
        Assert.That(() => new ImageDataset(new byte[4], [2, 2], [0], ["a"]), Throws.TypeOf<ShapeException>());
        Assert.That(() => new ImageDataset(new byte[4], [1, 2, 2], [1], ["a"]), Throws.ArgumentException);
    }

    private static TemporaryFiles Pictures()
    {
        var files = new TemporaryFiles();
        Directory.CreateDirectory(files.Path("dog"));
        Directory.CreateDirectory(files.Path("cat"));
        files.Write("cat/1.pgm", "P2 2 1 5 0 2");
        files.Write("cat/2.ppm", "P3 2 1 5 3 0 0 4 0 0");
        files.Write("dog/1.ppm", "P3 2 1 5 5 1 0 0 0 5");
        return files;
    }

    private static byte[] Record(byte[] labels, int first) =>
        [.. labels, .. Enumerable.Range(0, Picture).Select(i => (byte)(first + i))];
}
