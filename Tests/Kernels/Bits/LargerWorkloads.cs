using MomentumCore.Kernels.Library;
using MomentumCore.Reversible;
using MomentumCore.Tests.Reversible;

namespace MomentumCore.Tests.Kernels.Bits;

/// <summary>Sizes that the examples of ops do not reach: several blocks, tiles of products and convolutions.</summary>
internal static class LargerWorkloads
{
    public static void Run(DType dtype, Device device)
    {
        Blocks(dtype);
        Watches(dtype);
        Products(dtype);
        Networks(dtype, device);
    }

    /// <summary>Kernels that launch a work item for each block of elements.</summary>
    private static void Blocks(DType dtype)
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Randn([20011], dtype);
        _ = x.Sum();
        _ = x.Max();
        _ = x.ArgMin(0);
        _ = Tensor.Randn([131, 17], dtype).Sum([0], false);
        _ = x.IndexSelect(0, Tensor.RandInt([523], 0, 20011));
        foreach (var kind in new[] { dtype, DType.Int32, DType.Int64 })
            _ = Tensor.RandInt([7], 0, 5).OneHot(5, kind);
        // Sums of floats go block by block; this is the kernel for integers in its float form.
        var sums = Tensor.Empty([3, 7], dtype, x.Device);
        if (dtype == DType.Float32)
            Reduction.SumPlain(x.Device, 21, x.View<float>(), sums.View<float>(), 11, 7);
        else
            Reduction.SumPlain(x.Device, 21, x.View<double>(), sums.View<double>(), 11, 7);
        foreach (var whole in new[] { DType.Int32, DType.Int64 })
        {
            _ = Tensor.Arange(0, 13, 2, whole);
            _ = Tensor.Linspace(0, 12, 5, whole);
            _ = Tensor.Eye(3, 5, whole);
            _ = Tensor.RandInt([5, 7], -9, 9, whole).Sum([1], false);
        }
    }

    /// <summary>Kernels that the CPU's networks call by a way of their own, or only after much else.</summary>
    private static void Watches(DType dtype)
    {
        using var scope = TensorScope.Begin();
        var x = Tensor.Randn([2003], dtype);
        var sums = Tensor.Empty([3 * Projection.Sums], DType.Float64, x.Device);
        if (dtype == DType.Float32)
            Projection.Of(x.Device, sums.Count, x.View<float>(), sums.View<double>(), 701, x.Count);
        else
            Projection.Of(x.Device, sums.Count, x.View<double>(), sums.View<double>(), 701, x.Count);
        LargestShares(dtype);
        var pieces = Tensor.Empty([3 * 11 * 2], DType.Float64, x.Device);
        var totals = Tensor.Empty([RowSketch.Sums * 5], DType.Float64, x.Device);
        if (dtype == DType.Float32)
            RowSketch.OfPieces(x.Device, 22, x.View<float>(), pieces.View<double>(), 191, 97, 61, x.Count, 11, 0);
        else
            RowSketch.OfPieces(x.Device, 22, x.View<double>(), pieces.View<double>(), 191, 97, 61, x.Count, 11, 0);
        RowSketch.OfRows(x.Device, 5, pieces.View<double>(), totals.View<double>(), 2, 11, 5, 3);
        var parts = Tensor.RandInt([37], -9, 99);
        var most = Tensor.Full([5], -1, DType.Int64);
        BitHash.Most(x.Device, 5, parts.View<long>(), most.View<long>(), 5, parts.Count);
    }

    /// <summary>The drift of rows, on the device that runs all kernels as they are.</summary>
    private static void LargestShares(DType dtype)
    {
        Tensor a = Tensor.Randn([17, 43], dtype), b = Tensor.Randn([17, 43], dtype), largest = Tensor.Zeros([51], dtype);
        var size = Tensor.Ones([51], dtype);
        var shares = Tensor.Zeros([5], dtype);
        var where = Tensor.Zeros([5], DType.Int32);
        if (dtype == DType.Float32)
        {
            Momentum.LargestDifference(a.Device, 51, a.View<float>(), b.View<float>(), largest.View<float>(), 16, 43);
            Momentum.LargestMagnitude(a.Device, 51, a.View<float>(), size.View<float>(), 16, 43);
            Momentum.LargestShare(
                a.Device, 5, largest.View<float>(), size.View<float>(), size.View<float>(), shares.View<float>(),
                where.View<int>(), 0.9f, 3, 17, 5);
        }
        else
        {
            Momentum.LargestDifference(a.Device, 51, a.View<double>(), b.View<double>(), largest.View<double>(), 16, 43);
            Momentum.LargestMagnitude(a.Device, 51, a.View<double>(), size.View<double>(), 16, 43);
            Momentum.LargestShare(
                a.Device, 5, largest.View<double>(), size.View<double>(), size.View<double>(), shares.View<double>(),
                where.View<int>(), 0.9, 3, 17, 5);
        }
    }

    private static void Products(DType dtype)
    {
        using var scope = TensorScope.Begin();
        foreach (var (rows, inner, columns) in new[] { (65, 33, 40), (3, 5, 7), (64, 64, 64), (1, 129, 1) })
            Backward(Random([rows, inner], dtype).MatMul(Random([inner, columns], dtype)));
        Backward(Random([9, 5, 3], dtype).MatMul(Random([9, 3, 4], dtype)));
        Backward(Random([37, 41], dtype).Linear(Random([29, 41], dtype), Random([29], dtype)));
        foreach (int groups in new[] { 1, 2 })
        {
            var x = Random([2, 40 * groups, 5, 5], dtype);
            Backward(x.Conv2d(Random([40 * groups, 40, 2, 3], dtype), Random([40 * groups], dtype), 1, 1, 1, groups));
            Backward(x.ConvTranspose2d(Random([40 * groups, 36, 2, 3], dtype), Random([36 * groups], dtype), groups: groups));
        }
    }

    private static void Networks(DType dtype, Device device)
    {
        foreach (var mode in Enum.GetValues<MemoryMode>())
        {
            using var scope = TensorScope.Begin();
            using var net = Nets.Deep(3, 0.5, mode, dtype: dtype);
            net.Verify = mode == MemoryMode.Exact;
            net.To(device);
            _ = Nets.Run(net, Nets.Random([5501, 3], 5, requiresGradient: true, dtype, device));
        }
    }

    private static Tensor Random(Shape shape, DType dtype)
    {
        var x = Tensor.Randn(shape, dtype);
        x.RequiresGradient = true;
        return x;
    }

    private static void Backward(Tensor y) => (y * y).Sum().Backward();
}
