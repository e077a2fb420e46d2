using System.Globalization;
using MomentumCore.Engine;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Layers;

/// <summary>Reads tables of numbers in the CSV format, plain or gzip, UTF-8, quotes as in RFC 4180.</summary>
public static class CsvFile
{
    private const long LargestWhole = 1L << 53;

    /// <summary>Reads a whole file. Blank lines are skipped; all other rows must have as many fields.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How it is laid out; by default numbers alone, separated by commas.</param>
    /// <param name="device">Where the tensors live; the CPU if none.</param>
    /// <exception cref="DataFileException">
    /// The file is missing or damaged, rows differ in length, or a field is no finite number; the message names the
    /// line and the column.
    /// </exception>
    public static CsvTable Read(string path, CsvOptions? options = null, Device? device = null)
    {
        options ??= new CsvOptions();
        if (!options.FeatureType.IsFloat())
            throw new DTypeException($"Features are Float32 or Float64; got {options.FeatureType}.");
        if (!options.LabelType.IsFloat() && options.LabelType != DType.Int64)
            throw new DTypeException($"Labels are Int64, Float32 or Float64; got {options.LabelType}.");
        if (options.Separator is '"' or '\r' or '\n')
            throw new ArgumentException("The separator can be neither a quote nor a line end.", nameof(options));
        using var file = DataFile.Open(path);
        var rows = new CsvRows(file, options.Separator);
        string[] names = options.HasHeader && rows.Next() ? Names(rows) : [];
        var features = new List<double>();
        var labels = new List<double>();
        int fields = names.Length;
        int label = -1;
        int count = 0;
        while (rows.Next())
        {
            if (count == 0)
            {
                fields = names.Length > 0 ? names.Length : rows.Count;
                label = LabelField(file, options.LabelColumn, fields);
            }

            if (rows.Count != fields)
            {
                throw new DataFileException(
                    path, $"{rows.Count} fields in line {rows.Line}", $"{fields}, as in the first row");
            }
            for (int field = 0; field < fields; field++)
            {
                bool isLabel = field == label;
                bool whole = isLabel && !options.LabelType.IsFloat();
                (isLabel ? labels : features).Add(Number(file, rows, field, names, whole));
            }
            count++;
        }

        if (count == 0)
            throw new DataFileException(path, "no rows", "at least one row of numbers");
        int width = fields - (label < 0 ? 0 : 1);
        return new CsvTable(
            [.. names.Where((_, i) => i != label)],
            Make(features, [count, width], options.FeatureType, device),
            label < 0 ? null : Make(labels, [count], options.LabelType, device));
    }

    private static string[] Names(CsvRows rows)
    {
        var names = new string[rows.Count];
        for (int i = 0; i < names.Length; i++)
            names[i] = rows[i].Trim().ToString();
        return names;
    }

    private static int LabelField(DataFile file, int? column, int fields)
    {
        if (column is not { } wanted)
            return -1;
        return wanted >= -fields && wanted < fields
            ? wanted < 0 ? wanted + fields : wanted
            : throw new DataFileException(file.Path, $"{fields} columns", $"a label in column {wanted}");
    }

    private static double Number(DataFile file, CsvRows rows, int field, string[] names, bool whole)
    {
        var text = rows[field];
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            && double.IsFinite(value)
            && (!whole || (value == Math.Floor(value) && Math.Abs(value) <= LargestWhole)))
        {
            return value;
        }

        string shown = text.Length > 40 ? $"{text[..40]}…" : text.ToString();
        string column = names.Length > 0 ? $"{field + 1} ({names[field]})" : $"{field + 1}";
        string wanted = whole ? "a whole number" : "a finite number";
        if (names.Length == 0 && rows.Line == 1)
            wanted += " (or HasHeader = true in CsvOptions, when the first row names the columns)";
        throw new DataFileException(file.Path, $"'{shown}' in line {rows.Line}, column {column}", wanted);
    }

    private static Tensor Make(List<double> values, Shape shape, DType dtype, Device? device) => dtype switch
    {
        DType.Float32 => Tensor.From<float>([.. values.Select(v => (float)v)], shape, device),
        DType.Float64 => Tensor.From<double>([.. values], shape, device),
        _ => Tensor.From<long>([.. values.Select(v => (long)v)], shape, device),
    };
}
