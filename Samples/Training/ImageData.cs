using MomentumCore.Engine;
using MomentumCore.Layers;

namespace MomentumCore.Samples;

/// <summary>
/// Images to learn and to be tested on: CIFAR-10 and 100, folders of pictures, handwritten digits; training images are
/// shifted by up to four pixels and, digits excepted, mirrored at random.
/// </summary>
internal sealed class ImageData : TrainingImages
{
    /// <summary>How --data is written.</summary>
    public const string Forms = "cifar10:PATH, cifar100:PATH, folder:PATH or digits";

    private const int LargestShift = 4;
    private const int MostShown = 5;

    private ImageData(
        IDataset training, IDataset test, int side, int classes, double[] mean, double[] deviation, bool mirror)
        : base(
            training, test,
            mirror ? [new RandomCrop(side, LargestShift), new RandomHorizontalFlip()] : [new RandomCrop(side, LargestShift)],
            [new ToColour(), new Normalize(mean, deviation)])
    {
        (Side, Classes) = (side, classes);
    }

    /// <summary>Height and width of an image.</summary>
    public int Side { get; }

    /// <summary>The number of classes.</summary>
    public int Classes { get; }

    /// <summary>Reads the images that --data names.</summary>
    /// <param name="data">One of <see cref="Forms"/>.</param>
    /// <param name="limit">
    /// The most training images, and test images (of digits a quarter for the test); 0 for all. Of folders and CIFAR
    /// each class gives the same share.
    /// </param>
    /// <param name="imageSize">Pixels of a side to which a folder's pictures are brought; 0 for none.</param>
    /// <param name="cancellation">Stops the reading of a folder.</param>
    /// <exception cref="UserErrorException">It names none.</exception>
    /// <exception cref="DataFileException">A file is missing or damaged.</exception>
    public static ImageData Load(string data, int limit, int imageSize = 0, CancellationToken cancellation = default)
    {
        string[] parts = data.Split(':', 2);
        string path = parts.Length > 1 ? parts[1] : "";
        if (imageSize > 0 && parts[0] != "folder")
            throw new UserErrorException($"--image-size goes with --data folder:PATH; got '{data}'.", ExitCode.Usage);
        return (parts[0], path.Length > 0) switch
        {
            ("cifar10", true) => Cifar(train => CifarFile.Load10(path, train), limit),
            ("cifar100", true) => Cifar(train => CifarFile.Load100(path, train), limit),
            ("folder", true) => Folder(path, limit, imageSize, cancellation),
            ("digits", _) => Digits(path.Length > 0 ? path : DigitData.BundledFolder, limit),
            _ => throw new UserErrorException(
                $"--data must be {Forms}; got '{data}'.{(Directory.Exists(data) ? $" Pictures: folder:{data}" : "")}",
                ExitCode.Usage),
        };
    }

    // Mean and deviation as in the authors' trainer, which uses CIFAR-10's for both.
    private static ImageData Cifar(Func<bool, ImageDataset> load, int limit)
    {
        ImageDataset training = load(true), test = load(false);
        return new ImageData(
            Limited(training, limit), Limited(test, limit), training.ImageShape[1], training.Classes.Count,
            [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010], mirror: true);
    }

    private static ImageData Folder(string path, int limit, int imageSize, CancellationToken cancellation)
    {
        string trainingPath = Part(path, "train");
        string testPath = Part(path, "test", "val");
        var training = Pictures(trainingPath, imageSize, cancellation);
        var test = Pictures(testPath, imageSize, cancellation);
        if (!test.Classes.SequenceEqual(training.Classes))
        {
            throw new UserErrorException(
                $"--data: '{path}' has other classes for training than for the test: " +
                $"{Only("training", training, test)}{Only("the test", test, training)}wanted are folders of the same names.");
        }

        if (training.Classes.Count < 2)
        {
            throw new UserErrorException(
                $"--data: '{trainingPath}' holds one class, '{training.Classes[0]}', so that there is nothing to tell " +
                "apart; wanted is a folder for each class, two or more.");
        }

        if (test.ImageShape != training.ImageShape || training.ImageShape[1] != training.ImageShape[2])
        {
            throw new UserErrorException(
                $"--data: training images {training.ImageShape} and test images {test.ImageShape} in '{path}'; wanted " +
                "is one square size: give it with --image-size.");
        }

        var (mean, deviation) = training.ChannelStatistics();
        return new ImageData(
            Limited(training, limit), Limited(test, limit), training.ImageShape[1], training.Classes.Count, mean,
            [.. deviation.Select(d => Math.Max(d, 1e-3))], mirror: true);
    }

