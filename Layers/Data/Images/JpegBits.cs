namespace MomentumCore.Layers;

/// <summary>Bits of a scan of a JPEG file, up to the next marker; a zero that follows 0xFF is left out.</summary>
internal sealed class JpegBits(string path, byte[] file)
{
    private const int Restart = 0xD0;

    private uint _bits;
    private int _count;

    /// <summary>The next byte of the file that was not taken.</summary>
    public int At { get; private set; }

    /// <summary>Goes to the first byte of a scan.</summary>
    public void Start(int at) => (At, _bits, _count) = (at, 0, 0);

    /// <summary>The next 16 bits, without going on; zeros where the scan ends earlier.</summary>
    public int Peek16()
    {
        Fill();
        return (int)(_count >= 16 ? _bits >> (_count - 16) : _bits << (16 - _count)) & 0xFFFF;
    }

    public void Skip(int count)
    {
        if (count > _count)
            throw new DataFileException(path, $"an end of the pixels at byte {At:N0}", "a whole JPEG file");
        _count -= count;
    }

    public int Read(int count)
    {
        if (count == 0)
            return 0;
        int value = Peek16() >> (16 - count);
        Skip(count);
        return value;
    }

    /// <summary>A number of so many bits, of which those that begin with a 0 are negative.</summary>
    public int ReadSigned(int count)
    {
        int value = Read(count);
        return count > 0 && value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
    }

    /// <summary>
    /// Where the number of the next marker is, or the file's length when there is none. As in libjpeg, other bytes
    /// before it are passed over, zeros after 0xFF with them, and a marker may begin with several 0xFF.
    /// </summary>
    public static int FindMarker(byte[] file, int at)
    {
        for (int i = at + 1; i < file.Length; i++)
        {
            if (file[i - 1] == 0xFF && file[i] is not (0 or 0xFF))
                return i;
        }

        return file.Length;
    }

    /// <summary>Drops what is left before the next marker, which has to be a restart, and takes that.</summary>
    /// <param name="number">How many have been before it.</param>
    public void TakeRestart(int number)
    {
        int marker = FindMarker(file, At);
        if (marker == file.Length || file[marker] != Restart + (number % 8))
            throw new DataFileException(path, $"no restart {number % 8} at byte {At:N0}", "one");
        Start(marker + 1);
    }

    /// <summary>At least 16 bits, as long as there are as many.</summary>
    private void Fill()
    {
        while (_count <= 16 && At < file.Length)
        {
            byte next = file[At];
            bool isStuffed = next == 0xFF && At + 1 < file.Length && file[At + 1] == 0;
            if (next == 0xFF && !isStuffed)
                return;
            At += isStuffed ? 2 : 1;
            _bits = (_bits << 8) | next;
            _count += 8;
        }
    }
}
