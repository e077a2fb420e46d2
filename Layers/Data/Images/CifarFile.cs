using System.Text;

namespace MomentumCore.Layers;

/// <summary>Reads CIFAR-10 and CIFAR-100 in their official binary form (Krizhevsky, 2009).</summary>
/// <remarks>
/// A record is the class (of CIFAR-100 the coarse class, then the fine one) and 3072 bytes: a picture of 32 × 32 as
/// planes
/// of red, green and blue. The archives of <c>www.cs.toronto.edu/~kriz/cifar.html</c> have to be unpacked.
/// </remarks>
public static class CifarFile
{
    private const int Side = 32, ImageBytes = 3 * Side * Side;

    private static readonly string[] Classes10 =
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Reads CIFAR-10.</summary>
    /// <param name="path">
    /// The folder of <c>data_batch_1.bin</c> … <c>test_batch.bin</c> or one above (<c>cifar-10-batches-bin</c>).
    /// </param>
    /// <param name="train">The pictures for training, or those for the test.</param>
    /// <exception cref="DataFileException">A file is missing or damaged.</exception>
    public static ImageDataset Load10(string path, bool train)
    {
        string folder = Folder(path, "cifar-10-batches-bin", "cifar-10-batches-py", "data_batch_1");
        string[] files = train ? [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")] : ["test_batch.bin"];
        return Load([.. files.Select(f => Path.Combine(folder, f))], labelBytes: 1, useLabel: 0, Classes10);
    }

    /// <summary>Reads CIFAR-100.</summary>
    /// <param name="path">
    /// The folder of <c>train.bin</c> and <c>test.bin</c> or one above (<c>cifar-100-binary</c>).
    /// </param>
    /// <param name="train">The pictures for training, or those for the test.</param>
    /// <param name="coarse">Use the 20 coarse classes rather than the 100 fine ones.</param>
    /// <exception cref="DataFileException">A file is missing or damaged.</exception>
    public static ImageDataset Load100(string path, bool train, bool coarse = false)
    {
        string folder = Folder(path, "cifar-100-binary", "cifar-100-python", "train");
        int count = coarse ? 20 : 100;
        string names = Path.Combine(folder, coarse ? "coarse_label_names.txt" : "fine_label_names.txt");
        return Load([Path.Combine(folder, train ? "train.bin" : "test.bin")], 2, coarse ? 0 : 1, Names(names, count));
    }

    private static string Folder(string path, string name, string pythonName, string pythonFile)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string inside = Path.Combine(path, name);
        if (Directory.Exists(inside))
            return inside;
        bool hasBinary = Directory.Exists(path) && Directory.EnumerateFiles(path, "*.bin").Any();
        string[] ofPython = [Path.Combine(path, pythonName), Path.Combine(path, pythonFile)];
        return hasBinary || ofPython.FirstOrDefault(Path.Exists) is not { } found
            ? path
            : throw new DataFileException(
                found, "the form for Python", $"the binary form of the same page, which unpacks as '{name}'");
    }

    private static ImageDataset Load(string[] paths, int labelBytes, int useLabel, IReadOnlyList<string> classes)
    {
        int recordBytes = labelBytes + ImageBytes;
        // All files are measured before memory is taken.
        long records = paths.Sum(p => Records(p, recordBytes));
        if (records * ImageBytes > Array.MaxLength)
            throw new DataFileException(
                paths[0], $"{records:N0} pictures", $"at most {Array.MaxLength / ImageBytes:N0}");
        byte[] pixels = new byte[records * ImageBytes];
        int[] labels = new int[records];
        byte[] record = new byte[recordBytes];
        int at = 0;
        foreach (string path in paths)
        {
            using var file = DataFile.Open(path);
            for (int got = file.Read(record); got > 0; got = file.Read(record), at++)
            {
                if (got < recordBytes || at >= labels.Length)
                    throw new DataFileException(path, "another length than before", "a file that nobody writes to");
                labels[at] = record[useLabel];
                if (labels[at] >= classes.Count)
                    throw new DataFileException(
                        path, $"class {labels[at]} in record {at:N0}", $"0 to {classes.Count - 1}");
                record.AsSpan(labelBytes).CopyTo(pixels.AsSpan(at * ImageBytes));
            }
        }

        return at == labels.Length
            ? new ImageDataset(pixels, [3, Side, Side], labels, classes)
            : throw new DataFileException(paths[^1], "another length than before", "a file that nobody writes to");
    }

    private static long Records(string path, int recordBytes)
    {
        using var file = DataFile.Open(path);
        if (file.IsPacked)
            throw new DataFileException(path, "gzip", "the unpacked file");
        return file.Length > 0 && file.Length % recordBytes == 0
            ? file.Length / recordBytes
            : throw new DataFileException(path, $"{file.Length:N0} bytes", $"records of {recordBytes:N0}");
    }

    /// <summary>The names that come with the data; numbers when the file is not there.</summary>
    private static string[] Names(string path, int count)
    {
        if (!File.Exists(path))
            return [.. Enumerable.Range(0, count).Select(i => i.ToString())];
        using var file = DataFile.Open(path);
        byte[] bytes = new byte[Math.Min(file.Length, 1 << 16)];
        string text = Encoding.UTF8.GetString(bytes, 0, file.Read(bytes));
        string[] names = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return names.Length == count ? names : throw new DataFileException(path, $"{names.Length} names", $"{count}");
    }
}
