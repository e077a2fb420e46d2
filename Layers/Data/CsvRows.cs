using System.Text;

namespace MomentumCore.Layers;

/// <summary>Cuts CSV text into rows of fields (RFC 4180: quotes may hold separators and line ends).</summary>
internal sealed class CsvRows(DataFile file, char separator)
{
    /// <summary>A row longer than this is no table of numbers.</summary>
    private const int LongestRow = 1 << 24;

    private readonly byte[] _bytes = new byte[1 << 14];
    private readonly char[] _text = new char[(1 << 14) + 1];
    private readonly Decoder _decoder = new UTF8Encoding(false, throwOnInvalidBytes: true).GetDecoder();
    private readonly List<int> _ends = [];
    private char[] _row = new char[256];
    private int _rowLength;
    private int _position;
    private int _filled;
    private int _line = 1;
    private bool _started;
    private bool _atEnd;

    /// <summary>The line in the file where the current row begins, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>The number of fields of the current row.</summary>
    public int Count => _ends.Count;

    /// <summary>A field of the current row.</summary>
    public ReadOnlySpan<char> this[int field]
    {
        get
        {
            int start = field == 0 ? 0 : _ends[field - 1];
            return _row.AsSpan(start, _ends[field] - start);
        }
    }

    /// <summary>Goes on to the next row that is not blank; false at the end.</summary>
    public bool Next()
    {
        do
        {
            if (Peek() < 0)
                return false;
            ReadRow();
        }
        while (_ends.Count == 1 && _rowLength == 0);
        return true;
    }

    private void ReadRow()
    {
        Line = _line;
        _rowLength = 0;
        _ends.Clear();
        while (ReadField())
        {
        }
    }

    /// <summary>Reads one field and what ends it; false when that was the end of the row.</summary>
    private bool ReadField()
    {
        if (Peek() == '"')
            ReadQuoted();
        while (true)
        {
            int c = Take();
            if (c == separator || c is '\n' or '\r' or < 0)
            {
                _ends.Add(_rowLength);
                if (c == '\r' && Peek() == '\n')
                    Take();
                if (c is '\n' or '\r')
                    _line++;
                return c == separator;
            }

            if (c == '"')
            {
                throw Bad(
                    $"a quote in the middle of field {_ends.Count + 1}",
                    "quotes around a whole field, doubled inside it");
            }
            Append((char)c);
        }
    }

    private void ReadQuoted()
    {
        int opened = _line;
        Take();
        while (true)
        {
            int c = Take();
            if (c < 0)
            {
                throw new DataFileException(
                    file.Path, $"a quote opened in line {opened} and never closed", "a closing quote");
            }
            if (c == '"')
            {
                if (Peek() != '"')
                    break;
                Take();
            }

            if (c == '\n')
                _line++;
            Append((char)c);
        }

        int next = Peek();
        if (next != separator && next is not ('\n' or '\r' or < 0))
            throw Bad($"text after the closing quote of field {_ends.Count + 1}", "a separator or the end of the row");
    }

    private void Append(char c)
    {
        if (_rowLength == LongestRow)
            throw Bad($"a row of more than {LongestRow:N0} characters", "a table of numbers");
        if (_rowLength == _row.Length)
            Array.Resize(ref _row, 2 * _row.Length);
        _row[_rowLength++] = c;
    }

    private int Take()
    {
        int c = Peek();
        if (c >= 0)
            _position++;
        return c;
    }

    private int Peek()
    {
        if (_position == _filled)
            Fill();
        return _position < _filled ? _text[_position] : -1;
    }

    private void Fill()
    {
        while (!_atEnd && _position == _filled)
        {
            int count = file.Read(_bytes);
            _atEnd = count < _bytes.Length;
            if (_atEnd)
                file.CheckEnd();
            bool hasMark = !_started && _bytes.AsSpan(0, count).StartsWith(Encoding.UTF8.Preamble);
            int skip = hasMark ? Encoding.UTF8.Preamble.Length : 0;
            _started = true;
            _position = 0;
            try
            {
                _filled = _decoder.GetChars(_bytes.AsSpan(skip, count - skip), _text, flush: _atEnd);
            }
            catch (DecoderFallbackException error)
            {
                throw new DataFileException(file.Path, $"bytes that are no text after line {_line}", "UTF-8", error);
            }
        }
    }

    private DataFileException Bad(string found, string wanted) => new(file.Path, $"{found}, line {_line}", wanted);
}
