using System.Globalization;

namespace MomentumCore.Samples;

/// <summary>Writes quantities the way people read them, always with a unit.</summary>
internal static class Quantity
{
    private const double Mebi = 1024 * 1024;

    /// <summary>Bytes as MiB, with the digits that matter.</summary>
    public static string Bytes(long bytes) =>
        bytes >= 1024 * Mebi ? $"{Number(bytes / (1024 * Mebi))} GiB"
        : bytes >= Mebi ? $"{Number(bytes / Mebi)} MiB"
        : bytes >= 1024 ? $"{Number(bytes / 1024.0)} KiB"
        : $"{bytes} B";

    /// <summary>Reads a size such as 200MB, 1.5GiB or 4096B; null for anything else, and for nothing or less.</summary>
    public static long? ParseBytes(string text)
    {
        string digits = text.TrimEnd([.. "kKmMgGiIbB "]);
        double? unit = text[digits.Length..].Trim().ToUpperInvariant() switch
        {
            "" or "B" => 1,
            "KB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "KIB" => 1024,
            "MIB" => Mebi,
            "GIB" => 1024 * Mebi,
            _ => null,
        };
        bool isNumber = double.TryParse(
            digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number);
        double? bytes = isNumber ? Math.Floor(number * unit ?? 0) : null;
        return bytes is >= 1 and < 9e18 ? (long)bytes : null;
    }

    /// <summary>Bytes in MiB as a number.</summary>
    public static double Mebibytes(long bytes) => bytes / Mebi;

    /// <summary>A short or a long time.</summary>
    public static string Time(TimeSpan time) =>
        time.TotalMilliseconds < 1 ? $"{Number(time.TotalMicroseconds)} µs"
        : time.TotalSeconds < 1 ? $"{Number(time.TotalMilliseconds)} ms"
        : time.TotalSeconds < 60 ? $"{Number(time.TotalSeconds)} s"
        : time.TotalHours < 1 ? $"{(int)time.TotalMinutes} min {time.Seconds:00} s"
        : $"{(int)time.TotalHours} h {time.Minutes:00} min";

    /// <summary>A time given in milliseconds.</summary>
    public static string Milliseconds(double milliseconds) => Time(TimeSpan.FromMilliseconds(milliseconds));

    /// <summary>A share as a percentage with two decimals.</summary>
    public static string Percent(double share) => $"{(100 * share).ToString("0.00", CultureInfo.InvariantCulture)} %";

    /// <summary>A number of things, as in "1 epoch" and "8 epochs".</summary>
    public static string Count(int count, string thing) =>
        $"{count.ToString("#,0", CultureInfo.InvariantCulture)} {thing}{(count == 1 ? "" : "s")}";

    /// <summary>Three digits that matter, no exponent.</summary>
    public static string Number(double value) =>
        value.ToString(
            Math.Abs(value) switch { >= 100 => "#,0", >= 10 => "0.0", >= 0.1 or 0 => "0.00", _ => "0.0000" },
            CultureInfo.InvariantCulture);
}
