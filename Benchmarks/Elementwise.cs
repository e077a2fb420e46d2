using System.Numerics.Tensors;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Benchmarks;

/// <summary>The vector loops that the kernel compiler writes against TensorPrimitives, both on one thread.</summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public unsafe class Elementwise
{
    private readonly CpuDevice _oneThread = new(1);
    private float[] _x = [];
    private float[] _y = [];
    private float[] _z = [];

    /// <summary>Elements of each operand: beyond every cache, and within the second.</summary>
    [Params(16 << 20, 16 << 10)]
    public int Count { get; set; }

    /// <summary>Fills the operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        // Pinned: the views hold their addresses.
        _x = GC.AllocateArray<float>(Count, pinned: true);
        _y = GC.AllocateArray<float>(Count, pinned: true);
        _z = GC.AllocateArray<float>(Count, pinned: true);
        for (int i = 0; i < Count; i++)
            (_x[i], _y[i]) = ((6 * random.NextSingle()) - 3, random.NextSingle());
    }

    /// <summary>z = x + y.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("add")]
    public void AddPrimitives() => TensorPrimitives.Add(_x, _y, _z);

    /// <summary>z = x + y.</summary>
    [Benchmark, BenchmarkCategory("add")]
    public void AddKernel() => Arithmetic.Add(_oneThread, Count, View(_x), View(_y), View(_z));

    /// <summary>z = e^x.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("exp")]
    public void ExpPrimitives() => TensorPrimitives.Exp<float>(_x, _z);

    /// <summary>z = e^x.</summary>
    [Benchmark, BenchmarkCategory("exp")]
    public void ExpKernel() => Arithmetic.Exp(_oneThread, Count, View(_x), View(_z));

    /// <summary>z = tanh x.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("tanh")]
    public void TanhPrimitives() => TensorPrimitives.Tanh<float>(_x, _z);

    /// <summary>z = tanh x.</summary>
    [Benchmark, BenchmarkCategory("tanh")]
    public void TanhKernel() => Activations.Tanh(_oneThread, Count, View(_x), View(_z));

    /// <summary>The tanh form of gelu from primitives, one pass for each step.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("gelu")]
    public void GeluPrimitives()
    {
        TensorPrimitives.Multiply<float>(_x, _x, _z);
        TensorPrimitives.Multiply<float>(_z, 0.044715f, _z);
        TensorPrimitives.Add<float>(_z, 1f, _z);
        TensorPrimitives.Multiply<float>(_z, _x, _z);
        TensorPrimitives.Multiply<float>(_z, 0.79788456f, _z);
        TensorPrimitives.Tanh<float>(_z, _z);
        TensorPrimitives.Add<float>(_z, 1f, _z);
        TensorPrimitives.Multiply<float>(_z, _x, _z);
        TensorPrimitives.Multiply<float>(_z, 0.5f, _z);
    }

    /// <summary>The tanh form of gelu.</summary>
    [Benchmark, BenchmarkCategory("gelu")]
    public void GeluKernel() => Activations.GeluTanh(_oneThread, Count, View(_x), View(_z));

    /// <summary>The exact form of gelu, which has no counterpart.</summary>
    [Benchmark, BenchmarkCategory("gelu")]
    public void GeluExactKernel() => Activations.GeluExact(_oneThread, Count, View(_x), View(_z));

    private static ArrayView<float> View(float[] values) =>
        new((float*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(values, 0), values.Length);
}
