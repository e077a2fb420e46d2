using MomentumCore.Engine;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Samples;

/// <summary>
/// Kernels that run as a part of much else, or not on every device: launched by themselves, to time them.
/// </summary>
internal static class KernelLaunches
{
    private const int Count = 1 << 20;
    private const int Block = 1 << 12;
    private const int Items = 256;
    private const int Bits = 3;
    private const int Word = 32;

    /// <summary>One scene for each family.</summary>
    public static IReadOnlyList<KernelScene> All { get; } =
    [
        new("a million indices", ["Indexing.CheckRange"], device =>
        {
            var index = Whole(Count);
            Indexing.CheckRange(
                device, Count / Block, index.View<long>(), Whole(Count).View<long>(),
                Tensor.Zeros([Count / Block], DType.Int32).View<int>(), Block, Count, 10, -1);
        }),
        new("4096 rows of 256", ["Softmax.Normalizers", "MatMul.AddBias"], device =>
        {
            var x = Tensor.Ones([4096, 256]);
            Softmax.Normalizers(device, 4096, x.View<float>(), Tensor.Zeros([4096]).View<float>(), 256, 1);
            MatMul.AddBias(device, x.Count, Tensor.Ones([256]).View<float>(), x.View<float>(), 256);
        }),
        new("8 images of 32 channels, 64 × 64", ["Convolution.AddBias"], device =>
        {
            var x = Tensor.Ones([8, 32, 64, 64]);
            Convolution.AddBias(device, x.Count, Tensor.Ones([32]).View<float>(), x.View<float>(), 32, 64 * 64);
        }),
        new("the bits of a million numbers", ["BitHash.Of32", "BitHash.Of64", "BitHash.Sum", "BitHash.Most"], device =>
        {
            var parts = Whole(Items);
            BitHash.Of32(
                device, Items, Tensor.Ones([Count], DType.Int32).View<int>(), parts.View<long>(), Items, Count);
            BitHash.Of64(device, Items, Whole(Count).View<long>(), parts.View<long>(), Items, Count);
            BitHash.Total(device, parts.View<long>(), Whole(1).View<long>());
            BitHash.Largest(device, parts.View<long>(), Whole(1).View<long>());
        }),
        new("a million elements", ["Momentum.LargestDifference", "Momentum.LargestMagnitude", "Projection.Of"], device =>
        {
            var (a, b) = (Tensor.Ones([Count]), Tensor.Zeros([Count]));
            const int Blocks = Count / Block;
            var largest = Tensor.Zeros([Blocks]).View<float>();
            Momentum.LargestDifference(device, Blocks, a.View<float>(), b.View<float>(), largest, Block, Count);
            Momentum.LargestMagnitude(device, Blocks, a.View<float>(), largest, Block, Count);
            var sums = Tensor.Zeros([Blocks * Projection.Sums], DType.Float64);
            Projection.Of(device, sums.Count, a.View<float>(), sums.View<double>(), Block, Count);
        }),
        new("1024 rows of 1024", ["RowSketch.OfPieces", "RowSketch.OfRows", "Momentum.LargestShare"], device =>
        {
            const int Rows = 1 << 10;
            const int Pieces = Rows / RowSketch.Piece;
            var parts = Tensor.Zeros([RowSketch.PieceSums * Rows * Pieces], DType.Float64).View<double>();
            RowSketch.OfPieces(
                device, Rows * Pieces, Tensor.Ones([Rows * Rows]).View<float>(), parts, Rows, RowSketch.Piece,
                RowSketch.Piece, Rows * Rows, Rows, 0);
            var totals = Tensor.Zeros([RowSketch.Sums * Items], DType.Float64);
            RowSketch.OfRows(device, Items, parts, totals.View<double>(), Pieces, Rows, Items, 0);
            var largest = Tensor.Ones([Rows * Pieces]).View<float>();
            Momentum.LargestShare(
                device, Items, largest, largest, largest, Tensor.Zeros([Items]).View<float>(),
                Tensor.Zeros([Items], DType.Int32).View<int>(), 0.9f, Pieces, Rows, Items);
        }),
        new("low bits of a million codes", ["MomentumGrid.Pack", "MomentumGrid.Unpack", "MomentumGrid.Worst"], device =>
        {
            var (x, w, planes) = (Tensor.Ones([Count]).View<float>(), Tensor.Ones([Count], DType.Int32).View<int>(), Planes());
            MomentumGrid.Pack(device, Count / Word, x, w, planes.View<int>(), Count / Word, Bits, Count);
            MomentumGrid.Unpack(device, Count, w, planes.View<int>(), Count / Word, Bits);
            MomentumGrid.Worst(device, Items, x, w, Whole(Items).View<long>(), Items, Count);
        }),
        new(
            "low bits of a million wide codes",
            ["MomentumGridWide.Pack", "MomentumGridWide.Unpack", "MomentumGridWide.Worst"],
            device =>
            {
                var (x, w, planes) = (Tensor.Ones([Count], DType.Float64).View<double>(), Whole(Count).View<long>(), Planes());
                MomentumGridWide.Pack(device, Count / Word, x, w, planes.View<int>(), Count / Word, Bits, Count);
                MomentumGridWide.Unpack(device, Count, w, planes.View<int>(), Count / Word, Bits);
                MomentumGridWide.Worst(device, Items, x, w, Whole(Items).View<long>(), Items, Count);
            }),
    ];

    private static Tensor Planes() => Tensor.Zeros([Bits * (Count / Word)], DType.Int32);

    private static Tensor Whole(int count) => Tensor.Ones([count], DType.Int64);
}
