using System.Buffers.Binary;
using System.Text;

namespace MomentumCore.Engine;

/// <summary>
/// Writes zip files without compression, each entry's content at a multiple of 64 bytes, so that readers can map it.
/// </summary>
/// <remarks>
/// Everything is written once, from the first byte to the last; a content is therefore asked for twice, first for its
/// checksum. The same content gives the same bytes: entries carry no time. Sizes beyond 32 bits use zip64.
/// </remarks>
/// <param name="stream">Where the file goes.</param>
/// <param name="wideFrom">From which number on fields are written in their 64-bit form.</param>
internal sealed class ZipArchiveWriter(Stream stream, long wideFrom = uint.MaxValue)
{
    private const int Alignment = 64, LocalBytes = 30;
    private const ushort WideId = 1, PaddingId = 0x4246, Utf8Flag = 1 << 11, Version = 45;

    /// <summary>The first of January 1980, the oldest that the format can say.</summary>
    private const uint NoTime = 0x00210000;

    private readonly List<ZipEntry> _entries = [];
    private long _position;

    /// <summary>Adds an entry.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="bytes">The size of its content.</param>
    /// <param name="write">Writes the content; called twice.</param>
    public void Add(string name, long bytes, Action<Stream> write)
    {
        var checksum = new ChecksumStream();
        write(checksum);
        if (checksum.Length != bytes)
            throw new InvalidOperationException($"Entry '{name}' was to have {bytes} bytes and has {checksum.Length}.");
        var entry = new ZipEntry(name, IsDeflated: false, checksum.Crc, bytes, bytes, _position);
        _entries.Add(entry);
        Put(LocalHeader(entry));
        write(stream);
        _position += bytes;
    }

    /// <summary>Adds an entry that is in memory.</summary>
    public void Add(string name, byte[] content) => Add(name, content.Length, s => s.Write(content));

    /// <summary>Writes the directory that ends the file.</summary>
    public void Finish()
    {
        long start = _position;
        foreach (var entry in _entries)
            Put(CentralHeader(entry));
        long bytes = _position - start;
        bool isWide = _entries.Count >= Math.Min(wideFrom, ushort.MaxValue) || start >= wideFrom || bytes >= wideFrom;
        if (isWide)
            Put(WideEnd(start, bytes));
        var end = new Fields();
        end.Int(0x06054b50);
        end.Int(0);
        end.Short(isWide ? ushort.MaxValue : (ushort)_entries.Count);
        end.Short(isWide ? ushort.MaxValue : (ushort)_entries.Count);
        end.Int(isWide ? uint.MaxValue : (uint)bytes);
        end.Int(isWide ? uint.MaxValue : (uint)start);
        end.Short(0);
        Put(end.ToArray());
    }

    private void Put(byte[] bytes)
    {
        stream.Write(bytes);
        _position += bytes.Length;
    }

    private byte[] LocalHeader(ZipEntry entry)
    {
        byte[] name = Encoding.UTF8.GetBytes(entry.Name);
        bool isWide = entry.Bytes >= wideFrom;
        var extra = new Fields();
        if (isWide)
        {
            extra.Short(WideId);
            extra.Short(16);
            extra.Long(entry.Bytes);
            extra.Long(entry.Bytes);
        }

        long content = _position + LocalBytes + name.Length + extra.Length + 4;
        int padding = (int)((Alignment - (content % Alignment)) % Alignment);
        extra.Short(PaddingId);
        extra.Short((ushort)padding);
        extra.Add(new byte[padding]);

        var header = new Fields();
        header.Int(0x04034b50);
        Common(header, entry, isWide);
        header.Short((ushort)name.Length);
        header.Short((ushort)extra.Length);
        header.Add(name);
        header.Add(extra.ToArray());
        return header.ToArray();
    }

    private byte[] CentralHeader(ZipEntry entry)
    {
        byte[] name = Encoding.UTF8.GetBytes(entry.Name);
        bool isWide = entry.Bytes >= wideFrom, isFar = entry.Header >= wideFrom;
        var extra = new Fields();
        if (isWide || isFar)
        {
            extra.Short(WideId);
            extra.Short((ushort)((isWide ? 16 : 0) + (isFar ? 8 : 0)));
            if (isWide)
            {
                extra.Long(entry.Bytes);
                extra.Long(entry.Bytes);
            }

            if (isFar)
                extra.Long(entry.Header);
        }

        var header = new Fields();
        header.Int(0x02014b50);
        header.Short(Version);
        Common(header, entry, isWide);
        header.Short((ushort)name.Length);
        header.Short((ushort)extra.Length);
        header.Short(0); // no comment
        header.Short(0); // the first disk
        header.Short(0);
        header.Int(0);
        header.Int(isFar ? uint.MaxValue : (uint)entry.Header);
        header.Add(name);
        header.Add(extra.ToArray());
        return header.ToArray();
    }

    /// <summary>The fields that both headers have.</summary>
    private static void Common(Fields header, ZipEntry entry, bool isWide)
    {
        header.Short(Version);
        header.Short(Utf8Flag);
        header.Short(0); // stored
        header.Int(NoTime);
        header.Int(entry.Crc);
        header.Int(isWide ? uint.MaxValue : (uint)entry.Bytes);
        header.Int(isWide ? uint.MaxValue : (uint)entry.Bytes);
    }

    private byte[] WideEnd(long start, long bytes)
    {
        long here = _position;
        var end = new Fields();
        end.Int(0x06064b50);
        end.Long(44);
        end.Short(Version);
        end.Short(Version);
        end.Long(0); // the first disk, twice
        end.Long(_entries.Count);
        end.Long(_entries.Count);
        end.Long(bytes);
        end.Long(start);
        // Where to find this.
        end.Int(0x07064b50);
        end.Int(0);
        end.Long(here);
        end.Int(1);
        return end.ToArray();
    }

    /// <summary>Little-endian fields, one after the other.</summary>
    private sealed class Fields
    {
        private readonly List<byte> _bytes = [];

        public int Length => _bytes.Count;

        public void Short(ushort value) => Add([(byte)value, (byte)(value >> 8)]);

        public void Int(uint value)
        {
            Span<byte> field = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32LittleEndian(field, value);
            Add(field);
        }

        public void Long(long value)
        {
            Span<byte> field = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(field, value);
            Add(field);
        }

        public void Add(ReadOnlySpan<byte> bytes) => _bytes.AddRange(bytes);

        public byte[] ToArray() => [.. _bytes];
    }
}
