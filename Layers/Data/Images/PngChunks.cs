using System.Buffers.Binary;
using System.Text;
using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>
/// The chunks of a PNG file one after the other, each checked against the file and its checksum; as a stream it is the
/// compressed picture, which lies in one or several of them.
/// </summary>
internal sealed class PngChunks : Stream
{
    private readonly string _path;
    private readonly byte[] _file;
    private int _at = 8;
    private ArraySegment<byte> _data;

    public PngChunks(string path, byte[] file)
    {
        _path = path;
        _file = file;
        if (!file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]))
            throw new DataFileException(path, "another beginning", "a PNG file");
    }

    /// <summary>The type of the chunk that was read last.</summary>
    public string Type { get; private set; } = "";

    /// <summary>The content of the chunk that was read last.</summary>
    public ReadOnlySpan<byte> Data => _data;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Goes to the next chunk.</summary>
    public void Next()
    {
        int left = _file.Length - _at;
        uint length = left < 12 ? uint.MaxValue : BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(_at));
        if (length > (uint)Math.Max(0, left - 12))
            throw new DataFileException(_path, $"an end or a chunk too long at byte {_at:N0}", "a whole PNG file");
        Type = Encoding.Latin1.GetString(_file, _at + 4, 4);
        _data = new ArraySegment<byte>(_file, _at + 8, (int)length);
        var crc = default(Crc32);
        crc.Add(_file.AsSpan(_at + 4, 4 + (int)length));
        if (crc.Value != BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(_at + 8 + (int)length)))
            throw new DataFileException(_path, $"a wrong checksum at byte {_at:N0}", "the PNG file that was written");
        _at += 12 + (int)length;
    }

    /// <summary>Bytes of compressed picture, moving on from chunk to chunk while they hold it.</summary>
    public override int Read(Span<byte> buffer)
    {
        while (Type == "IDAT" && _data.Count == 0)
            Next();
        if (Type != "IDAT")
            return 0;
        int count = Math.Min(buffer.Length, _data.Count);
        _data.AsSpan(0, count).CopyTo(buffer);
        _data = _data[count..];
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
