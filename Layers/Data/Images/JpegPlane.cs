namespace MomentumCore.Layers;

/// <summary>
/// One component of a JPEG picture: its coefficients in blocks of 8 × 8, and how they become values and grow to the
/// picture's size, with the arithmetic of libjpeg ("islow" and "fancy upsampling"), so with its bytes.
/// </summary>
internal sealed class JpegPlane
{
    private const int Side = 8, Block = Side * Side;
    private const int FractionBits = 13, FirstPassBits = 2;

    /// <param name="id">Its number in the file.</param>
    /// <param name="across">Blocks of this component in a unit of the picture, from left to right.</param>
    /// <param name="down">The same, from top to bottom.</param>
    /// <param name="quantization">Which table its coefficients are multiplied by.</param>
    public JpegPlane(int id, int across, int down, int quantization) =>
        (Id, Across, Down, Quantization) = (id, across, down, quantization);

    public int Id { get; }

    public int Across { get; }

    public int Down { get; }

    public int Quantization { get; }

    /// <summary>Values in a row, and rows, that belong to the picture.</summary>
    public (int Width, int Height) Size { get; private set; }

    /// <summary>Blocks in a row, those that fill the last unit included.</summary>
    public int Stride { get; private set; }

    /// <summary>The coefficients, block by block, each in rows.</summary>
    public short[] Coefficients { get; private set; } = [];

    /// <summary>What the last block's lowest coefficient was: the next is told as a difference.</summary>
    public int Last { get; set; }

    /// <summary>Takes memory for a picture of so many units.</summary>
    public void Allocate((int Width, int Height) size, int unitsAcross, int unitsDown)
    {
        Size = size;
        Stride = unitsAcross * Across;
        Coefficients = new short[(long)Stride * unitsDown * Down * Block];
    }

    public Span<short> At(int column, int row) => Coefficients.AsSpan(((row * Stride) + column) * Block, Block);

    /// <summary>The values, so many times as wide and high.</summary>
    public byte[] Enlarge(ushort[] quantization, int timesWide, int timesHigh, int width, int height)
    {
        byte[] small = Values(quantization);
        Coefficients = [];
        int row = Stride * Side;
        byte[] result = new byte[width * height];
        // As libjpeg: too narrow a plane is repeated rather than interpolated.
        bool isSmooth = Size.Width > 2;
        byte[] line = new byte[Math.Max(row * timesWide, width)];
        short[] mixed = new short[Size.Width];
        for (int y = 0; y < height; y++)
        {
            int near = y / timesHigh, far = timesHigh == 2 ? near + (y % 2 == 0 ? -1 : 1) : near;
            var above = small.AsSpan(near * row, Size.Width);
            var beside = small.AsSpan(Math.Clamp(far, 0, Size.Height - 1) * row, Size.Width);
            if (timesWide == 2 && timesHigh == 1 && isSmooth)
                Widen(above, line);
            else if (timesWide == 2 && timesHigh == 2 && isSmooth)
                WidenMixed(above, beside, mixed, line);
            else if (timesWide == 1 && timesHigh == 2)
                Mix(above, beside, 1 + (y % 2), line);
            else
                Repeat(above, timesWide, line);
            line.AsSpan(0, width).CopyTo(result.AsSpan(y * width));
        }

        return result;
    }

    private byte[] Values(ushort[] quantization)
    {
        int blocks = Coefficients.Length / Block;
        byte[] values = new byte[Coefficients.Length];
        Span<int> work = stackalloc int[Block];
        for (int b = 0; b < blocks; b++)
        {
            int start = (b / Stride * Side * Stride * Side) + (b % Stride * Side);
            var block = Coefficients.AsSpan(b * Block, Block);
            for (int i = 0; i < Block; i++)
                work[i] = block[i] * quantization[i];
            for (int x = 0; x < Side; x++)
                Transform(work, x, Side, FractionBits - FirstPassBits);
            for (int y = 0; y < Side; y++)
            {
                Transform(work, y * Side, 1, FractionBits + FirstPassBits + 3);
                for (int x = 0; x < Side; x++)
                    values[start + (y * Stride * Side) + x] = (byte)Math.Clamp(work[(y * Side) + x] + 128, 0, 255);
            }
        }

        return values;
    }

