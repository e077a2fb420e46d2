namespace MomentumCore.Layers;

/// <summary>
/// Reads PNM pictures (Netpbm): P2 and P5 grey, P3 and P6 colour, as text and as bytes, of 8 or 16 bits.
/// </summary>
internal sealed class PnmDecoder(string path, byte[] file)
{
    private int _at = 2;

    public static RawImage Decode(string path, byte[] file) => new PnmDecoder(path, file).Decode();

    private RawImage Decode()
    {
        int kind = file.Length > 2 && file[0] == 'P' ? file[1] - '0' : 0;
        if (kind is not (2 or 3 or 5 or 6))
            throw Bad("another beginning", "P2, P3, P5 or P6");
        int width = Number(), height = Number(), most = Number();
        if (width == 0 || height == 0 || (long)width * height > RawImage.MostPixels)
            throw Bad($"{width:N0} × {height:N0} pixels", $"1 to {RawImage.MostPixels:N0} of them");
        if (most is 0 or > ushort.MaxValue)
            throw Bad($"a largest value of {most}", "1 to 65535");
        int channels = kind is 3 or 6 ? 3 : 1, count = width * height * channels, size = most > 255 ? 2 : 1;
        bool isText = kind < 4;
        // One blank ends the header. A value as text takes a digit and a blank, but for the last.
        if (!isText)
            _at++;
        long needed = isText ? (2L * count) - 1 : (long)count * size;
        if (needed > file.Length - _at)
            throw Bad($"{Math.Max(0, file.Length - _at):N0} bytes of pixels", $"{needed:N0} or more");
        byte[] pixels = new byte[count];
        for (int i = 0; i < count; i++)
        {
            int value = isText ? Number() : Binary(size);
            if (value > most)
                throw Bad($"a value of {value}", $"at most {most}");
            pixels[i] = (byte)(((value * 255L) + (most / 2)) / most);
        }

        if (isText)
            SkipBlanks();
        if (_at != file.Length)
            throw Bad($"{file.Length - _at:N0} bytes after the picture", "one picture in a file");
        return new RawImage(width, height, channels, pixels);
    }

    private DataFileException Bad(string found, string wanted) => new(path, found, wanted);

    private int Binary(int size)
    {
        int value = file[_at++];
        return size == 1 ? value : (value << 8) | file[_at++];
    }

    private int Number()
    {
        SkipBlanks();
        int start = _at, value = 0;
        for (; _at < file.Length && char.IsAsciiDigit((char)file[_at]) && _at - start < 9; _at++)
            value = (value * 10) + file[_at] - '0';
        if (_at == start)
            throw Bad($"no number at byte {start:N0}", "one");
        return value;
    }

    /// <summary>Blanks, and remarks up to the end of their line.</summary>
    private void SkipBlanks()
    {
        while (_at < file.Length)
        {
            if (file[_at] == '#')
            {
                while (_at < file.Length && file[_at] != '\n')
                    _at++;
            }
            else if (file[_at] is not ((byte)' ' or (>= 9 and <= 13)))
            {
                break;
            }
            else
            {
                _at++;
            }
        }
    }
}
