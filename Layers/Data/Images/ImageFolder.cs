namespace MomentumCore.Layers;

/// <summary>
/// Reads a folder of pictures: one folder inside for each class, as torchvision's <c>ImageFolder</c>.
/// </summary>
public static class ImageFolder
{
    /// <summary>Reads all pictures. Classes and files come in the order of their names, letter by letter.</summary>
    /// <param name="path">The folder; inside it a folder for each class, and the pictures in those.</param>
    /// <param name="channels">3: red, green and blue, grey pictures too; 1: grey pictures only.</param>
    /// <remarks>All pictures must have one size. Files with other endings than a picture's are passed over.</remarks>
    /// <exception cref="DataFileException">
    /// The folder has no classes or one without pictures, or a picture is damaged, coloured or of another size.
    /// </exception>
    public static ImageDataset Load(string path, int channels = 3)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
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
            if (i == 0)
            {
                (width, height) = (image.Width, image.Height);
                imageBytes = channels * width * height;
                if ((long)imageBytes * files.Count > Array.MaxLength)
                    throw new DataFileException(
                        path, $"{files.Count:N0} pictures of {width} × {height}", $"{Array.MaxLength:N0} bytes");
                pixels = new byte[imageBytes * files.Count];
            }

            if (image.Width != width || image.Height != height)
            {
                throw new DataFileException(
                    file,
                    $"{image.Width} × {image.Height} pixels",
                    $"{width} × {height}, as {files[0].Path}; resize them first");
            }

            image.CopyPlanes(pixels.AsSpan(i * imageBytes, imageBytes), channels);
        }

        return new ImageDataset(pixels, [channels, height, width], labels, classes);
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
                string[] pictures =
                    [.. Directory.GetFiles(folders[label]).Where(IsPicture).Order(StringComparer.Ordinal)];
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

    private static bool IsPicture(string path) =>
        ImageFile.Extensions.Contains(Path.GetExtension(path).ToLowerInvariant());
}
