namespace MomentumCore.Layers;

/// <summary>
/// Brings pictures to one size as torchvision's <c>Resize</c> and <c>CenterCrop</c> do with Pillow's images, to the
/// bit: bilinear, with as much wider a triangle as it shrinks (antialiased), in fixed point; rows first, then columns.
/// </summary>
internal static class ImageResize
{
    /// <summary>Bits after the point of a weight; as Pillow's, so that sums of weighted bytes fit 32 bits.</summary>
    private const int FractionBits = 22;

    /// <summary>The square in the middle of the picture whose shorter side was brought to a number of pixels.</summary>
    public static RawImage ToSquare(RawImage image, int side)
    {
        bool isWide = image.Width > image.Height;
        int shorter = Math.Min(image.Width, image.Height), longer = Math.Max(image.Width, image.Height);
        // A picture may be long beyond any memory once it is enlarged: only the square is computed.
        long resized = (long)side * longer / shorter;
        long skipped = (long)Math.Round((resized - side) / 2.0, MidpointRounding.ToEven);
        Taps columns = new(image.Width, isWide ? resized : side, isWide ? skipped : 0, side);
        Taps rows = new(image.Height, isWide ? side : resized, isWide ? 0 : skipped, side);

        int channels = image.Channels, top = rows.First, height = rows.End - top;
        byte[] narrow = new byte[height * side * channels];
        for (int y = 0; y < height; y++)
        {
            var from = image.Pixels.AsSpan((top + y) * image.Width * channels, image.Width * channels);
            for (int x = 0; x < side; x++)
            {
                for (int c = 0; c < channels; c++)
                    narrow[(((y * side) + x) * channels) + c] = columns.Mix(x, from[c..], channels);
            }
        }

        byte[] square = new byte[side * side * channels];
        int row = side * channels;
        for (int y = 0; y < side; y++)
        {
            for (int i = 0; i < row; i++)
                square[(y * row) + i] = rows.Mix(y, narrow.AsSpan(i), row, top);
        }

        return new RawImage(side, side, channels, square);
    }

    /// <summary>For each pixel of a line that is made, which pixels of the old line count, and how much.</summary>
    private sealed class Taps
    {
        private readonly int[] _starts;
        private readonly int[][] _weights;

        /// <param name="from">Pixels of the old line.</param>
        /// <param name="to">Pixels of the new line.</param>
        /// <param name="skipped">New pixels before the first that is made.</param>
        /// <param name="count">New pixels that are made.</param>
        public Taps(int from, long to, long skipped, int count)
        {
            double scale = (double)from / to, reach = Math.Max(1, scale);
            _starts = new int[count];
            _weights = new int[count][];
            for (int i = 0; i < count; i++)
            {
                double centre = (skipped + i + 0.5) * scale;
                int start = Math.Max(0, (int)(centre - reach + 0.5));
                int end = Math.Min(from, (int)(centre + reach + 0.5));
                _starts[i] = start;
                _weights[i] = Weights(start, end, centre, reach);
            }
        }

        /// <summary>The first old pixel that counts.</summary>
        public int First => _starts[0];

        /// <summary>One after the last old pixel that counts.</summary>
        public int End => _starts[^1] + _weights[^1].Length;

        /// <summary>A new pixel, of old ones that lie a stride apart and begin with a number.</summary>
        public byte Mix(int i, ReadOnlySpan<byte> line, int stride, int first = 0)
        {
            int[] weights = _weights[i];
            int sum = 1 << (FractionBits - 1), at = (_starts[i] - first) * stride;
            foreach (int weight in weights)
            {
                sum += line[at] * weight;
                at += stride;
            }

            return (byte)Math.Clamp(sum >> FractionBits, 0, 255);
        }

        private static int[] Weights(int start, int end, double centre, double reach)
        {
            double[] triangle = new double[end - start];
            double sum = 0;
            for (int k = 0; k < triangle.Length; k++)
            {
                double distance = Math.Abs((k + start - centre + 0.5) * (1 / reach));
                triangle[k] = Math.Max(0, 1 - distance);
                sum += triangle[k];
            }

            return Array.ConvertAll(triangle, t => (int)(0.5 + (t / sum * (1 << FractionBits))));
        }
    }
}
