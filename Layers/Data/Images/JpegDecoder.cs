using System.Buffers.Binary;

namespace MomentumCore.Layers;

/// <summary>
/// Reads JPEG pictures (ITU-T T.81), grey and in colour, sequential and progressive, with the bytes that libjpeg gives.
/// Not read: CMYK, 12 bits, arithmetic and lossless coding, which cameras and the web do not use.
/// </summary>
internal sealed class JpegDecoder
{
    private const int MostScans = 200;
    private const int MostTimes = 4;
    private const int MostTables = 4096;

    // What a scan costs is its blocks, also of a scan of few bytes. Encoders write up to ten or so for a component.
    private const int MostPasses = 24, FreeBlocks = 1 << 20, BlocksPerByte = 8;
    private const string HuffmanCoding = "sequential or progressive Huffman coding";

    private readonly string _path;
    private readonly byte[] _file;
    private readonly JpegBits _bits;
    private readonly ushort[]?[] _quantization = new ushort[4][];
    private readonly JpegCodes?[] _low = new JpegCodes[4];
    private readonly JpegCodes?[] _high = new JpegCodes[4];
    private JpegPlane[] _planes = [];
    private int _width;
    private int _height;
    private int _unitsAcross;
    private int _unitsDown;
    private int _restartInterval;
    private int _scans;
    private int _tables;
    private long _work;
    private bool _isProgressive;
    private int _adobeColour = -1;
    private int _at = 2;

    private JpegDecoder(string path, byte[] file) =>
        (_path, _file, _bits) = (path, file, new JpegBits(path, file));

    public static RawImage Decode(string path, byte[] file) => new JpegDecoder(path, file).Decode();

    private int MostAcross => _planes.Max(p => p.Across);

    private int MostDown => _planes.Max(p => p.Down);

    private RawImage Decode()
    {
        for (int marker = NextMarker(); marker != 0xD9; marker = NextMarker())
        {
            var data = Segment();
            switch (marker)
            {
                case 0xC0 or 0xC1 or 0xC2:
                    ReadFrame(data, marker == 0xC2);
                    break;
                case 0xC4:
                    ReadCodes(data);
                    break;
                case 0xDB:
                    ReadQuantization(data);
                    break;
                case 0xDA:
                    ReadScan(data);
                    break;
                case 0xDD when data.Length == 2:
                    _restartInterval = BinaryPrimitives.ReadUInt16BigEndian(data);
                    break;
                case 0xEE when data.Length >= 12 && data.StartsWith("Adobe"u8):
                    _adobeColour = data[11];
                    break;
                case >= 0xC3 and <= 0xCF and not 0xC8 and not 0xCC:
                    throw Bad($"a coding that is not read (0xFF{marker:X2})", HuffmanCoding);
                case 0xCC:
                    throw Bad("arithmetic coding", HuffmanCoding);
                case 0xDD or (< 0xC0) or (>= 0xD0 and <= 0xD8) or 0xDC:
                    throw Bad($"a marker 0xFF{marker:X2} before byte {_at:N0}", "a JPEG file");
                default:
                    // Text, thumbnails, colour profiles.
                    break;
            }
        }

        if (_scans == 0)
            throw Bad("no picture", "one");
        return Colours();
    }

    private DataFileException Bad(string found, string wanted) => new(_path, found, wanted);

    private DataFileException Damaged(string found) => Bad($"{found} before byte {_at:N0}", "a whole JPEG file");

    private int NextMarker()
    {
        int marker = JpegBits.FindMarker(_file, _at);
        if (marker == _file.Length)
            throw Damaged("an end");
        _at = marker + 1;
        return _file[marker];
    }

    private ReadOnlySpan<byte> Segment()
    {
        int left = _file.Length - _at;
        int length = left < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(_file.AsSpan(_at));
        if (length < 2 || length > left)
            throw Damaged("an end or a part too long");
        _at += length;
        return _file.AsSpan(_at - length + 2, length - 2);
    }

