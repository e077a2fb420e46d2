namespace MomentumCore.Layers;

/// <summary>
/// Reads PNM pictures (Netpbm), as text and as bytes: P1 and P4 black and white, P2 and P5 grey, P3 and P6 colour, of
/// 8 or 16 bits.
/// </summary>
internal sealed class PnmDecoder(string path, byte[] file)
{
    private int _at = 2;

    public static RawImage Decode(string path, byte[] file) => new PnmDecoder(path, file).Decode();

    private RawImage Decode()
    {
        int kind = file.Length > 2 && file[0] == 'P' ? file[1] - '0' : 0;
        if (kind is not (>= 1 and <= 6))
            throw Bad("another beginning", "P1 to P6");
        bool isText = kind < 4, isBits = kind is 1 or 4;
        int width = Number(), height = Number(), most = isBits ? 1 : Number();
        RawImage.RequireReadable(path, width, height, file.Length);
        if (most is 0 or > ushort.MaxValue)
            throw Bad($"a largest value of {most}", "1 to 65535");
        int channels = kind is 3 or 6 ? 3 : 1, count = width * height * channels;
        // One blank ends the header.
        if (!isText)
            _at++;
        long needed = kind switch
        {
            1 => count,
            4 => (long)((width + 7) / 8) * height,
            // A value as text takes a digit and a blank, but for the last.
            2 or 3 => (2L * count) - 1,
            _ => (long)count * (most > 255 ? 2 : 1),
        };
        if (needed > file.Length - _at)
            throw Bad($"{Math.Max(0, file.Length - _at):N0} bytes of pixels", $"{needed:N0} or more");
        byte[] pixels = new byte[count];
        if (isBits)
            ReadBits(pixels, width, isText);
        else
            ReadValues(pixels, most, isText);
        if (isText)
            SkipBlanks();
        if (_at != file.Length)
            throw Bad($"{file.Length - _at:N0} bytes after the picture", "one picture in a file");
        return new RawImage(width, height, channels, pixels);
    }

    private void ReadValues(byte[] pixels, int most, bool isText)
    {
        int size = most > 255 ? 2 : 1;
        for (int i = 0; i < pixels.Length; i++)
        {
            int value = isText ? Number() : Binary(size);
            if (value > most)
                throw Bad($"a value of {value}", $"at most {most}");
            pixels[i] = (byte)(((value * 255L) + (most / 2)) / most);
        }
    }

    /// <summary>1 is black; as bytes, each row starts a new one, its first pixel in the highest bit.</summary>
    private void ReadBits(byte[] pixels, int width, bool isText)
    {
        for (int i = 0; i < pixels.Length; i++)
        {
            int x = i % width;
            int bit = isText ? Digit() : (file[_at] >> (7 - (x % 8))) & 1;
            if (!isText && (x % 8 == 7 || x == width - 1))
                _at++;
            pixels[i] = (byte)(bit == 0 ? 255 : 0);
        }
    }

    /// <summary>A 0 or 1, which needs no blank before the next.</summary>
    private int Digit()
    {
        SkipBlanks();
        int digit = _at < file.Length ? file[_at] - '0' : -1;
        if (digit is not (0 or 1))
            throw Bad($"no 0 or 1 at byte {_at:N0}", "one");
        _at++;
        return digit;
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
