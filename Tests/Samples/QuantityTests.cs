using MomentumCore.Samples;

namespace MomentumCore.Tests.Samples;

/// <summary>How numbers are written for people.</summary>
public sealed class QuantityTests
{
    [TestCase(0, "0 B")]
    [TestCase(1023, "1023 B")]
    [TestCase(1536, "1.50 KiB")]
    [TestCase(3 * 1024 * 1024, "3.00 MiB")]
    [TestCase(250L * 1024 * 1024, "250 MiB")]
    [TestCase(5L * 1024 * 1024 * 1024, "5.00 GiB")]
    public void Bytes_have_a_unit_and_three_digits(long bytes, string text) =>
        Assert.That(Quantity.Bytes(bytes), Is.EqualTo(text));

    [TestCase(0.0005, "0.50 µs")]
    [TestCase(12.34, "12.3 ms")]
    [TestCase(2500, "2.50 s")]
    [TestCase(61_000, "1 min 01 s")]
    [TestCase(3_720_000, "1 h 02 min")]
    public void Times_have_the_unit_that_fits(double milliseconds, string text) =>
        Assert.That(Quantity.Milliseconds(milliseconds), Is.EqualTo(text));

    [TestCase(1, "1 epoch")]
    [TestCase(8000, "8,000 epochs")]
    public void One_thing_is_singular(int count, string text) =>
        Assert.That(Quantity.Count(count, "epoch"), Is.EqualTo(text));

    [TestCase("200MB", 200_000_000)]
    [TestCase("1.5GiB", 1536L * 1024 * 1024)]
    [TestCase("64 kib", 65536)]
    [TestCase("4096", 4096)]
    [TestCase("7B", 7)]
    [TestCase("0.5KB", 500)]
    [TestCase("0.1B", null)]
    [TestCase("0", null)]
    [TestCase("", null)]
    [TestCase("MB", null)]
    [TestCase("-1MB", null)]
    [TestCase("1,000", null)]
    [TestCase("1e3", null)]
    [TestCase("NaN", null)]
    [TestCase("5 apples", null)]
    [TestCase("9999999999GiB", null)]
    public void Sizes_are_read_with_their_units(string text, long? bytes) =>
        Assert.That(Quantity.ParseBytes(text), Is.EqualTo(bytes));
}
