namespace MomentumCore.Engine;

/// <summary>The checksum of zip files and PNG pictures (polynomial 0xEDB88320), eight bytes at a time.</summary>
internal struct Crc32
{
    private static readonly uint[] Table = MakeTable();

    private uint _inverted;

    /// <summary>The checksum of everything added so far; 0 for nothing.</summary>
    public readonly uint Value => _inverted;

    public void Add(ReadOnlySpan<byte> data)
    {
        uint crc = ~_inverted;
        var table = Table;
        while (data.Length >= 8)
        {
            uint low = crc ^ BitConverter.ToUInt32(data);
            uint high = BitConverter.ToUInt32(data[4..]);
            crc = table[(7 * 256) + (low & 0xff)] ^ table[(6 * 256) + ((low >> 8) & 0xff)]
                ^ table[(5 * 256) + ((low >> 16) & 0xff)] ^ table[(4 * 256) + (low >> 24)]
                ^ table[(3 * 256) + (high & 0xff)] ^ table[(2 * 256) + ((high >> 8) & 0xff)]
                ^ table[256 + ((high >> 16) & 0xff)] ^ table[high >> 24];
            data = data[8..];
        }

        foreach (byte value in data)
            crc = table[(crc ^ value) & 0xff] ^ (crc >> 8);
        _inverted = ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[8 * 256];
        for (uint value = 0; value < 256; value++)
        {
            uint crc = value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? 0xEDB88320u ^ (crc >> 1) : crc >> 1;
            table[value] = crc;
        }

        // Row k: what a byte contributes when k more bytes follow it.
        for (int i = 256; i < table.Length; i++)
            table[i] = (table[i - 256] >> 8) ^ table[table[i - 256] & 0xff];
        return table;
    }
}
