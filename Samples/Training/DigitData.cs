using MomentumCore.Engine;
using MomentumCore.Layers;

namespace MomentumCore.Samples;

/// <summary>The handwritten digits, read and checked; those to learn are shifted at random.</summary>
internal sealed class DigitData : TrainingImages
{
    private const int Classes = 10;
    private const int LargestShift = 2;
    private const int TestShare = 4;

    private readonly byte[] _testPixels;

    // Mean and standard deviation of MNIST's pixels.
    private DigitData(Digits training, Digits test)
        : base(
            training.ToDataset(), test.ToDataset(), [new RandomCrop(MisreadDigit.Side, LargestShift)],
            [new Normalize([0.1307], [0.3081])])
    {
        _testPixels = [.. test.Images.ToArray<float>().Select(p => (byte)Math.Round(p * 255))];
    }

    /// <summary>The digits that come with the app.</summary>
    public static string BundledFolder => Path.Combine(AppContext.BaseDirectory, "Data", "mnist-10k");

    /// <summary>Reads the four IDX files of a folder.</summary>
    /// <param name="folder">Holds train-images-idx3-ubyte and so on, with or without .gz.</param>
    /// <param name="limit">The most training digits to use; of the test digits a quarter of that.</param>
    /// <exception cref="UserErrorException">A file is missing, or the files are not digits.</exception>
    /// <exception cref="DataFileException">A file is damaged.</exception>
    public static DigitData Load(string folder, int limit)
    {
        using var scope = TensorScope.Begin();
        return new DigitData(Read(folder, "train", limit), Read(folder, "t10k", Math.Max(1, limit / TestShare)));
    }

    /// <summary>The same digits as data sets, for networks of other kinds.</summary>
    /// <inheritdoc cref="Load"/>
    public static (TensorDataset Training, TensorDataset Test) LoadDatasets(string folder, int limit)
    {
        using var scope = TensorScope.Begin();
        return (
            Read(folder, "train", limit).ToDataset(),
            Read(folder, "t10k", Math.Max(1, limit / TestShare)).ToDataset());
    }

    /// <summary>The pixels of a test digit, 0 paper to 255 ink.</summary>
    public byte[] TestPixels(int index)
    {
        const int size = MisreadDigit.Side * MisreadDigit.Side;
        return _testPixels[(index * size)..((index + 1) * size)];
    }

    private static Digits Read(string folder, string part, int limit)
    {
        var images = IdxFile.Read(Find(folder, $"{part}-images-idx3-ubyte"), DType.Float32, scale: 1 / 255.0);
        var labels = IdxFile.Read(Find(folder, $"{part}-labels-idx1-ubyte"), DType.Int64);
        if (images.Rank != 3 || images.Shape[1] != MisreadDigit.Side || images.Shape[2] != MisreadDigit.Side
            || labels.Rank != 1 || labels.Count != images.Shape[0] || labels.Count == 0)
        {
            throw new UserErrorException(
                $"--data: the {part} files in '{folder}' hold images {images.Shape} and labels {labels.Shape}; " +
                "wanted [n, 28, 28] and [n].");
        }

        if (labels.ToArray<long>().Max() >= Classes)
            throw new UserErrorException($"--data: the {part} labels in '{folder}' go up to " +
                $"{labels.ToArray<long>().Max()}; digits go from 0 to 9.");
        int count = Math.Min(limit, labels.Count);
        return new Digits(images.Slice(0, 0, count).Unsqueeze(1), labels.Slice(0, 0, count));
    }

    private static string Find(string folder, string name) =>
        new[] { $"{name}.gz", name }.Select(n => Path.Combine(folder, n)).FirstOrDefault(File.Exists)
        ?? throw new UserErrorException($"--data: there is no '{name}' or '{name}.gz' in '{folder}'; name a folder " +
            "with the four IDX files of MNIST.");

    private sealed record Digits(Tensor Images, Tensor Labels)
    {
        public TensorDataset ToDataset() => new(Images, Labels);
    }
}
