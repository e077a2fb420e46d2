using System.Buffers.Binary;
using System.IO.Compression;
using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>A data file to read, unpacked on the way when it is gzip; every failure becomes one clear error.</summary>
internal sealed class DataFile : IDisposable
{
    /// <summary>Deflate cannot shrink anything further than this (RFC 1951: 258 bytes from 2 bits).</summary>
    private const long MaximumRatio = 1032;

    /// <summary>What gzip may grow to: data shrinks to a tenth or so, only bombs go far beyond.</summary>
    private const long FreeGrowth = 64L << 20, GrowthPerByte = 20;

    private readonly FileStream _file;
    private readonly Stream _content;
    private long _read;

    private DataFile(string path, FileStream file, bool isPacked)
    {
        Path = path;
        _file = file;
        IsPacked = isPacked;
        Length = file.Length;
        _content = isPacked ? new GZipStream(file, CompressionMode.Decompress, leaveOpen: true) : file;
    }

    public string Path { get; }

    /// <summary>Whether the file is gzip, told by its first bytes and not by its name.</summary>
    public bool IsPacked { get; }

    /// <summary>Bytes of the file as it lies on the disk.</summary>
    public long Length { get; }

    /// <summary>The most bytes that the content can have.</summary>
    public long LongestContent => IsPacked ? checked(Length * MaximumRatio) : Length;

    public static DataFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        // To open a pipe waits until somebody writes to it, and no Ctrl-C ends that.
        if (SpecialFile.CannotBeReadTwice(path))
            throw new DataFileException(path, "a pipe or device", "a file on a disk");
        FileStream? file = null;
        try
        {
            file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16, FileOptions.SequentialScan);
            Span<byte> magic = stackalloc byte[2];
            bool isPacked = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic is [0x1F, 0x8B];
            file.Position = 0;
            return new DataFile(path, file, isPacked);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            file?.Dispose();
            bool missing = error is FileNotFoundException or DirectoryNotFoundException;
            string found = missing ? "no such file" : error.Message.TrimEnd('.');
            throw new DataFileException(path, found, "a file to read", error);
        }
    }

    /// <summary>Reads until the buffer is full or the content ends; returns how many bytes came.</summary>
    public int Read(Span<byte> buffer)
    {
        try
        {
            int count = _content.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            _read += count;
            RequireUnpackable(_read);
            return count;
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw Damaged(error);
        }
        catch (IOException error)
        {
            throw new DataFileException(Path, error.Message.TrimEnd('.'), "a file that can be read to its end", error);
        }
    }

    /// <summary>Refuses packed content of more bytes than may be unpacked.</summary>
    /// <exception cref="DataFileException">It is packed, and that long.</exception>
    public void RequireUnpackable(long bytes)
    {
        long most = FreeGrowth + (GrowthPerByte * Length);
        if (IsPacked && bytes > most)
        {
            throw new DataFileException(
                Path, $"gzip of {bytes:N0} bytes or more in a file of {Length:N0}",
                $"at most {most:N0} (unpack it first: gzip -d)");
        }
    }

    /// <summary>Once all content is read: the length that ends a gzip file must be that of the content.</summary>
    /// <remarks>.NET's reader checks the sum of a whole file, but takes a cut one for its end.</remarks>
    public void CheckEnd()
    {
        if (!IsPacked)
            return;
        Span<byte> trailer = stackalloc byte[4];
        _file.Position = Math.Max(0, Length - 4);
        if (_file.ReadAtLeast(trailer, 4, throwOnEndOfStream: false) < 4
            || BinaryPrimitives.ReadUInt32LittleEndian(trailer) != (uint)_read)
        {
            throw Damaged(null);
        }
    }

    public void Dispose()
    {
        _content.Dispose();
        _file.Dispose();
    }

    private DataFileException Damaged(Exception? cause) =>
        new(Path, "damaged or incomplete gzip data", "a whole gzip file (of one member)", cause);
}