    private void ReadQuantization(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            int table = data[0] & 15, size = (data[0] >> 4) + 1;
            if (table > 3 || size > 2 || data.Length < 1 + (64 * size))
                throw Damaged("a wrong quantization table");
            ushort[] values = new ushort[64];
            for (int i = 0; i < 64; i++)
            {
                values[JpegScan.Place(i)] =
                    size == 1 ? data[1 + i] : BinaryPrimitives.ReadUInt16BigEndian(data[(1 + (2 * i))..]);
            }

            _quantization[table] = values;
            data = data[(1 + (64 * size))..];
        }
    }

    private void ReadCodes(ReadOnlySpan<byte> data)
    {
        while (data.Length > 0)
        {
            int table = data[0] & 15, kind = data[0] >> 4, count = 0;
            for (int i = 1; i < 17 && i < data.Length; i++)
                count += data[i];
            if (table > 3 || kind > 1 || count > 256 || data.Length < 17 + count)
                throw Damaged("a wrong code table");
            if (++_tables > MostTables)
                throw Bad($"more than {MostTables:N0} code tables", "fewer");
            ref JpegCodes? codes = ref (kind == 0 ? _low : _high)[table];
            codes ??= new JpegCodes(_path);
            codes.Set(data.Slice(1, 16), data.Slice(17, count));
            data = data[(17 + count)..];
        }
    }

    private void ReadFrame(ReadOnlySpan<byte> data, bool isProgressive)
    {
        if (_planes.Length > 0 || data.Length < 6 || data.Length != 6 + (3 * data[5]))
            throw Damaged("a second or a wrong frame");
        if (data[0] != 8)
            throw Bad($"values of {data[0]} bits", "8");
        (_height, _width) =
            (BinaryPrimitives.ReadUInt16BigEndian(data[1..]), BinaryPrimitives.ReadUInt16BigEndian(data[3..]));
        RawImage.RequireReadable(_path, _width, _height, _file.Length);
        if (data[5] is not (1 or 3))
            throw Bad($"{data[5]} components (CMYK has 4)", "1 (grey) or 3 (colour); convert it");
        var planes = new JpegPlane[data[5]];
        for (int i = 0; i < planes.Length; i++)
        {
            var part = data.Slice(6 + (3 * i), 3);
            planes[i] = new JpegPlane(part[0], part[1] >> 4, part[1] & 15, part[2]);
            if (planes[i] is { Across: < 1 or > MostTimes } or { Down: < 1 or > MostTimes } or { Quantization: > 3 })
                throw Damaged("a wrong component");
        }

        // One component alone is its own measure.
        if (planes.Length == 1)
            planes[0] = new JpegPlane(planes[0].Id, 1, 1, planes[0].Quantization);
        (_planes, _isProgressive) = (planes, isProgressive);
        Allocate();
    }

    private void Allocate()
    {
        int across = MostAcross, down = MostDown;
        if (_planes.Any(p => across % p.Across != 0 || down % p.Down != 0))
            throw Bad("components whose sizes do not divide", "components of whole, half or a quarter size");
        (_unitsAcross, _unitsDown) = (((_width - 1) / (8 * across)) + 1, ((_height - 1) / (8 * down)) + 1);
        long blocks = _planes.Sum(p => (long)p.Across * p.Down) * _unitsAcross * _unitsDown;
        // Each block takes a bit at least.
        if (blocks / 8 > _file.Length)
            throw Bad($"{_file.Length:N0} bytes", $"more for a picture of {_width} × {_height}");
        foreach (var plane in _planes)
        {
            plane.Allocate(
                (((_width * plane.Across) + across - 1) / across, ((_height * plane.Down) + down - 1) / down),
                _unitsAcross, _unitsDown);
        }
    }

    private void ReadScan(ReadOnlySpan<byte> data)
    {
        int count = data.Length > 0 ? data[0] : 0;
        if (_planes.Length == 0 || count < 1 || count > _planes.Length || data.Length != 4 + (2 * count))
            throw Damaged("a wrong scan");
        // Each takes time for every block, however short it is.
        if (++_scans > MostScans)
            throw Bad($"more than {MostScans} scans", "fewer");
        var parts = new List<(JpegPlane, JpegCodes?, JpegCodes?)>();
        for (int i = 0; i < count; i++)
        {
            int id = data[1 + (2 * i)], tables = data[2 + (2 * i)];
            var plane = _planes.FirstOrDefault(p => p.Id == id) ?? throw Damaged("a scan of no component");
            if (tables >> 4 > 3 || (tables & 15) > 3 || parts.Any(p => p.Item1 == plane))
                throw Damaged("a wrong scan");
            parts.Add((plane, _low[tables >> 4], _high[tables & 15]));
        }

        var tail = data[^3..];
        var scan = new JpegScan(_path, _bits)
        {
            Parts = [.. parts],
            Range = _isProgressive ? (tail[0], tail[1]) : (0, 63),
            Bit = _isProgressive ? (tail[2] >> 4, tail[2] & 15) : (0, 0),
            IsProgressive = _isProgressive,
            RestartInterval = _restartInterval,
        };
        var (first, last) = scan.Range;
        if (first > last || last > 63 || scan.Bit.Now > 13 || scan.Bit.Before > 13
            || (_isProgressive && ((first == 0) != (last == 0) || (first > 0 && count > 1))))
            throw Damaged("a wrong scan");
        RequireWorth(parts.Sum(p => Blocks(p.Item1)));
        _bits.Start(_at);
        scan.Read(_unitsAcross, _unitsDown);
        _at = _bits.At;
    }

    private long Blocks(JpegPlane plane) => (long)plane.Across * plane.Down * _unitsAcross * _unitsDown;

    /// <summary>Refuses a short file that would keep the machine busy: a bit or so may stand for many blocks.</summary>
    private void RequireWorth(long blocks)
    {
        _work += blocks;
        long most = FreeBlocks + (MostPasses * _planes.Sum(Blocks)) + ((long)BlocksPerByte * _file.Length);
        if (_work > most)
        {
            throw Bad(
                $"{_scans} scans and more for a picture of {_width} × {_height} in {_file.Length:N0} bytes",
                $"scans of {most:N0} blocks together at most; save it again");
        }
    }

    private RawImage Colours()
    {
        byte[][] planes = [.. _planes.Select(p => p.Enlarge(
            _quantization[p.Quantization] ?? throw Damaged("no quantization table"),
            MostAcross / p.Across, MostDown / p.Down, _width, _height))];
        if (planes.Length == 1)
            return new RawImage(_width, _height, 1, planes[0]);
        bool isRgb = _adobeColour == 0 || (_adobeColour < 0 && _planes is [{ Id: 'R' }, { Id: 'G' }, { Id: 'B' }]);
        byte[] pixels = new byte[_width * _height * 3];
        for (int i = 0; i < planes[0].Length; i++)
        {
            int y = planes[0][i], b = planes[1][i], r = planes[2][i];
            var pixel = pixels.AsSpan(3 * i, 3);
            if (isRgb)
                (pixel[0], pixel[1], pixel[2]) = ((byte)y, (byte)b, (byte)r);
            else
                Convert(y, b - 128, r - 128, pixel);
        }

        return new RawImage(_width, _height, 3, pixels);
    }

    /// <summary>From brightness and two differences of colour (ITU-R BT.601), in fixed point.</summary>
    private static void Convert(int y, int blue, int red, Span<byte> pixel)
    {
        const int half = 1 << 15;
        pixel[0] = (byte)Math.Clamp(y + (((91881 * red) + half) >> 16), 0, 255);
        pixel[1] = (byte)Math.Clamp(y + (((-22554 * blue) - (46802 * red) + half) >> 16), 0, 255);
        pixel[2] = (byte)Math.Clamp(y + (((116130 * blue) + half) >> 16), 0, 255);
    }
}
