using System.Buffers;

namespace MomentumCore.Engine;

/// <summary>Moves the elements of tensors between devices and streams, a piece at a time.</summary>
internal static class TensorBytes
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>The bytes that a tensor takes when it is written without gaps.</summary>
    public static long Size(Tensor tensor) => (long)tensor.Count * tensor.DType.Size();

    /// <summary>Writes the elements, outermost axis first, little-endian.</summary>
    public static void Write(Stream stream, Tensor tensor)
    {
        using var detached = tensor.Detach();
        using var gapless = detached.Gapless();
        WriteMemory(stream, gapless, gapless.Offset, gapless.Count);
    }

    /// <summary>Writes a run of the memory under a tensor, whatever part of it the tensor shows.</summary>
    public static void WriteMemory(Stream stream, Tensor tensor, long firstElement, long count)
    {
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            long bytes = count * tensor.DType.Size(), start = firstElement * tensor.DType.Size();
            for (long done = 0; done < bytes; done += ChunkBytes)
            {
                var part = chunk.AsSpan(0, (int)Math.Min(ChunkBytes, bytes - done));
                tensor.Device.Download(tensor.Storage.Buffer, start + done, part);
                stream.Write(part);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>Fills a new tensor without gaps from a stream that holds elements of some type.</summary>
    /// <returns>False when a value does not fit into the tensor's type.</returns>
    /// <exception cref="EndOfStreamException">The stream is too short.</exception>
    public static bool Read(Stream stream, Tensor tensor, StoredType type, bool bigEndian = false)
    {
        bool isVerbatim = type.IsVerbatim();
        int size = type.Size(), wide = tensor.DType.Size();
        byte[] chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        byte[] widened = isVerbatim ? [] : ArrayPool<byte>.Shared.Rent(ChunkBytes / size * wide);
        try
        {
            long count = tensor.Count;
            int most = ChunkBytes / size;
            for (long done = 0; done < count; done += most)
            {
                int here = (int)Math.Min(most, count - done);
                var part = chunk.AsSpan(0, here * size);
                stream.ReadExactly(part);
                if (bigEndian)
                    StoredTypes.ReverseBytes(type, part);
                var target = part;
                if (!isVerbatim)
                {
                    target = widened.AsSpan(0, here * wide);
                    if (!StoredTypes.Widen(type, part, target))
                        return false;
                }

                tensor.Device.Upload(target, tensor.Storage.Buffer, done * wide);
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
            if (!isVerbatim)
                ArrayPool<byte>.Shared.Return(widened);
        }
    }
}
