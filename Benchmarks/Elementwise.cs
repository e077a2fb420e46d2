using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;
using MomentumCore.Kernels.Library;

namespace MomentumCore.Benchmarks;

/// <summary>The vector loops that the kernel compiler writes against TensorPrimitives, which runs on one thread.</summary>
[MedianColumn]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public unsafe class Elementwise
{
    private CpuDevice _cpu = null!; // made in Setup
    private float* _x;
    private float* _y;
    private float* _z;

    /// <summary>Elements of each operand.</summary>
    [Params(16 << 20)]
    public int Count { get; set; }

    /// <summary>Threads of the kernels.</summary>
    [Params(1, 2)]
    public int Threads { get; set; }

    /// <summary>Fills the operands.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _cpu = new CpuDevice(Threads);
        var random = new Random(1);
        // At the start of a cache line, as tensors are.
        _x = Allocate();
        _y = Allocate();
        _z = Allocate();
        for (int i = 0; i < Count; i++)
            (_x[i], _y[i]) = ((6 * random.NextSingle()) - 3, random.NextSingle());
    }

    /// <summary>Frees the operands.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        NativeMemory.AlignedFree(_x);
        NativeMemory.AlignedFree(_y);
        NativeMemory.AlignedFree(_z);
    }

    /// <summary>z = x + y.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("add")]
    public void AddPrimitives() => TensorPrimitives.Add(Span(_x), Span(_y), Span(_z));

    /// <summary>z = x + y.</summary>
    [Benchmark, BenchmarkCategory("add")]
    public void AddKernel() => Arithmetic.Add(_cpu, Count, View(_x), View(_y), View(_z));

    /// <summary>z = √y.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("sqrt")]
    public void SqrtPrimitives() => TensorPrimitives.Sqrt<float>(Span(_y), Span(_z));

    /// <summary>z = √y.</summary>
    [Benchmark, BenchmarkCategory("sqrt")]
    public void SqrtKernel() => Arithmetic.Sqrt(_cpu, Count, View(_y), View(_z));

    /// <summary>z = log y.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("log")]
    public void LogPrimitives() => TensorPrimitives.Log<float>(Span(_y), Span(_z));

    /// <summary>z = log y.</summary>
    [Benchmark, BenchmarkCategory("log")]
    public void LogKernel() => Arithmetic.Log(_cpu, Count, View(_y), View(_z));

    /// <summary>z = sin x.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("sin")]
    public void SinPrimitives() => TensorPrimitives.Sin<float>(Span(_x), Span(_z));

    /// <summary>z = sin x.</summary>
    [Benchmark, BenchmarkCategory("sin")]
    public void SinKernel() => Arithmetic.Sin(_cpu, Count, View(_x), View(_z));

    /// <summary>z = e^x.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("exp")]
    public void ExpPrimitives() => TensorPrimitives.Exp<float>(Span(_x), Span(_z));

    /// <summary>z = e^x.</summary>
    [Benchmark, BenchmarkCategory("exp")]
    public void ExpKernel() => Arithmetic.Exp(_cpu, Count, View(_x), View(_z));

    /// <summary>z = tanh x.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("tanh")]
    public void TanhPrimitives() => TensorPrimitives.Tanh<float>(Span(_x), Span(_z));

    /// <summary>z = tanh x.</summary>
    [Benchmark, BenchmarkCategory("tanh")]
    public void TanhKernel() => Activations.Tanh(_cpu, Count, View(_x), View(_z));

    /// <summary>z = 1 / y.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("reciprocal")]
    public void ReciprocalPrimitives() => TensorPrimitives.Reciprocal<float>(Span(_y), Span(_z));

    /// <summary>z = 1 / y.</summary>
    [Benchmark, BenchmarkCategory("reciprocal")]
    public void ReciprocalKernel() => Arithmetic.Reciprocal(_cpu, Count, View(_y), View(_z));

    /// <summary>z = 1 / (1 + e^−x).</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("sigmoid")]
    public void SigmoidPrimitives() => TensorPrimitives.Sigmoid<float>(Span(_x), Span(_z));

    /// <summary>z = 1 / (1 + e^−x).</summary>
    [Benchmark, BenchmarkCategory("sigmoid")]
    public void SigmoidKernel() => Activations.Sigmoid(_cpu, Count, View(_x), View(_z));

    /// <summary>z = cos x.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("cos")]
    public void CosPrimitives() => TensorPrimitives.Cos<float>(Span(_x), Span(_z));

    /// <summary>z = cos x.</summary>
    [Benchmark, BenchmarkCategory("cos")]
    public void CosKernel() => Arithmetic.Cos(_cpu, Count, View(_x), View(_z));

    /// <summary>z = y^x.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("pow")]
    public void PowPrimitives() => TensorPrimitives.Pow<float>(Span(_y), Span(_x), Span(_z));

    /// <summary>z = y^x.</summary>
    [Benchmark, BenchmarkCategory("pow")]
    public void PowKernel() => Arithmetic.Pow(_cpu, Count, View(_y), View(_x), View(_z));

    /// <summary>z = log(1 + e^x) from primitives, two passes, right where e^x is finite.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("softplus")]
    public void SoftplusPrimitives()
    {
        TensorPrimitives.Exp<float>(Span(_x), Span(_z));
        TensorPrimitives.LogP1<float>(Span(_z), Span(_z));
    }

    /// <summary>z = log(1 + e^x).</summary>
    [Benchmark, BenchmarkCategory("softplus")]
    public void SoftplusKernel() => Activations.Softplus(_cpu, Count, View(_x), View(_z));

    /// <summary>z = erf x, which has no counterpart.</summary>
    [Benchmark, BenchmarkCategory("erf")]
    public void ErfKernel() => Arithmetic.Erf(_cpu, Count, View(_x), View(_z));

    /// <summary>The tanh form of gelu from primitives, one pass for each step.</summary>
    [Benchmark(Baseline = true), BenchmarkCategory("gelu")]
    public void GeluPrimitives()
    {
        TensorPrimitives.Multiply<float>(Span(_x), Span(_x), Span(_z));
        TensorPrimitives.Multiply<float>(Span(_z), 0.044715f, Span(_z));
        TensorPrimitives.Add<float>(Span(_z), 1f, Span(_z));
        TensorPrimitives.Multiply<float>(Span(_z), Span(_x), Span(_z));
        TensorPrimitives.Multiply<float>(Span(_z), 0.79788456f, Span(_z));
        TensorPrimitives.Tanh<float>(Span(_z), Span(_z));
        TensorPrimitives.Add<float>(Span(_z), 1f, Span(_z));
        TensorPrimitives.Multiply<float>(Span(_z), Span(_x), Span(_z));
        TensorPrimitives.Multiply<float>(Span(_z), 0.5f, Span(_z));
    }

    /// <summary>The tanh form of gelu.</summary>
    [Benchmark, BenchmarkCategory("gelu")]
    public void GeluKernel() => Activations.GeluTanh(_cpu, Count, View(_x), View(_z));

    /// <summary>The exact form of gelu, which has no counterpart.</summary>
    [Benchmark, BenchmarkCategory("gelu")]
    public void GeluExactKernel() => Activations.GeluExact(_cpu, Count, View(_x), View(_z));

    private float* Allocate() => (float*)NativeMemory.AlignedAlloc((nuint)Count * sizeof(float), 64);

    private Span<float> Span(float* values) => new(values, Count);

    private ArrayView<float> View(float* values) => new(values, Count);
}
