using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Benchmarks;

/// <summary>Matrix products on the first OpenCL device: in tiles with shared memory, and one work item for each element.</summary>
public class DeviceProductBenchmarks
{
    private readonly Device _device = Device.OpenCl();
    private TileShape _tile;
    private ProductShape _shape;
    private ArrayView<float> _left;
    private ArrayView<float> _right;
    private ArrayView<float> _result;

    /// <summary>The sizes.</summary>
    public static IEnumerable<MatMulSize> Sizes =>
        [new("square", 1024, 1024, 1024), new("dense layer", 256, 2048, 512, TurnRight: true), new("weights", 2048, 512, 256, TurnLeft: true)];

    /// <summary>The size of this run.</summary>
    [ParamsSource(nameof(Sizes))]
    public MatMulSize Size { get; set; } = null!; // Set before any run.

    /// <summary>Makes the factors.</summary>
    [GlobalSetup]
    public void Prepare()
    {
        var left = new MatrixLayout(Size.Rows, Size.Inner, Size.TurnLeft ? 1 : Size.Inner, Size.TurnLeft ? Size.Rows : 1);
        var right = new MatrixLayout(Size.Inner, Size.Columns, Size.TurnRight ? 1 : Size.Columns, Size.TurnRight ? Size.Inner : 1);
        _tile = ProductTiles.Choose(_device, Size.Rows, Size.Columns) ?? TileShape.All[0];
        _shape = ProductTiles.Shape(_tile, left, right, StridedLayout.Create([1], [0], [0], [0]), hasBias: false);
        _left = Fill(Size.Rows * Size.Inner);
        _right = Fill(Size.Inner * Size.Columns);
        _result = Fill(Size.Rows * Size.Columns);
    }

    /// <summary>In tiles.</summary>
    [Benchmark]
    public void Tiled()
    {
        var config = ProductTiles.Config(_tile, Size.Rows, Size.Columns, 1);
        TiledProducts.Multiply(_device, config, _left, _right, _result, _result, _shape);
        _device.Synchronize();
    }

    /// <summary>The plain kernel.</summary>
    [Benchmark(Baseline = true)]
    public void Plain()
    {
        MatMul.Multiply(
            _device, Size.Rows * Size.Columns, _left, _right, _result, Size.Columns, Size.Inner,
            _shape.LeftRow, _shape.LeftColumn, _shape.RightRow, _shape.RightColumn);
        _device.Synchronize();
    }

    private ArrayView<float> Fill(int count)
    {
        var random = new Random(count);
        float[] values = [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        var buffer = _device.Allocate(count * sizeof(float));
        _device.Upload(MemoryMarshal.AsBytes(values.AsSpan()), buffer, 0);
        return buffer.View<float>(0, count);
    }
}