    /// <summary>The part of a folder for training, or that for the test.</summary>
    private static string Part(string path, params string[] names)
    {
        if (!Directory.Exists(path))
            throw new UserErrorException($"--data: there is no folder '{path}'.");
        return names.Select(n => Path.Combine(path, n)).FirstOrDefault(Directory.Exists) ?? throw new UserErrorException(
            $"--data: '{path}' holds no folder {string.Join(" or ", names.Select(n => $"'{n}'"))}; wanted is train/CLASS/*.png " +
            "and test/CLASS/*.png (or val), PNG, JPEG or PNM.");
    }

    private static string Only(string part, ImageDataset data, ImageDataset other)
    {
        string[] only = [.. data.Classes.Except(other.Classes)];
        return only.Length == 0
            ? ""
            : $"only for {part} {string.Join(", ", only.Take(MostShown).Select(c => $"'{c}'"))}" +
              $"{(only.Length > MostShown ? $" and {only.Length - MostShown:N0} more" : "")}; ";
    }

    private static ImageDataset Pictures(string path, int imageSize, CancellationToken cancellation)
    {
        try
        {
            return ImageFolder.Load(path, side: imageSize, cancellation: cancellation);
        }
        catch (DataFileException problem) when (problem.Found.EndsWith("pixels", StringComparison.Ordinal))
        {
            throw new UserErrorException(
                $"{problem.Message.TrimEnd('.')}: --image-size 64, for example.", inner: problem);
        }
    }

    private static ImageData Digits(string folder, int limit)
    {
        const double mean = 0.1307, deviation = 0.3081;
        var (training, test) = DigitData.LoadDatasets(folder, limit == 0 ? int.MaxValue : limit);
        return new ImageData(
            training, test, MisreadDigit.Side, 10, [mean, mean, mean], [deviation, deviation, deviation], mirror: false);
    }

    /// <summary>At most so many images, of each class the same share: folders are sorted by class.</summary>
    private static IDataset Limited(ImageDataset data, int limit)
    {
        if (limit == 0 || limit >= data.Count)
            return data;
        int[] labels = data.Labels.ToArray();
        int[] byClass = [.. Enumerable.Range(0, data.Count).OrderBy(i => labels[i])];
        // Evenly spaced, in the middle of what each stands for.
        var chosen = Enumerable.Range(0, limit).Select(i => byClass[((2L * i) + 1) * data.Count / (2L * limit)]);
        return new PartOf(data, [.. chosen.Order()]);
    }

    /// <summary>Some samples of a data set.</summary>
    private sealed class PartOf(IDataset data, int[] chosen) : IDataset
    {
        public int Count => chosen.Length;

        public Tensor[] Read(ReadOnlySpan<int> samples)
        {
            int[] inData = new int[samples.Length];
            for (int i = 0; i < inData.Length; i++)
                inData[i] = chosen[samples[i]];
            return data.Read(inData);
        }
    }

    /// <summary>Grey images three times over, for networks that see colours.</summary>
    private sealed class ToColour : IBatchTransform
    {
        public Tensor Apply(Tensor inputs, SampleRandom random) =>
            inputs.Shape[1] == 3 ? inputs : Tensor.Concat([inputs, inputs, inputs], 1);
    }
}
