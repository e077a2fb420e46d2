using System.Buffers.Binary;
using System.IO.Compression;

namespace MomentumCore.Layers;

/// <summary>
/// Reads PNG pictures (W3C Portable Network Graphics, second edition): every colour type, depth and filter,
/// interlaced or
/// not. Transparency is left out; of 16-bit values the upper 8 bits are kept.
/// </summary>
internal sealed class PngDecoder
{
    /// <summary>Deflate cannot shrink anything further than this.</summary>
    private const long MaximumRatio = 1032;

    private const int Grey = 0, Rgb = 2, Palette = 3, GreyAlpha = 4, Rgba = 6;

    /// <summary>
    /// Of the seven passes of an interlaced picture: first column and row, and how far the next ones are.
    /// </summary>
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private readonly string _path;
    private readonly int _width;
    private readonly int _height;
    private readonly int _depth;
    private readonly int _colour;
    private readonly bool _isInterlaced;
    private byte[] _palette = [];

    private PngDecoder(string path, ReadOnlySpan<byte> header, long fileBytes)
    {
        _path = path;
        uint width = BinaryPrimitives.ReadUInt32BigEndian(header);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        RawImage.RequireReadable(path, width, height, fileBytes);
        (_width, _height, _depth, _colour) = ((int)width, (int)height, header[8], header[9]);
        bool isKnown = (_colour, _depth) is (Grey, 1 or 2 or 4 or 8 or 16) or (Palette, 1 or 2 or 4 or 8)
            or (Rgb or GreyAlpha or Rgba, 8 or 16);
        if (!isKnown || header[10] != 0 || header[11] != 0 || header[12] > 1)
        {
            throw Bad(
                $"colour type {_colour} at depth {_depth}, methods {header[10]}, {header[11]}, {header[12]}",
                "those of PNG");
        }

        _isInterlaced = header[12] == 1;
    }

    /// <summary>Values of a pixel in the file.</summary>
    private int Samples => _colour switch { Grey or Palette => 1, GreyAlpha => 2, Rgb => 3, _ => 4 };

    private int Channels => _colour is Grey or GreyAlpha ? 1 : 3;

    public static RawImage Decode(string path, byte[] file)
    {
        using var chunks = new PngChunks(path, file);
        chunks.Next();
        if (chunks.Type != "IHDR" || chunks.Data.Length != 13)
            throw new DataFileException(
                path, $"a first chunk {chunks.Type} of {chunks.Data.Length} bytes", "IHDR of 13");
        var decoder = new PngDecoder(path, chunks.Data, file.Length);
        for (chunks.Next(); chunks.Type != "IDAT"; chunks.Next())
            decoder.Take(chunks);
        return decoder.Unpack(chunks, file.Length);
    }

    private DataFileException Bad(string found, string wanted) => new(_path, found, wanted);

    private void Take(PngChunks chunks)
    {
        if (chunks.Type == "PLTE")
        {
            if (_palette.Length > 0 || chunks.Data.Length is 0 or > 768 || chunks.Data.Length % 3 != 0)
                throw Bad($"a palette of {chunks.Data.Length} bytes", "one of 1 to 256 colours");
            _palette = chunks.Data.ToArray();
        }
        else if (char.IsAsciiLetterUpper(chunks.Type[0]))
        {
            // A chunk in capitals must be understood.
            throw Bad($"a chunk {chunks.Type}", "a picture (IDAT)");
        }
    }

    private RawImage Unpack(PngChunks chunks, long fileBytes)
    {
        if (_colour == Palette && _palette.Length == 0)
            throw Bad("no palette", "one before the picture");
        var passes = _isInterlaced ? Passes : [(0, 0, 1, 1)];
        long bytes = 0;
        foreach (var pass in passes)
            bytes += (long)(RowBytes(Columns(pass)) + 1) * Rows(pass);
        if (bytes / MaximumRatio > fileBytes)
            throw Bad($"{fileBytes:N0} bytes", $"more for a picture of {_width} × {_height}");
        var image = new RawImage(_width, _height, Channels, new byte[(long)_width * _height * Channels]);
        try
        {
            using var source = new ZLibStream(chunks, CompressionMode.Decompress, leaveOpen: true);
            foreach (var pass in passes)
                UnpackPass(source, pass, image.Pixels);
            if (source.Read(stackalloc byte[1]) > 0)
                throw Bad("more rows than the header says", $"{_height}");
        }
        catch (Exception error) when (error is InvalidDataException or (IOException and not DataFileException))
        {
            throw new DataFileException(_path, "damaged or incomplete pixels", "a whole PNG file", error);
        }

        return image;
    }

