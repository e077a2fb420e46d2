using MomentumCore.Tests.Support;

namespace MomentumCore.Tests.Engine.Ops;

/// <summary>Conversions between element types and devices: every bit pattern, the edges, the derivative.</summary>
[TestFixture]
internal sealed class ConversionTests
{
    private static readonly float[] Edges =
    [
        0f, -0f, 1f, -1f, 65504f, 65519.99f, 65520f, 1e10f, float.Epsilon, 5.9604645e-8f, 2.9802322e-8f, 2.9802326e-8f,
        6.1035156e-5f, 6.097555e-5f, 6.1005354e-5f, 1.0004883f, 1.0014648f, 3.3895314e38f, float.MaxValue,
        float.PositiveInfinity,
        float.NegativeInfinity, float.NaN,
    ];

    [Test]
    public void Every_Float16_becomes_the_float_that_CSharp_makes_of_it_and_back()
    {
        using var scope = TensorScope.Begin();
        Half[] halves = [.. Enumerable.Range(0, 65536).Select(bits => BitConverter.UInt16BitsToHalf((ushort)bits))];
        var floats = Tensor.From(halves).To(DType.Float32);
        Assert.That(floats.ToArray<float>(), Is.EqualTo(halves.Select(h => (float)h).ToArray()));
        Assert.That(floats.To(DType.Float16).ToArray<Half>(), Is.EqualTo(halves));
    }

    [Test]
    public void Every_BFloat16_becomes_a_float_and_back()
    {
        using var scope = TensorScope.Begin();
        BFloat16[] brains = [.. Enumerable.Range(0, 65536).Select(bits => new BFloat16((ushort)bits))];
        var floats = Tensor.From(brains).To(DType.Float32);
        Assert.That(floats.ToArray<float>(), Is.EqualTo(brains.Select(b => (float)b).ToArray()));
        var back = floats.To(DType.BFloat16).ToArray<BFloat16>();
        Assert.That(back.Where(b => !float.IsNaN((float)b)), Is.EqualTo(brains.Where(b => !float.IsNaN((float)b))));
    }

    [Test]
    public void Floats_round_to_16_bits_as_in_CSharp_at_the_edges_and_at_random()
    {
        using var scope = TensorScope.Begin();
        var random = new System.Random(1);
        float[] values = [.. Edges, .. Edges.Select(e => -e), .. Enumerable.Range(0, 20_000).Select(_ =>
            (float)((random.NextDouble() - 0.5) * Math.Pow(2, random.Next(-30, 18))))];
        var x = Tensor.From(values);
        Assert.That(x.To(DType.Float16).ToArray<Half>(), Is.EqualTo(values.Select(v => (Half)v).ToArray()));
        Assert.That(
            x.To(DType.BFloat16).ToArray<BFloat16>().Select(b => b.Bits),
            Is.EqualTo(values.Select(v => ((BFloat16)v).Bits)));
    }

    [Test]
    public void Floats_become_integers_by_cutting_off_and_saturating()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(2.9, -2.9, 1e20, -1e20, double.NaN);
        Assert.That(x.To(DType.Int32).ToArray<int>(), Is.EqualTo(new[] { 2, -2, int.MaxValue, int.MinValue, 0 }));
        Assert.That(x.To(DType.Int64).ToArray<long>(), Is.EqualTo(new[] { 2, -2, long.MaxValue, long.MinValue, 0 }));
    }

    [Test]
    public void All_pairs_of_types_convert_small_integers_exactly(
        [Values] DType from, [Values] DType to)
    {
        using var scope = TensorScope.Begin();
        double[] values = [0, 1, -7, 100];
        var x = Tensor.From(values).To(from);
        Assert.That(x.To(to).Values(), Is.EqualTo(values));
        Assert.That(x.To(from), Is.SameAs(x));
    }

    [Test]
    public void The_derivative_of_a_conversion_converts_back()
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.From(1.5f, -2f);
        x.RequiresGradient = true;
        var y = x.To(DType.Float64).Square();
        Assert.That(y.DType, Is.EqualTo(DType.Float64));
        y.Sum().Backward();
        Assert.That(x.Gradient!.ToArray<float>(), Is.EqualTo(new[] { 3f, -4f }));
    }

    [Test]
    public void A_tensor_moves_to_another_device_and_its_gradient_comes_back()
    {
        using var scope = TensorScope.Begin();
        var other = new CpuDevice(1);
        var x = Tensor.From(1.5f, -2f);
        x.RequiresGradient = true;
        var y = x.To(other);
        Assert.That(y.Device, Is.SameAs(other));
        y.Square().Sum().Backward();
        Assert.That(x.Gradient!.Device, Is.SameAs(x.Device));
        Assert.That(x.Gradient.ToArray<float>(), Is.EqualTo(new[] { 3f, -4f }));
        Assert.That(x.To(x.Device), Is.SameAs(x));
    }
}
