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
