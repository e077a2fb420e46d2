namespace MomentumCore.Layers;

/// <summary>A Huffman table of a JPEG file: from bits to bytes.</summary>
internal sealed class JpegCodes
{
    private const int Longest = 16;

    // For every 16 bits the byte that they begin with, and how many bits it took; 0 bits where there is no such code.
    private readonly byte[] _values = new byte[1 << Longest];
    private readonly byte[] _lengths = new byte[1 << Longest];
    private readonly string _path;

    /// <param name="path">The file, for errors.</param>
    public JpegCodes(string path) => _path = path;

    /// <summary>Replaces the table; its memory stays, as a file may have thousands of them.</summary>
    /// <param name="counts">How many codes there are of each length from 1 to 16.</param>
    /// <param name="values">What they stand for, shortest first.</param>
    public void Set(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> values)
    {
        Array.Clear(_lengths);
        int next = 0, used = 0;
        for (int length = 1; length <= Longest; length++)
        {
            int span = 1 << (Longest - length);
            for (int i = 0; i < counts[length - 1]; i++, used++, next += span)
            {
                if (next + span > 1 << Longest)
                    throw new DataFileException(_path, "a code table with too many codes", "a JPEG file");
                _values.AsSpan(next, span).Fill(values[used]);
                _lengths.AsSpan(next, span).Fill((byte)length);
            }
        }
    }

    public int Read(JpegBits bits)
    {
        int next = bits.Peek16();
        if (_lengths[next] == 0)
        {
            throw new DataFileException(
                _path, $"a code that is in no table, before byte {bits.At:N0}", "a whole JPEG file");
        }

        bits.Skip(_lengths[next]);
        return _values[next];
    }
}
