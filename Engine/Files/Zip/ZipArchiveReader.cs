using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace MomentumCore.Engine;

/// <summary>
/// Reads zip files (PyTorch's and NumPy's) and believes nothing in them: every size and place is checked first.
/// </summary>
/// <remarks>
/// Why not <see cref="ZipArchive"/>: entries that lie over each other, and what a stored entry takes, have to be seen
/// before anything is read.
/// </remarks>
internal sealed class ZipArchiveReader
{
    private const int EndBytes = 22, LocatorBytes = 20, CentralBytes = 46, LocalBytes = 30;
    private const long MostDirectoryBytes = 64 << 20;

    /// <summary>
    /// What compressed entries may grow to: ordinary weights hardly compress, only bombs go far beyond.
    /// </summary>
    private const long FreeGrowth = 256L << 20, GrowthPerByte = 20;

    /// <summary>Deflate cannot do better than 258 bytes in two bits.</summary>
    private const long MostRatio = 1032;

    private const string Broken = "The file is damaged or cut off; download or save it again.";

    private readonly string _path;
    private readonly Stream _stream;
    private readonly OrderedDictionary<string, ZipEntry> _entries = [];
    private Int128 _unpacked;

    public ZipArchiveReader(string path, Stream stream)
    {
        _path = path;
        _stream = stream;
        var (start, bytes, count) = FindDirectory();
        ReadDirectory(start, bytes, count);
        RequireApart(start);
        foreach (var entry in _entries.Values.Where(e => e.IsDeflated))
            _unpacked += entry.Bytes;
        RequireUnpackable("unpack to");
    }

    public IReadOnlyDictionary<string, ZipEntry> Entries => _entries;

    /// <summary>The content of an entry; reading past its end checks the checksum.</summary>
    public ZipEntryStream Open(ZipEntry entry)
    {
        _stream.Position = entry.Start;
        return new ZipEntryStream(_path, entry, _stream);
    }

    /// <summary>
    /// Says that the content of an entry takes more bytes in memory than it has, as a bool does that becomes an Int32.
    /// </summary>
    /// <exception cref="WeightFileException">All compressed entries together take more than they may.</exception>
    public void Widen(ZipEntry entry, Int128 bytes)
    {
        if (!entry.IsDeflated)
            return;
        _unpacked += Int128.Max(0, bytes - entry.Bytes);
        RequireUnpackable("take in memory");
    }

    /// <summary>The whole content of a small entry.</summary>
    public byte[] ReadAll(ZipEntry entry, long mostBytes)
    {
        if (entry.Bytes > mostBytes)
            throw Damaged($"its entry '{entry.Name}' has {entry.Bytes:N0} bytes; at most {mostBytes:N0} are read.");
        byte[] content = new byte[entry.Bytes];
        using var source = Open(entry);
        source.ReadExactly(content);
        source.RequireEnd();
        return content;
    }

    private void RequireUnpackable(string claim)
    {
        Int128 most = FreeGrowth + ((Int128)GrowthPerByte * _stream.Length);
        if (_unpacked <= most)
            return;
        throw new WeightFileException(
            _path,
            $"its compressed entries claim to {claim} {_unpacked:N0} bytes from a file of {_stream.Length:N0}.",
            $"At most {most:N0} are unpacked; save it without compression.");
    }

    private WeightFileException Damaged(string problem) => new(_path, problem, Broken);

    private (long Start, long Bytes, long Count) FindDirectory()
    {
        long length = _stream.Length;
        int tailBytes = (int)Math.Min(length, EndBytes + ushort.MaxValue);
        byte[] tail = new byte[tailBytes];
        _stream.Position = length - tailBytes;
        _stream.ReadExactly(tail);
        for (int at = tailBytes - EndBytes; at >= 0; at--)
        {
            var end = tail.AsSpan(at);
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != 0x06054b50
                || BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != end.Length - EndBytes)
            {
                continue;
            }

            long place = length - tailBytes + at;
            long start = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            long bytes = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
            long count = BinaryPrimitives.ReadUInt16LittleEndian(end[10..]);
            if (place >= LocatorBytes && Wide(place) is { } wide)
                (start, bytes, count, place) = wide;
            if (start < 0 || bytes < 0 || start > place || bytes != place - start)
                throw Damaged("its zip directory does not lie where the file says.");
            if (bytes > MostDirectoryBytes || count < 0 || count > bytes / CentralBytes)
                throw Damaged($"its zip directory claims {count:N0} entries in {bytes:N0} bytes.");
            return (start, bytes, count);
        }

