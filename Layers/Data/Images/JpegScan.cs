namespace MomentumCore.Layers;

/// <summary>
/// One scan of a JPEG file (ITU-T T.81): some coefficients of some components, or, in a progressive file, some bits of
/// them.
/// </summary>
internal sealed class JpegScan
{
    private static readonly byte[] ZigZag =
    [
        0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
        12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
        35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
        58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
    ];

    private readonly string _path;
    private readonly JpegBits _bits;
    private int _blocksWithoutMore;

    public JpegScan(string path, JpegBits bits) => (_path, _bits) = (path, bits);

    /// <summary>Where in a block, row by row, the coefficient of this place in the file goes.</summary>
    public static int Place(int index) => ZigZag[index];

    /// <summary>The components, each with its tables for the lowest and for the other coefficients.</summary>
    public required (JpegPlane Plane, JpegCodes? Low, JpegCodes? High)[] Parts { get; init; }

    /// <summary>The first and the last coefficient.</summary>
    public required (int First, int Last) Range { get; init; }

    /// <summary>Of a progressive file: the lowest bit that was told before (0 for none), and the lowest now.</summary>
    public required (int Before, int Now) Bit { get; init; }

    public required bool IsProgressive { get; init; }

    /// <summary>Units between restarts; 0 for no restarts.</summary>
    public required int RestartInterval { get; init; }

    /// <summary>Reads all of it.</summary>
    /// <param name="unitsAcross">Units in a row of the picture.</param>
    /// <param name="unitsDown">Rows of units.</param>
    public void Read(int unitsAcross, int unitsDown)
    {
        bool isAlone = Parts.Length == 1;
        if (isAlone)
        {
            // A component alone goes block by block, without those that only fill a unit.
            var size = Parts[0].Plane.Size;
            (unitsAcross, unitsDown) = ((size.Width + 7) / 8, (size.Height + 7) / 8);
        }

        int done = 0;
        Reset();
        for (int y = 0; y < unitsDown; y++)
        {
            for (int x = 0; x < unitsAcross; x++, done++)
            {
                if (RestartInterval > 0 && done > 0 && done % RestartInterval == 0)
                {
                    _bits.TakeRestart((done / RestartInterval) - 1);
                    Reset();
                }

                foreach (var part in Parts)
                    ReadUnit(part, x, y, isAlone);
            }
        }
    }

    private void ReadUnit((JpegPlane Plane, JpegCodes? Low, JpegCodes? High) part, int x, int y, bool isAlone)
    {
        int across = isAlone ? 1 : part.Plane.Across, down = isAlone ? 1 : part.Plane.Down;
        for (int row = 0; row < down; row++)
        {
            for (int column = 0; column < across; column++)
                ReadBlock(part.Plane, part.Low, part.High, part.Plane.At((x * across) + column, (y * down) + row));
        }
    }

    private void Reset()
    {
        _blocksWithoutMore = 0;
        foreach (var (plane, _, _) in Parts)
            plane.Last = 0;
    }

    private DataFileException Damaged(string found) =>
        new(_path, $"{found} before byte {_bits.At:N0}", "a whole JPEG file");

    private JpegCodes Table(JpegCodes? codes) => codes ?? throw Damaged("no code table");

    private void ReadBlock(JpegPlane plane, JpegCodes? low, JpegCodes? high, Span<short> block)
    {
        if (Range.First == 0)
        {
            if (Bit.Before == 0)
            {
                int size = Table(low).Read(_bits);
                if (size > 15)
                    throw Damaged($"a difference of {size} bits");
                plane.Last += _bits.ReadSigned(size);
                block[0] = (short)(plane.Last << Bit.Now);
            }
            else if (_bits.Read(1) == 1)
            {
                block[0] |= (short)(1 << Bit.Now);
            }
        }

        if (Range.Last == 0)
            return;
        if (Bit.Before == 0)
            ReadNew(Table(high), block);
        else
            Refine(Table(high), block);
    }

    /// <summary>Runs of zeros and what follows them.</summary>
    private void ReadNew(JpegCodes codes, Span<short> block)
    {
        if (_blocksWithoutMore > 0)
        {
            _blocksWithoutMore--;
            return;
        }

        for (int k = Math.Max(1, Range.First); k <= Range.Last; k++)
        {
            int code = codes.Read(_bits), zeros = code >> 4, size = code & 15;
            if (size == 0 && zeros < 15)
            {
                _blocksWithoutMore = EndOfBlocks(zeros) - 1;
                return;
            }

            k += zeros;
            if (k > Range.Last)
                throw Damaged("a run beyond the block");
            if (size > 0)
                block[ZigZag[k]] = (short)(_bits.ReadSigned(size) << Bit.Now);
        }
    }

    /// <summary>One more bit of what is there already, and what begins with this bit.</summary>
    private void Refine(JpegCodes codes, Span<short> block)
    {
        int k = Range.First;
        for (; _blocksWithoutMore == 0 && k <= Range.Last; k++)
        {
            int code = codes.Read(_bits), zeros = code >> 4, value = 0;
            if ((code & 15) == 0 && zeros < 15)
            {
                _blocksWithoutMore = EndOfBlocks(zeros);
                break;
            }

            if ((code & 15) != 0)
                value = _bits.Read(1) == 1 ? 1 << Bit.Now : -1 << Bit.Now;
            for (; k <= Range.Last; k++)
            {
                ref short known = ref block[ZigZag[k]];
                if (known != 0)
                    RefineOne(ref known);
                else if (--zeros < 0)
                    break;
            }

            if (value == 0)
                continue;
            if (k > Range.Last)
                throw Damaged("a run beyond the block");
            block[ZigZag[k]] = (short)value;
        }

        if (_blocksWithoutMore == 0)
            return;
        for (; k <= Range.Last; k++)
        {
            if (block[ZigZag[k]] != 0)
                RefineOne(ref block[ZigZag[k]]);
        }

        _blocksWithoutMore--;
    }

    private void RefineOne(ref short known)
    {
        if (_bits.Read(1) == 1 && (known & (1 << Bit.Now)) == 0)
            known += (short)(known > 0 ? 1 << Bit.Now : -1 << Bit.Now);
    }

    /// <summary>How many blocks, this one included, hold nothing more.</summary>
    private int EndOfBlocks(int size)
    {
        if (size > 0 && !IsProgressive)
            throw Damaged("a run of blocks");
        return (1 << size) + _bits.Read(size);
    }
}
