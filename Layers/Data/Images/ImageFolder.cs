namespace MomentumCore.Layers;

/// <summary>
/// Reads a folder of pictures: one folder inside for each class, as torchvision's <c>ImageFolder</c>.
/// </summary>
public static class ImageFolder
{
    private const int MostSide = 1 << 13;

    /// <summary>Reads all pictures. Classes and files come in the order of their names, letter by letter.</summary>
    /// <param name="path">The folder; inside it a folder for each class, and the pictures in those.</param>
    /// <param name="channels">3: red, green and blue, grey pictures too; 1: grey pictures only.</param>
    /// <param name="side">
    /// Above 0: each picture is resized until its shorter side has so many pixels (bilinear, antialiased, as Pillow and
    /// torchvision's <c>Resize</c> on its images do), and of the result the square in the middle is kept
    /// (<c>CenterCrop</c>). 0: the pictures are taken as they are, and must have one size.
    /// </param>
    /// <remarks>
    /// Files that are no pictures are passed over; pictures in a format that is not read, such as WebP, are an error.
    /// </remarks>
    /// <exception cref="DataFileException">
    /// The folder has no classes or one without pictures, or a picture is damaged, coloured, in another format or, when
    /// no side is given, of another size.
    /// </exception>
    public static ImageDataset Load(string path, int channels = 3, int side = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(side);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(side, MostSide);
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "A picture has 1 channel or 3.");
        var files = Find(path, out string[] classes);
        int[] labels = [.. files.Select(f => f.Label)];
        byte[] pixels = [];
        int width = 0, height = 0, imageBytes = 0;
        for (int i = 0; i < files.Count; i++)
        {
            string file = files[i].Path;
            var image = ImageFile.ReadRaw(file);
            if (image.Channels > channels)
                throw new DataFileException(file, "a coloured picture", "a grey one (or channels: 3)");
            if (side > 0)
                image = ImageResize.ToSquare(image, side);
            if (i == 0)
            {
                (width, height) = (image.Width, image.Height);
                pixels = Room(path, files.Count, channels, width, height);
                imageBytes = channels * width * height;
            }

            if (image.Width != width || image.Height != height)
            {
                throw new DataFileException(
                    file,
                    $"{image.Width} × {image.Height} pixels",
                    $"{width} × {height}, as {files[0].Path}, or an image size to bring all pictures to");
            }

            image.CopyPlanes(pixels.AsSpan(i * imageBytes, imageBytes), channels);
        }

        return new ImageDataset(pixels, [channels, height, width], labels, classes);
    }

    private static byte[] Room(string path, int count, int channels, int width, int height)
    {
        long bytes = (long)channels * width * height * count;
        return bytes <= Array.MaxLength
            ? new byte[bytes]
            : throw new DataFileException(
                path, $"{count:N0} pictures of {width} × {height}", $"{Array.MaxLength:N0} bytes at most");
    }

    private static List<(string Path, int Label)> Find(string path, out string[] classes)
    {
        try
        {
            string[] folders = [.. Directory.GetDirectories(path).Order(StringComparer.Ordinal)];
            classes = [.. folders.Select(f => Path.GetFileName(f))];
            if (classes.Length == 0)
                throw new DataFileException(path, "no folders inside", "one for each class");
            var files = new List<(string, int)>();
            for (int label = 0; label < folders.Length; label++)
            {
                string[] all = Directory.GetFiles(folders[label]);
                string[] pictures = [.. all.Where(f => Has(f, ImageFile.Extensions)).Order(StringComparer.Ordinal)];
                if (all.Where(f => Has(f, ImageFile.OtherExtensions)).Min(StringComparer.Ordinal) is { } other)
                {
                    throw new DataFileException(
                        other,
                        $"a picture in a format that is not read ({Path.GetExtension(other)})",
                        $"{string.Join(", ", ImageFile.Extensions)}; convert it, as with mogrify -format png, and take " +
                        "it out of the folder");
                }

                if (pictures.Length == 0)
                    throw new DataFileException(folders[label], "no pictures", string.Join(", ", ImageFile.Extensions));
                foreach (string picture in pictures)
                    files.Add((picture, label));
            }

            return files;
        }
        catch (Exception error) when (error is UnauthorizedAccessException or (IOException and not DataFileException))
        {
            throw new DataFileException(path, error.Message.TrimEnd('.'), "a folder to read", error);
        }
    }

    private static bool Has(string path, IReadOnlyList<string> extensions) =>
        extensions.Contains(Path.GetExtension(path).ToLowerInvariant());
}