        throw Damaged("it begins like a zip file but has no zip directory at its end.");
    }

    /// <summary>
    /// The larger form of the directory's end, which says more than 32 bits can; null when it is not there.
    /// </summary>
    private (long Start, long Bytes, long Count, long Place)? Wide(long place)
    {
        Span<byte> locator = stackalloc byte[LocatorBytes];
        _stream.Position = place - LocatorBytes;
        _stream.ReadExactly(locator);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != 0x07064b50)
            return null;
        long at = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        Span<byte> end = stackalloc byte[56];
        if (at < 0 || at > place - LocatorBytes - end.Length)
            throw Damaged("its zip64 directory does not lie where the file says.");
        _stream.Position = at;
        _stream.ReadExactly(end);
        if (BinaryPrimitives.ReadUInt32LittleEndian(end) != 0x06064b50)
            throw Damaged("its zip64 directory does not lie where the file says.");
        return (
            BinaryPrimitives.ReadInt64LittleEndian(end[48..]),
            BinaryPrimitives.ReadInt64LittleEndian(end[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(end[32..]),
            at);
    }

    private void ReadDirectory(long start, long bytes, long count)
    {
        byte[] directory = new byte[bytes];
        _stream.Position = start;
        _stream.ReadExactly(directory);
        var rest = directory.AsSpan();
        for (long i = 0; i < count; i++)
        {
            if (rest.Length < CentralBytes || BinaryPrimitives.ReadUInt32LittleEndian(rest) != 0x02014b50)
                throw Damaged($"its zip directory breaks off at entry {i:N0} of {count:N0}.");
            int nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(rest[28..]);
            int extraBytes = BinaryPrimitives.ReadUInt16LittleEndian(rest[30..]);
            int commentBytes = BinaryPrimitives.ReadUInt16LittleEndian(rest[32..]);
            int all = CentralBytes + nameBytes + extraBytes + commentBytes;
            if (all > rest.Length)
                throw Damaged($"its zip directory breaks off at entry {i:N0} of {count:N0}.");
            string name = Encoding.UTF8.GetString(rest.Slice(CentralBytes, nameBytes));
            var entry = ReadEntry(name, rest, rest.Slice(CentralBytes + nameBytes, extraBytes));
            if (!_entries.TryAdd(name, entry))
                throw Damaged($"it has two entries named '{name}'.");
            rest = rest[all..];
        }

        if (rest.Length > 0)
            throw Damaged("its zip directory holds more than its entries.");
    }

    private ZipEntry ReadEntry(string name, ReadOnlySpan<byte> header, ReadOnlySpan<byte> extra)
    {
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        int method = BinaryPrimitives.ReadUInt16LittleEndian(header[10..]);
        if ((flags & 1) != 0)
            throw Damaged($"its entry '{name}' is encrypted.");
        if (method is not (0 or 8))
            throw Damaged(
                $"its entry '{name}' is compressed by method {method}; stored (0) and deflated (8) are read.");
        uint crc = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        long storedBytes = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        long bytes = BinaryPrimitives.ReadUInt32LittleEndian(header[24..]);
        long start = BinaryPrimitives.ReadUInt32LittleEndian(header[42..]);
        var wide = WideFields(extra);
        // The larger form holds, in this order, only those that did not fit.
        bytes = Widened(name, bytes, ref wide);
        storedBytes = Widened(name, storedBytes, ref wide);
        start = Widened(name, start, ref wide);
        bool isDeflated = method == 8;
        bool isPossible = isDeflated ? bytes / MostRatio <= storedBytes : bytes == storedBytes;
        if (bytes < 0 || storedBytes < 0 || start < 0 || !isPossible)
            throw Damaged($"its entry '{name}' claims {bytes:N0} bytes, stored as {storedBytes:N0}.");
        return new ZipEntry(name, isDeflated, crc, storedBytes, bytes, start);
    }

    private long Widened(string name, long field, ref ReadOnlySpan<byte> wide)
    {
        if (field != uint.MaxValue)
            return field;
        if (wide.Length < 8)
            throw Damaged($"its entry '{name}' lacks its 64-bit sizes.");
        field = BinaryPrimitives.ReadInt64LittleEndian(wide);
        wide = wide[8..];
        return field;
    }

    private static ReadOnlySpan<byte> WideFields(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int kind = BinaryPrimitives.ReadUInt16LittleEndian(extra);
            int size = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (size > extra.Length - 4)
                break;
            if (kind == 1)
                return extra.Slice(4, size);
            extra = extra[(4 + size)..];
        }

        return [];
    }

    /// <summary>
    /// Finds where the bytes begin, and that no two entries share any: else a small file unpacks to a huge one.
    /// </summary>
    private void RequireApart(long directoryStart)
    {
        long free = 0;
        Span<byte> header = stackalloc byte[LocalBytes];
        byte[] name = new byte[ushort.MaxValue];
        foreach (var entry in _entries.Values.OrderBy(e => e.Header))
        {
            if (entry.Header < free || entry.Header > directoryStart - LocalBytes)
                throw Damaged($"its entry '{entry.Name}' lies over another or beyond the entries.");
            _stream.Position = entry.Header;
            _stream.ReadExactly(header);
            int nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[26..]);
            int extraBytes = BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
            entry.Start = entry.Header + LocalBytes + nameBytes + extraBytes;
            if (BinaryPrimitives.ReadUInt32LittleEndian(header) != 0x04034b50
                || entry.Start > directoryStart || entry.StoredBytes > directoryStart - entry.Start)
            {
                throw Damaged($"its entry '{entry.Name}' does not lie where the zip directory says.");
            }

            _stream.ReadExactly(name, 0, nameBytes);
            if (Encoding.UTF8.GetString(name, 0, nameBytes) != entry.Name)
                throw Damaged($"its entry '{entry.Name}' has another name in the zip directory.");
            free = entry.Start + entry.StoredBytes;
        }
    }
}
