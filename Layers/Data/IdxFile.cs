using System.Buffers.Binary;
using System.Numerics;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>Reads arrays in the IDX format, in which MNIST comes, plain or gzip.</summary>
/// <remarks>
/// Two zero bytes, the element type, the number of axes; each size as a 32-bit number; then the elements; all
/// big-endian (LeCun, Cortes, Burges, "The MNIST database"). Sizes are held against the file before memory is taken.
/// </remarks>
public static class IdxFile
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="dtype">What to convert the elements to; an integer type only for a file of integers.</param>
    /// <param name="scale">What to multiply them by: 1 / 255.0 brings bytes to [0, 1].</param>
    /// <param name="device">Where the tensor lives; the CPU, where data sets are kept, if none.</param>
    /// <returns>A tensor of the shape that the file says.</returns>
    /// <exception cref="DataFileException">The file is missing, damaged, cut, or too long for its sizes.</exception>
    /// <exception cref="DTypeException">The file's elements cannot become <paramref name="dtype"/>.</exception>
    public static Tensor Read(string path, DType dtype = DType.Float32, double scale = 1, Device? device = null)
    {
        using var file = DataFile.Open(path);
        var (type, shape) = ReadHeader(file);
        bool isWhole = type is not (IdxType.Float or IdxType.Double);
        if (!dtype.IsFloat() && !(dtype.IsInteger() && isWhole && scale == 1))
        {
            throw new DTypeException(
                $"{path}: elements of type {type} times {scale} cannot become {dtype}; read them as floats.");
        }
        byte[] bytes = ReadElements(file, (long)shape.ElementCount * Size(type));
        device ??= Device.Cpu;
        return dtype switch
        {
            DType.Float32 => Convert<float>(bytes, type, shape, scale, device),
            DType.Float64 => Convert<double>(bytes, type, shape, scale, device),
            DType.Int32 => Convert<int>(bytes, type, shape, scale, device),
            _ => Convert<long>(bytes, type, shape, scale, device),
        };
    }

    private static (IdxType Type, Shape Shape) ReadHeader(DataFile file)
    {
        Span<byte> magic = stackalloc byte[4];
        int got = file.Read(magic);
        if (got < 4)
            throw new DataFileException(file.Path, $"{got} bytes", "at least the 4 bytes that begin an IDX file");
        var type = (IdxType)magic[2];
        if (magic[0] != 0 || magic[1] != 0 || !Enum.IsDefined(type))
        {
            throw new DataFileException(
                file.Path,
                $"the first bytes {System.Convert.ToHexString(magic)}",
                "0000, an element type of IDX (08 to 0E) and the number of axes");
        }

        int rank = magic[3];
        if (rank is 0 or > StridedLayout.MaxRank)
            throw new DataFileException(file.Path, $"{rank} axes", $"1 to {StridedLayout.MaxRank}");
        Span<byte> sizes = stackalloc byte[4 * rank];
        if (file.Read(sizes) < sizes.Length)
            throw new DataFileException(file.Path, "an end inside the header", $"the sizes of {rank} axes");
        return (type, CheckSizes(file, type, sizes));
    }

    /// <summary>Holds the sizes of the header against what the file can contain.</summary>
    private static Shape CheckSizes(DataFile file, IdxType type, ReadOnlySpan<byte> header)
    {
        var sizes = new int[header.Length / 4];
        UInt128 bytes = (UInt128)Size(type);
        var text = new List<uint>();
        for (int axis = 0; axis < sizes.Length; axis++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(header[(4 * axis)..]);
            text.Add(size);
            sizes[axis] = (int)size;
            // Held at a bound that no product of the remaining sizes can bring back into range, except an honest zero.
            bytes = size == 0 ? 0 : UInt128.Min(bytes * size, (UInt128)1 << 64);
        }

        string shape = $"[{string.Join(", ", text)}]";
        if (text.Any(size => size > int.MaxValue) || bytes > (UInt128)Array.MaxLength)
        {
            throw new DataFileException(
                file.Path, $"the sizes {shape}", $"at most {Array.MaxLength:N0} bytes of elements");
        }
        long headerBytes = 4 + header.Length;
        long wanted = headerBytes + (long)bytes;
        bool fits = file.IsPacked ? wanted <= file.LongestContent : wanted == file.Length;
        if (!fits)
        {
            throw new DataFileException(
                file.Path,
                $"{file.Length:N0} bytes{(file.IsPacked ? " of gzip" : "")}",
                $"{wanted:N0} bytes for {headerBytes} of header and {shape} elements of type {type}");
        }

        file.RequireUnpackable(wanted);
        return sizes;
    }

    /// <summary>Reads in growing steps, so that a header that lies about packed content claims no memory.</summary>
    private static byte[] ReadElements(DataFile file, long count)
    {
        byte[] bytes = new byte[file.IsPacked ? Math.Min(count, ChunkBytes) : count];
        int filled = 0;
        while (true)
        {
            filled += file.Read(bytes.AsSpan(filled));
            if (filled < bytes.Length)
                throw new DataFileException(file.Path, $"{filled:N0} bytes of elements", $"{count:N0}");
            if (filled == count)
                break;
            Array.Resize(ref bytes, (int)Math.Min(count, 2L * bytes.Length));
        }

        if (file.Read(stackalloc byte[1]) != 0)
            throw new DataFileException(file.Path, $"more than {count:N0} bytes of elements", "an end there");
        file.CheckEnd();
        return bytes;
    }

    private static Tensor Convert<T>(byte[] bytes, IdxType type, Shape shape, double scale, Device device)
        where T : unmanaged, INumber<T>
    {
        var values = new T[shape.ElementCount];
        int size = Size(type);
        for (int i = 0; i < values.Length; i++)
        {
            var at = bytes.AsSpan(i * size, size);
            double value = type switch
            {
                IdxType.Byte => at[0],
                IdxType.SByte => (sbyte)at[0],
                IdxType.Short => BinaryPrimitives.ReadInt16BigEndian(at),
                IdxType.Int => BinaryPrimitives.ReadInt32BigEndian(at),
                IdxType.Float => BinaryPrimitives.ReadSingleBigEndian(at),
                _ => BinaryPrimitives.ReadDoubleBigEndian(at),
            };
            values[i] = T.CreateTruncating(value * scale);
        }

        return Tensor.From(values, shape, device);
    }

    private static int Size(IdxType type) => type switch
    {
        IdxType.Byte or IdxType.SByte => 1,
        IdxType.Short => 2,
        IdxType.Double => 8,
        _ => 4,
    };

    /// <summary>The element types, by their code in the header.</summary>
    private enum IdxType : byte
    {
        Byte = 0x08,
        SByte = 0x09,
        Short = 0x0B,
        Int = 0x0C,
        Float = 0x0D,
        Double = 0x0E,
    }
}