    private int Columns((int X, int Y, int StepX, int StepY) pass) =>
        Math.Max(0, (_width - pass.X + pass.StepX - 1) / pass.StepX);

    private int Rows((int X, int Y, int StepX, int StepY) pass) =>
        Columns(pass) == 0 ? 0 : Math.Max(0, (_height - pass.Y + pass.StepY - 1) / pass.StepY);

    private int RowBytes(int columns) => (int)((((long)columns * Samples * _depth) + 7) / 8);

    private void UnpackPass(Stream source, (int X, int Y, int StepX, int StepY) pass, byte[] pixels)
    {
        int columns = Columns(pass), rowBytes = RowBytes(columns), back = Math.Max(1, Samples * _depth / 8);
        byte[] row = new byte[rowBytes], above = new byte[rowBytes];
        Span<byte> filter = stackalloc byte[1];
        for (int y = 0; y < Rows(pass); y++)
        {
            source.ReadExactly(filter);
            source.ReadExactly(row);
            Undo(filter[0], row, above, back);
            int target = ((((pass.Y + (y * pass.StepY)) * _width) + pass.X) * Channels);
            for (int x = 0; x < columns; x++, target += pass.StepX * Channels)
                Put(row, x, pixels.AsSpan(target, Channels));
            (row, above) = (above, row);
        }
    }

    /// <summary>A row was written as differences to what lies left (back bytes before) and above.</summary>
    private void Undo(byte filter, byte[] row, byte[] above, int back)
    {
        int first = Math.Min(back, row.Length);
        switch (filter)
        {
            case 0:
                break;
            case 1:
                for (int i = back; i < row.Length; i++)
                    row[i] += row[i - back];
                break;
            case 2:
                for (int i = 0; i < row.Length; i++)
                    row[i] += above[i];
                break;
            case 3:
                for (int i = 0; i < first; i++)
                    row[i] += (byte)(above[i] / 2);
                for (int i = back; i < row.Length; i++)
                    row[i] += (byte)((row[i - back] + above[i]) / 2);
                break;
            case 4:
                for (int i = 0; i < first; i++)
                    row[i] += above[i];
                for (int i = back; i < row.Length; i++)
                    row[i] += (byte)Nearest(row[i - back], above[i], above[i - back]);
                break;
            default:
                throw Bad($"filter {filter}", "0 to 4");
        }
    }

    /// <summary>Paeth's guess: whichever of the three is nearest to left + up − corner.</summary>
    private static int Nearest(int left, int up, int corner)
    {
        int fromLeft = Math.Abs(up - corner), fromUp = Math.Abs(left - corner);
        int fromCorner = Math.Abs(left + up - (2 * corner));
        if (fromLeft <= fromUp && fromLeft <= fromCorner)
            return left;
        return fromUp <= fromCorner ? up : corner;
    }

    private void Put(byte[] row, int x, Span<byte> pixel)
    {
        if (_depth < 8)
        {
            int perByte = 8 / _depth, most = (1 << _depth) - 1;
            int value = (row[x / perByte] >> (8 - _depth - (x % perByte * _depth))) & most;
            Put(_colour == Palette ? value : value * 255 / most, pixel);
            return;
        }

        int size = _depth / 8, at = x * Samples * size;
        if (Channels == 1 || _colour == Palette)
        {
            Put(row[at], pixel);
            return;
        }

        for (int channel = 0; channel < 3; channel++)
            pixel[channel] = row[at + (channel * size)];
    }

    private void Put(int value, Span<byte> pixel)
    {
        if (_colour != Palette)
            pixel[0] = (byte)value;
        else if (value < _palette.Length / 3)
            _palette.AsSpan(3 * value, 3).CopyTo(pixel);
        else
            throw Bad($"colour {value}", $"one of the {_palette.Length / 3} of the palette");
    }
}
