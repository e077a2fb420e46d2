namespace MomentumCore.Engine;

/// <summary>A file whose reading and writing can be stopped between two pieces, so that Ctrl-C ends work on a large one.
/// </summary>
internal sealed class CancellableFileStream(
    string path, FileMode mode, FileAccess access, FileShare share, CancellationToken cancellation)
    : FileStream(path, mode, access, share, BufferBytes)
{
    private const int BufferBytes = 1 << 16;

    public override int Read(Span<byte> buffer)
    {
        cancellation.ThrowIfCancellationRequested();
        return base.Read(buffer);
    }

    public override int Read(byte[] array, int offset, int count)
    {
        cancellation.ThrowIfCancellationRequested();
        return base.Read(array, offset, count);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        cancellation.ThrowIfCancellationRequested();
        base.Write(buffer);
    }

    public override void Write(byte[] array, int offset, int count)
    {
        cancellation.ThrowIfCancellationRequested();
        base.Write(array, offset, count);
    }
}
