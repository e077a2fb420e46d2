using System.Text.RegularExpressions;
using MomentumCore.Tests.House;

namespace MomentumCore.Tests.Kernels;

/// <summary>
/// The kernels of exact mode stand there twice, in 32 and in 64 bits, because some of their whole numbers widen with the
/// floats and others do not: here is all that differs.
/// </summary>
[TestFixture]
internal sealed partial class WideGridTests
{
    private static readonly string[] Differing =
    [
        "private const real Most = 2147483136;",
        "sum = sum + BitHash.Scrambled((ulong)Interop.FloatAsInt(next.X), k);",
        "hash = hash + BitHash.Scrambled((ulong)Interop.FloatAsInt(position), k);",
        "word = word | (((w[start + k] >> b) & 1) << k);",
        "low = low | (((planes[(b * words) + word] >> place) & 1) << b);",
        "((whole)(65536 - ((code >> 16) & 65535)) << 16) | (whole)((code & 32767) << 1) | (whole)((code >> 15) & 1);",
        "(number << 16) | (what << 15) | (whole)(Interop.FloatAsInt(size) >> 16);",
    ];

    [Test]
    public void The_wide_kernels_say_what_the_narrow_ones_say_but_for_a_few_lines()
    {
        string[] narrow = Lines("MomentumGrid.cs"), wide = Lines("MomentumGridWide.cs");
        Assert.That(wide, Has.Length.EqualTo(narrow.Length));
        Assert.That(narrow.Zip(wide).Where(l => l.First != l.Second).Select(l => l.First), Is.EqualTo(Differing));
    }

    [Test]
    public void The_wide_launches_are_the_narrow_ones() =>
        Assert.That(Lines("MomentumGridWideLaunch.cs"), Is.EqualTo(Lines("MomentumGridLaunch.cs")));

    /// <summary>The code without comments, and with one name for both widths.</summary>
    private static string[] Lines(string file)
    {
        string text = File.ReadAllText(Path.Combine(Repository.Root, "Kernels", "Library", file));
        text = Whole().Replace(text, "whole");
        text = Real().Replace(text, "real").Replace("MathF.", "Math.", StringComparison.Ordinal);
        text = Number().Replace(text, "${digits}").Replace("MomentumGridWide", "MomentumGrid", StringComparison.Ordinal)
            .Replace("Float64", "Float32", StringComparison.Ordinal);
        return [.. text.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && !l.StartsWith("//", StringComparison.Ordinal))];
    }

    [GeneratedRegex(@"\b(int|long)\b")]
    private static partial Regex Whole();

    [GeneratedRegex(@"\b(float|double)\b")]
    private static partial Regex Real();

    [GeneratedRegex(@"\b(?<digits>\d+)(\.0|f|d|L)\b")]
    private static partial Regex Number();
}
