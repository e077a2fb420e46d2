using System.Globalization;
using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>Checks and prints the settings that layers share.</summary>
internal static class Settings
{
    /// <summary>Both numbers are at least <paramref name="least"/>.</summary>
    public static Size2D AtLeast(int least, Size2D size, string layer, string name) =>
        size.Height >= least && size.Width >= least
            ? size
            : throw new ArgumentOutOfRangeException(name, $"{layer}: {name} must be {least} or more; got {size}.");

    /// <summary>A padding is 0 or more and at most half of the kernel, so that no window lies in it whole.</summary>
    public static Size2D HalfOf(Size2D kernel, Size2D padding, string layer) =>
        padding.Height >= 0 && padding.Height <= kernel.Height / 2
            && padding.Width >= 0 && padding.Width <= kernel.Width / 2
            ? padding
            : throw new ArgumentOutOfRangeException(
                nameof(padding),
                $"{layer}: padding must be 0 or more and at most half of the kernel {kernel}; got {padding}.");

    /// <summary>The number is at least <paramref name="least"/>.</summary>
    public static int AtLeast(int least, int number, string layer, string name) =>
        number >= least
            ? number
            : throw new ArgumentOutOfRangeException(name, $"{layer}: {name} must be {least} or more; got {number}.");

    /// <summary>The number lies in [0, 1].</summary>
    public static double Fraction(double number, string layer, string name) =>
        number is >= 0 and <= 1
            ? number
            : throw new ArgumentOutOfRangeException(name, $"{layer}: {name} must lie in [0, 1]; got {Text(number)}.");

    /// <summary>The number is above 0 and finite.</summary>
    public static double Positive(double number, string layer, string name) =>
        number > 0 && double.IsFinite(number)
            ? number
            : throw new ArgumentOutOfRangeException(name, $"{layer}: {name} must be above 0; got {Text(number)}.");

    /// <summary>The channels fall into equal groups.</summary>
    public static void Divides(int groups, int channels, string layer, string channelName)
    {
        if (channels % groups != 0)
        {
            throw new ArgumentException(
                $"{layer}: {channelName} ({channels}) must be a multiple of groups ({groups}).", channelName);
        }
    }

    /// <summary>As C# writes it.</summary>
    public static string Text(bool value) => value ? "true" : "false";

    /// <summary>As C# writes it.</summary>
    public static string Text(double value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>One number where both are equal.</summary>
    public static string Text(Size2D size) =>
        size.Height == size.Width ? size.Height.ToString(CultureInfo.InvariantCulture) : size.ToString();
}
