namespace MomentumCore.Tests.Engine;

/// <summary>What a tensor prints: header, alignment, shortening.</summary>
[TestFixture]
internal sealed class PrintingTests
{
    [Test]
    public void Columns_are_aligned_and_decimals_are_as_few_as_show_every_value() =>
        AssertPrints(
            () => Tensor.From([1f, 2.5f, -3f, 4f, 500f, 6.25f], [2, 3]),
            """
            Tensor Float32 [2, 3]
            [[  1.00,   2.50,  -3.00],
             [  4.00, 500.00,   6.25]]
            """);

    [Test]
    public void Whole_numbers_and_integers_have_no_decimals()
    {
        AssertPrints(() => Tensor.From(1f, -20f), "Tensor Float32 [2]\n[  1, -20]");
        AssertPrints(
            () => Tensor.From(long.MaxValue, 0),
            "Tensor Int64 [2]\n[9223372036854775807,                   0]");
    }

    [Test]
    public void No_more_than_four_decimals_are_shown() =>
        AssertPrints(() => Tensor.From(1 / 3.0, 0.1f), "Tensor Float64 [2]\n[0.3333, 0.1000]");

    [Test]
    public void Very_large_and_very_small_values_show_powers_of_ten() =>
        AssertPrints(() => Tensor.From(1e-6, -2), "Tensor Float64 [2]\n[ 1.0000e-06, -2.0000e+00]");

    [Test]
    public void NaN_and_infinity_are_named() =>
        AssertPrints(
            () => Tensor.From(double.NaN, double.NegativeInfinity, 1),
            "Tensor Float64 [3]\n[      NaN, -Infinity,         1]");

    [Test]
    public void A_scalar_shows_all_its_digits()
    {
        AssertPrints(() => Tensor.Scalar(0.1), "Tensor Float32 []: 0.1");
        AssertPrints(() => Tensor.Scalar(0.1, DType.Float64), "Tensor Float64 []: 0.1");
        AssertPrints(() => Tensor.Scalar(7, DType.Int32), "Tensor Int32 []: 7");
        AssertPrints(() => Tensor.Scalar(0.1, DType.Float16), "Tensor Float16 []: 0.0999755859375");
    }

    [Test]
    public void Matrices_of_matrices_are_set_apart_by_an_empty_line() =>
        AssertPrints(
            () => Tensor.Arange(0, 8, dtype: DType.Int32).Reshape(2, 2, 2),
            """
            Tensor Int32 [2, 2, 2]
            [[[0, 1],
              [2, 3]],

             [[4, 5],
              [6, 7]]]
            """);

    [Test]
    public void A_large_tensor_shows_the_ends_of_each_axis() =>
        AssertPrints(
            () => Tensor.Arange(0, 2500).Reshape(50, 50),
            """
            Tensor Float32 [50, 50]
            [[   0,    1,    2, …,   47,   48,   49],
             [  50,   51,   52, …,   97,   98,   99],
             [ 100,  101,  102, …,  147,  148,  149],
             …,
             [2350, 2351, 2352, …, 2397, 2398, 2399],
             [2400, 2401, 2402, …, 2447, 2448, 2449],
             [2450, 2451, 2452, …, 2497, 2498, 2499]]
            """);

    [Test]
    public void Only_long_axes_of_a_large_tensor_are_shortened() =>
        AssertPrints(
            () => Tensor.Arange(0, 2002, dtype: DType.Int64).Reshape(2, 1001),
            """
            Tensor Int64 [2, 1001]
            [[   0,    1,    2, …,  998,  999, 1000],
             [1001, 1002, 1003, …, 1999, 2000, 2001]]
            """);

    [Test]
    public void A_long_row_is_wrapped_below_its_bracket()
    {
        using var scope = TensorScope.Begin();
        string[] lines = Tensor.Arange(0, 60, dtype: DType.Int32).Reshape(2, 30).ToString().Split('\n');
        Assert.That(lines, Has.Length.EqualTo(5));
        Assert.That(lines.Max(line => line.TrimEnd().Length), Is.InRange(90, 100));
        Assert.That(lines[1], Does.StartWith("[[ 0,  1,"));
        Assert.That(lines[2], Does.StartWith("  2"));
        Assert.That(lines[3], Does.StartWith(" [30, 31,"));
    }

    [Test]
    public void Views_without_elements_freed_and_recorded_tensors_say_what_they_are()
    {
        AssertPrints(() => Tensor.Zeros([0, 3]), "Tensor Float32 [0, 3]: no elements");
        AssertPrints(
            () => Tensor.From([1, 2, 3, 4], [2, 2]).Transpose(0, 1),
            "Tensor Int32 [2, 2]\n[[1, 3],\n [2, 4]]");
        var x = Tensor.From(1.5f);
        x.RequiresGradient = true;
        Assert.That(x.ToString(), Does.StartWith("Tensor Float32 [1], requires gradient"));
        x.Dispose();
        Assert.That(x.ToString(), Is.EqualTo("Tensor Float32 [1] (freed)"));
    }

    [TestCase(DType.Float16)]
    [TestCase(DType.BFloat16)]
    public void The_16_bit_types_print_like_the_others_even_when_large(DType dtype)
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Full([40, 40], 0.5, dtype);
        Assert.That(
            x.ToString(),
            Does.StartWith($"Tensor {dtype} [40, 40]").And.Contain("[0.5, 0.5, 0.5, …, 0.5, 0.5, 0.5]"));
    }

    [Test]
    public void Printing_leaves_nothing_behind()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Zeros([2000]);
        x.RequiresGradient = true;
        int before = scope.Count;
        _ = x.ToString();
        Assert.That(scope.Count, Is.EqualTo(before));
    }

    private static void AssertPrints(Func<Tensor> make, string expected)
    {
        using var scope = TensorScope.Begin();
        Assert.That(make().ToString().ReplaceLineEndings("\n"), Is.EqualTo(expected.ReplaceLineEndings("\n")));
    }
}
