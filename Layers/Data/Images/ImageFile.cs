using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>Reads pictures: PNG (all kinds), JPEG and PNM (PBM, PGM, PPM), told apart by their content.</summary>
public static class ImageFile
{
    private const long MostBytes = 512L << 20;

    /// <summary>The endings of files that are read, in small letters.</summary>
    public static IReadOnlyList<string> Extensions { get; } = [".png", ".jpg", ".jpeg", ".pbm", ".pgm", ".ppm", ".pnm"];

    /// <summary>The endings of pictures that are not read: nobody wants them passed over in silence.</summary>
    internal static IReadOnlyList<string> OtherExtensions { get; } =
        [".webp", ".bmp", ".gif", ".tif", ".tiff", ".avif", ".heic", ".jp2"];

    /// <summary>
    /// Reads a picture as [C, H, W] of Float32 from 0 to 1: one channel when it is grey, else red, green and blue.
    /// </summary>
    /// <remarks>
    /// Transparency is left out. Values of 16 bits keep their upper 8. A JPEG picture stays as it lies in the file,
    /// whatever its camera says about the way it was held, as in torchvision.
    /// </remarks>
    /// <param name="path">The file.</param>
    /// <param name="device">Where the tensor shall live; the CPU, where data sets are kept, if none.</param>
    /// <exception cref="DataFileException">The file is missing, damaged, or in another format.</exception>
    public static Tensor Read(string path, Device? device = null)
    {
        var image = ReadRaw(path);
        var values = Tensor.Empty([image.Channels, image.Height, image.Width], DType.Float32, Device.Cpu);
        image.CopyPlanes(values.AsSpan<float>());
        if (device == null || device == Device.Cpu)
            return values;
        using (values)
            return values.To(device);
    }

    internal static RawImage ReadRaw(string path)
    {
        byte[] file = ReadAll(path);
        return file switch
        {
            [0x89, (byte)'P', ..] => PngDecoder.Decode(path, file),
            [(byte)'P', >= (byte)'1' and <= (byte)'7', ..] => PnmDecoder.Decode(path, file),
            [0xFF, 0xD8, ..] => JpegDecoder.Decode(path, file),
            _ => throw new DataFileException(path, Name(file), "PNG, JPEG or PNM"),
        };
    }

    /// <summary>What a file that is not read is, whatever its name says.</summary>
    private static string Name(byte[] file) => file switch
    {
        [] => "an empty file",
        _ when file.Length > 12 && file.AsSpan().StartsWith("RIFF"u8) && file.AsSpan(8).StartsWith("WEBP"u8) => "WebP",
        _ when file.AsSpan().StartsWith("GIF8"u8) => "GIF",
        _ when file.AsSpan().StartsWith("BM"u8) => "BMP",
        _ when file.AsSpan().StartsWith("II*\0"u8) || file.AsSpan().StartsWith("MM\0*"u8) => "TIFF",
        _ when file.Length > 8 && file.AsSpan(4).StartsWith("ftyp"u8) => "HEIC, AVIF or a film",
        _ when file.AsSpan().TrimStart(" \t\r\n"u8).StartsWith("<"u8) => "a web page or other text",
        _ => "another format",
    };

    private static byte[] ReadAll(string path)
    {
        using var file = DataFile.Open(path);
        if (file.IsPacked || file.Length > MostBytes)
        {
            string found = file.IsPacked ? "gzip" : $"{file.Length:N0} bytes";
            throw new DataFileException(path, found, $"a picture of at most {MostBytes:N0} bytes");
        }

        byte[] bytes = new byte[file.Length];
        int read = file.Read(bytes);
        return read == bytes.Length ? bytes : bytes[..read];
    }
}
