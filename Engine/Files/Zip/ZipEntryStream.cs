using System.IO.Compression;

namespace MomentumCore.Engine;

/// <summary>
/// The content of a zip entry: never more bytes than it claims, and its checksum is checked at the end.
/// </summary>
internal sealed class ZipEntryStream : Stream
{
    private readonly string _path;
    private readonly ZipEntry _entry;
    private readonly Stream _source;
    private long _left;
    private long _storedLeft;
    private Crc32 _crc;

    public ZipEntryStream(string path, ZipEntry entry, Stream file)
    {
        _path = path;
        _entry = entry;
        _left = entry.Bytes;
        _storedLeft = entry.StoredBytes;
        var stored = new Window(this, file);
        _source = entry.IsDeflated ? new DeflateStream(stored, CompressionMode.Decompress) : stored;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _entry.Bytes;

    public override long Position
    {
        get => _entry.Bytes - _left;
        set => throw new NotSupportedException("A zip entry is read from its beginning to its end.");
    }

    public override int Read(Span<byte> buffer)
    {
        buffer = buffer[..(int)Math.Min(buffer.Length, _left)];
        int read = buffer.IsEmpty ? 0 : _source.Read(buffer);
        _crc.Add(buffer[..read]);
        _left -= read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Checks that everything was read, that no more follows, and that it is what was written.</summary>
    public void RequireEnd()
    {
        Span<byte> more = stackalloc byte[1];
        if (_left > 0 || (_entry.IsDeflated && _source.Read(more) > 0))
            throw Damaged($"its entry '{_entry.Name}' does not unpack to the {_entry.Bytes:N0} bytes that it claims.");
        if (_crc.Value != _entry.Crc)
            throw Damaged($"the checksum of its entry '{_entry.Name}' is wrong.");
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing && _entry.IsDeflated)
            _source.Dispose();
        base.Dispose(disposing);
    }

    private WeightFileException Damaged(string problem) =>
        new(_path, problem, "The file is damaged; download or save it again.");

    /// <summary>The part of the file that the entry takes.</summary>
    private sealed class Window(ZipEntryStream owner, Stream file) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => owner._entry.StoredBytes;

        public override long Position
        {
            get => owner._entry.StoredBytes - owner._storedLeft;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            int read = file.Read(buffer[..(int)Math.Min(buffer.Length, owner._storedLeft)]);
            owner._storedLeft -= read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