    /// <summary>
    /// Eight coefficients become eight values: the inverse cosine transform of Loeffler, Ligtenberg and Moschytz (1989)
    /// with 12 products in fixed point. The numbers are cosines times 2¹³.
    /// </summary>
    private static void Transform(Span<int> work, int at, int step, int shift)
    {
        int i0 = work[at], i1 = work[at + step], i2 = work[at + (2 * step)], i3 = work[at + (3 * step)];
        int i4 = work[at + (4 * step)], i5 = work[at + (5 * step)];
        int i6 = work[at + (6 * step)], i7 = work[at + (7 * step)];
        int turn = (i2 + i6) * 4433;
        int e2 = turn - (i6 * 15137), e3 = turn + (i2 * 6270);
        int e0 = (i0 + i4) << FractionBits, e1 = (i0 - i4) << FractionBits;
        int round = 1 << (shift - 1);
        int s0 = e0 + e3 + round, s3 = e0 - e3 + round, s1 = e1 + e2 + round, s2 = e1 - e2 + round;

        int z1 = (i7 + i1) * -7373, z2 = (i5 + i3) * -20995;
        int z5 = (i7 + i3 + i5 + i1) * 9633;
        int z3 = ((i7 + i3) * -16069) + z5, z4 = ((i5 + i1) * -3196) + z5;
        int o0 = (i7 * 2446) + z1 + z3, o1 = (i5 * 16819) + z2 + z4;
        int o2 = (i3 * 25172) + z2 + z3, o3 = (i1 * 12299) + z1 + z4;

        work[at] = (s0 + o3) >> shift;
        work[at + (7 * step)] = (s0 - o3) >> shift;
        work[at + step] = (s1 + o2) >> shift;
        work[at + (6 * step)] = (s1 - o2) >> shift;
        work[at + (2 * step)] = (s2 + o1) >> shift;
        work[at + (5 * step)] = (s2 - o1) >> shift;
        work[at + (3 * step)] = (s3 + o0) >> shift;
        work[at + (4 * step)] = (s3 - o0) >> shift;
    }

    private static void Repeat(ReadOnlySpan<byte> from, int times, Span<byte> to)
    {
        for (int x = 0; x < from.Length; x++)
            to.Slice(x * times, times).Fill(from[x]);
    }

    /// <summary>Three parts of the row it is in, one of the next nearest.</summary>
    private static void Mix(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, int round, Span<byte> to)
    {
        for (int x = 0; x < near.Length; x++)
            to[x] = (byte)(((near[x] * 3) + far[x] + round) >> 2);
    }

    private static void Widen(ReadOnlySpan<byte> from, Span<byte> to)
    {
        int last = from.Length - 1;
        for (int x = 0; x <= last; x++)
        {
            to[2 * x] = x == 0 ? from[0] : (byte)(((from[x] * 3) + from[x - 1] + 1) >> 2);
            to[(2 * x) + 1] = x == last ? from[x] : (byte)(((from[x] * 3) + from[x + 1] + 2) >> 2);
        }
    }

    private static void WidenMixed(ReadOnlySpan<byte> near, ReadOnlySpan<byte> far, Span<short> mixed, Span<byte> to)
    {
        int last = near.Length - 1;
        for (int x = 0; x <= last; x++)
            mixed[x] = (short)((near[x] * 3) + far[x]);
        for (int x = 0; x <= last; x++)
        {
            int left = mixed[Math.Max(0, x - 1)], right = mixed[Math.Min(last, x + 1)];
            to[2 * x] = (byte)(((mixed[x] * 3) + left + 8) >> 4);
            to[(2 * x) + 1] = (byte)(((mixed[x] * 3) + right + 7) >> 4);
        }
    }
}
