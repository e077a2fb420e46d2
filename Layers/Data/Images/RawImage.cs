namespace MomentumCore.Layers;

/// <summary>
/// A picture as bytes: rows of pixels, each of 1 (grey) or 3 (red, green, blue) values from 0 to 255.
/// </summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Channels">Values of a pixel: 1 or 3.</param>
/// <param name="Pixels">Row by row, the values of a pixel side by side.</param>
internal sealed record RawImage(int Width, int Height, int Channels, byte[] Pixels)
{
    /// <summary>The most pixels that a picture may have: far beyond any data set, and still little memory.</summary>
    public const long MostPixels = 1L << 26;

    // Larger pictures that hold anything take more bytes than this; those that hold nothing fill memory from a few.
    private const long FreePixels = 1L << 24, PixelsPerByte = 64;

    /// <summary>Refuses sizes before memory is taken for them.</summary>
    /// <param name="path">The file.</param>
    /// <param name="width">Pixels in a row, as the file says.</param>
    /// <param name="height">Rows, as the file says.</param>
    /// <param name="fileBytes">The length of the file.</param>
    /// <exception cref="DataFileException">There are none, too many, or more than so short a file may ask for.</exception>
    public static void RequireReadable(string path, long width, long height, long fileBytes)
    {
        if (width <= 0 || height <= 0 || (Int128)width * height > MostPixels)
        {
            throw new DataFileException(
                path, $"{width:N0} × {height:N0} pixels", $"1 to {MostPixels:N0} of them");
        }

        if (width * height > FreePixels + (PixelsPerByte * fileBytes))
        {
            throw new DataFileException(
                path,
                $"{fileBytes:N0} bytes",
                $"more for a picture of {width} × {height}: beyond {FreePixels:N0} pixels a byte for every {PixelsPerByte}");
        }
    }

    /// <summary>Writes the picture as planes [C, H, W] of values from 0 to 1.</summary>
    public void CopyPlanes(Span<float> target)
    {
        int plane = Width * Height;
        for (int channel = 0; channel < Channels; channel++)
        {
            var to = target.Slice(channel * plane, plane);
            for (int i = 0; i < plane; i++)
                to[i] = Pixels[(i * Channels) + channel] / 255f;
        }
    }

    /// <summary>Writes the picture as planes [channels, H, W]; a grey one fills each of three planes.</summary>
    public void CopyPlanes(Span<byte> target, int channels)
    {
        int plane = Width * Height;
        for (int channel = 0; channel < channels; channel++)
        {
            int source = channel % Channels;
            var to = target.Slice(channel * plane, plane);
            for (int i = 0; i < plane; i++)
                to[i] = Pixels[(i * Channels) + source];
        }
    }
}
