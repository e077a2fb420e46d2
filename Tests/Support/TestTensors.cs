namespace MomentumCore.Tests.Support;

/// <summary>Moves values between the tests' plain arrays and tensors.</summary>
internal static class TestTensors
{
    public static Tensor Make(double[] values, Shape shape, DType dtype, Device? device = null) => dtype switch
    {
        DType.Float32 => Tensor.From([.. values.Select(v => (float)v)], shape, device),
        DType.Float64 => Tensor.From(values, shape, device),
        DType.Int32 => Tensor.From([.. values.Select(v => (int)v)], shape, device),
        DType.Int64 => Tensor.From([.. values.Select(v => (long)v)], shape, device),
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, null),
    };

    /// <summary>The same values, but lying in memory with the axes in reverse order and a gap before them.</summary>
    public static Tensor MakeNonContiguous(double[] values, Shape shape, DType dtype, Device? device = null)
    {
        int rank = shape.Rank;
        if (rank == 0 || shape.ElementCount == 0)
            return Make(values, shape, dtype, device);
        // Memory order: axes reversed, and the (new) last axis twice as long, so that even a vector has gaps.
        int[] reversed = [.. shape.Reverse()];
        int[] memory = [.. reversed];
        memory[^1] *= 2;
        var plain = new NdArray([.. shape], values);
        var wide = NdArray.From(memory, index =>
        {
            if (index[^1] % 2 == 1)
                return 0;
            int[] logical = [.. index];
            logical[^1] /= 2;
            return plain[[.. logical.Reverse()]];
        });
        using var owner = Make(wide.Data, memory, dtype, device);
        long[] strides = [.. owner.Strides.ToArray().Reverse()];
        strides[0] *= 2;
        return owner.Alias(shape, strides, 0);
    }

    public static double[] Values(this Tensor tensor) => tensor.DType switch
    {
        DType.Float32 => [.. tensor.ToArray<float>().Select(v => (double)v)],
        DType.Float64 => tensor.ToArray<double>(),
        DType.Int32 => [.. tensor.ToArray<int>().Select(v => (double)v)],
        DType.Int64 => [.. tensor.ToArray<long>().Select(v => (double)v)],
        DType.Float16 => [.. tensor.ToArray<Half>().Select(v => (double)v)],
        _ => [.. tensor.ToArray<BFloat16>().Select(v => (double)(float)v)],
    };

    /// <summary>Every element within absolute + relative tolerance; NaN equals NaN.</summary>
    public static void AssertClose(double[] actual, double[] expected, double relative, double absolute, string what)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), what);
        for (int i = 0; i < actual.Length; i++)
        {
            bool same = actual[i].Equals(expected[i])
                || Math.Abs(actual[i] - expected[i]) <= absolute + (relative * Math.Abs(expected[i]));
            if (!same)
                Assert.Fail($"{what}: element {i} is {actual[i]:G9}, expected {expected[i]:G9}.");
        }
    }
}
