namespace MomentumCore.Layers;

/// <summary>
/// Reads a folder of pictures: one folder inside for each class, as torchvision's <c>ImageFolder</c>.
/// </summary>
public static class ImageFolder
{
    private const int MostSide = 1 << 13;

    /// <summary>Reads all pictures. Classes and files come in the order of their names, letter by letter.</summary>
    /// <param name="path">
    /// The folder; inside it a folder for each class, and the pictures in those, or in folders inside them.
    /// </param>
    /// <param name="channels">3: red, green and blue, grey pictures too; 1: grey pictures only.</param>
    /// <param name="side">
    /// Above 0: each picture is resized until its shorter side has so many pixels (bilinear, antialiased, as Pillow and
    /// torchvision's <c>Resize</c> on its images do), and of the result the square in the middle is kept
    /// (<c>CenterCrop</c>). 0: the pictures are taken as they are, and must have one size.
    /// </param>
    /// <param name="cancellation">Ends the reading, before the next picture.</param>
    /// <remarks>
    /// Files that are no pictures are passed over, and so is what is hidden by a dot before its name, such as
    /// <c>.ipynb_checkpoints</c>; pictures in a format that is not read, such as WebP, are an error.
    /// </remarks>
    /// <exception cref="DataFileException">
    /// The folder has no classes or one without pictures, or a picture is damaged, coloured, in another format or, when
    /// no side is given, of another size.
    /// </exception>
    /// <exception cref="OperationCanceledException">Reading was cancelled.</exception>
    public static ImageDataset Load(
        string path, int channels = 3, int side = 0, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(side);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(side, MostSide);
        if (channels is not (1 or 3))
            throw new ArgumentOutOfRangeException(nameof(channels), channels, "A picture has 1 channel or 3.");
        var files = Find(path, out string[] classes, cancellation);
        int[] labels = [.. files.Select(f => f.Label)];
        byte[] pixels = [];
        int width = 0, height = 0, imageBytes = 0;
        for (int i = 0; i < files.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
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

    private static List<(string Path, int Label)> Find(
        string path, out string[] classes, CancellationToken cancellation)
    {
        try
        {
            var folders = Visible(Directory.GetDirectories(path));
            classes = [.. folders.Select(f => Path.GetFileName(f))];
            if (classes.Length == 0)
                throw new DataFileException(path, "no folders inside", "one for each class");
            var files = new List<(string, int)>();
            string[] parents = [RealPath(path)];
            for (int label = 0; label < folders.Count; label++)
            {
                int before = files.Count;
                files.AddRange(Pictures(folders[label], parents, cancellation).Select(p => (p, label)));
                if (files.Count == before)
                    throw new DataFileException(folders[label], "no pictures", string.Join(", ", ImageFile.Extensions));
            }

            return files;
        }
        catch (Exception error) when (error is UnauthorizedAccessException or (IOException and not DataFileException))
        {
            bool isMissing = error is DirectoryNotFoundException && !Directory.Exists(path);
            string found = isMissing ? "no such folder" : error.Message.TrimEnd('.');
            throw new DataFileException(path, found, "a folder to read", error);
        }
    }

    /// <summary>The pictures of a folder and then, as torchvision takes them too, those of the folders inside.</summary>
    private static IEnumerable<string> Pictures(string folder, string[] parents, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        string real = RealPath(folder);
        if (parents.Contains(real))
            throw new DataFileException(folder, "a link to a folder that it lies in", "pictures; take the link away");
        var files = Visible(Directory.GetFiles(folder));
        if (files.FirstOrDefault(f => Has(f, ImageFile.OtherExtensions)) is { } other)
        {
            throw new DataFileException(
                other,
                $"a picture in a format that is not read ({Path.GetExtension(other)})",
                $"{string.Join(", ", ImageFile.Extensions)}; convert it, as with mogrify -format png, and take " +
                "it out of the folder");
        }

        return files.Where(f => Has(f, ImageFile.Extensions)).Concat(
            Visible(Directory.GetDirectories(folder)).SelectMany(f => Pictures(f, [.. parents, real], cancellation)));
    }

    /// <summary>In the order of their names; what programs hide in a folder of pictures is none.</summary>
    private static List<string> Visible(string[] paths) =>
        [.. paths.Where(p => Path.GetFileName(p)[0] != '.').Order(StringComparer.Ordinal)];

    private static string RealPath(string folder) => Path.GetFullPath(
        Directory.ResolveLinkTarget(folder, returnFinalTarget: true)?.FullName ?? folder);

    private static bool Has(string path, IReadOnlyList<string> extensions) =>
        extensions.Contains(Path.GetExtension(path).ToLowerInvariant());
}
