using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Launches the kernels of <see cref="Softmax"/>: where a run is gapless, the CPU runs hand-written vector twins, to
/// the bit the same.
/// </summary>
public static unsafe class SoftmaxRows
{
    /// <summary>As the kernel <c>Softmax.Probabilities</c>.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Probabilities<T>(Device device, int rows, ArrayView<T> x, ArrayView<T> y, int size, int inner)
        where T : unmanaged, INumber<T>
    {
        if (inner == 1 && device is CpuDevice cpu)
            cpu.Run(rows, 2L * size, new ProbabilitiesBody<T> { X = x, Y = y, Size = size });
        else if (typeof(T) == typeof(float))
            Softmax.Probabilities(device, rows, x.Cast<float>(), y.Cast<float>(), size, inner);
        else
            Softmax.Probabilities(device, rows, x.Cast<double>(), y.Cast<double>(), size, inner);
    }

    /// <summary>As the kernel <c>Softmax.LogProbabilities</c>.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void LogProbabilities<T>(Device device, int rows, ArrayView<T> x, ArrayView<T> y, int size, int inner)
        where T : unmanaged, INumber<T>
    {
        if (inner == 1 && device is CpuDevice cpu)
            cpu.Run(rows, 2L * size, new LogProbabilitiesBody<T> { X = x, Y = y, Size = size });
        else if (typeof(T) == typeof(float))
            Softmax.LogProbabilities(device, rows, x.Cast<float>(), y.Cast<float>(), size, inner);
        else
            Softmax.LogProbabilities(device, rows, x.Cast<double>(), y.Cast<double>(), size, inner);
    }

    /// <summary>As the kernel <c>Softmax.ProbabilitiesBackward</c>.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void ProbabilitiesBackward<T>(
        Device device, int rows, ArrayView<T> y, ArrayView<T> g, ArrayView<T> dx, int size, int inner, double scale)
        where T : unmanaged, INumber<T>
    {
        if (inner == 1 && device is CpuDevice cpu)
        {
            cpu.Run(rows, 3L * size, new ProbabilitiesBackwardBody<T>
            {
                Y = y, G = g, Dx = dx, Size = size, Scale = T.CreateTruncating(scale),
            });
        }
        else if (typeof(T) == typeof(float))
        {
            Softmax.ProbabilitiesBackward(
                device, rows, y.Cast<float>(), g.Cast<float>(), dx.Cast<float>(), size, inner, (float)scale);
        }
        else
        {
            Softmax.ProbabilitiesBackward(
                device, rows, y.Cast<double>(), g.Cast<double>(), dx.Cast<double>(), size, inner, scale);
        }
    }

    /// <summary>As the kernel <c>Softmax.LogProbabilitiesBackward</c>.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void LogProbabilitiesBackward<T>(
        Device device, int rows, ArrayView<T> y, ArrayView<T> g, ArrayView<T> dx, int size, int inner)
        where T : unmanaged, INumber<T>
    {
        if (inner == 1 && device is CpuDevice cpu)
        {
            cpu.Run(rows, 3L * size, new LogProbabilitiesBackwardBody<T> { Y = y, G = g, Dx = dx, Size = size });
        }
        else if (typeof(T) == typeof(float))
        {
            Softmax.LogProbabilitiesBackward(
                device, rows, y.Cast<float>(), g.Cast<float>(), dx.Cast<float>(), size, inner);
        }
        else
        {
            Softmax.LogProbabilitiesBackward(
                device, rows, y.Cast<double>(), g.Cast<double>(), dx.Cast<double>(), size, inner);
        }
    }

    /// <summary>As the kernel <c>Softmax.Normalizers</c>.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Normalizers<T>(Device device, int rows, ArrayView<T> x, ArrayView<T> z, int size, int inner)
        where T : unmanaged, INumber<T>
    {
        if (inner == 1 && device is CpuDevice cpu)
            cpu.Run(rows, size, new NormalizersBody<T> { X = x, Z = z, Size = size });
        else if (typeof(T) == typeof(float))
            Softmax.Normalizers(device, rows, x.Cast<float>(), z.Cast<float>(), size, inner);
        else
            Softmax.Normalizers(device, rows, x.Cast<double>(), z.Cast<double>(), size, inner);
    }

    /// <summary>As the kernel <c>Softmax.AttentionWeights</c>.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void AttentionWeights<T>(
        Device device, int rows, ArrayView<T> x, ArrayView<T> y, int size, int queries, int visible, double scale)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (device is CpuDevice cpu)
        {
            cpu.Run(rows, 2L * size, new AttentionWeightsBody<T>
            {
                X = x, Y = y, Size = size, Queries = queries, Visible = visible, Scale = T.CreateTruncating(scale),
            });
        }
        else if (typeof(T) == typeof(float))
        {
            Softmax.AttentionWeights(
                device, rows, x.Cast<float>(), y.Cast<float>(), size, queries, visible, (float)scale);
        }
        else
        {
            Softmax.AttentionWeights(device, rows, x.Cast<double>(), y.Cast<double>(), size, queries, visible, scale);
        }
    }

    private struct ProbabilitiesBody<T> : IRangeBody
        where T : unmanaged, INumber<T>
    {
        public ArrayView<T> X;
        public ArrayView<T> Y;
        public int Size;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            for (long row = start; row < end; row++)
            {
                T* x = X.Pointer + (row * Size);
                T* y = Y.Pointer + (row * Size);
                RowMath.Exp(x, y, Size, T.One, RowMath.Largest(x, Size, T.One), X.Length - (row * Size));
                RowMath.Divide(y, Size, LaneSum.Of<T, LaneSum.Values<T>>(new() { X = y }, Size, Y.Length - (row * Size)));
            }
        }
    }

    private struct LogProbabilitiesBody<T> : IRangeBody
        where T : unmanaged, INumber<T>
    {
        public ArrayView<T> X;
        public ArrayView<T> Y;
        public int Size;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            for (long row = start; row < end; row++)
            {
                T* x = X.Pointer + (row * Size);
                T* y = Y.Pointer + (row * Size);
                T max = RowMath.Largest(x, Size, T.One);
                T log = LaneMath.Log(
                    LaneSum.Of<T, LaneSum.Exponentials<T>>(new() { X = x, Shift = max }, Size, X.Length - (row * Size)));
                int k = 0;
                for (; k <= Size - Vector512<T>.Count; k += Vector512<T>.Count)
                    (Vector512.Load(x + k) - Vector512.Create(max) - Vector512.Create(log)).Store(y + k);
                for (; k < Size; k++)
                    y[k] = x[k] - max - log;
            }
        }
    }

    private struct ProbabilitiesBackwardBody<T> : IRangeBody
        where T : unmanaged, INumber<T>
    {
        public ArrayView<T> Y;
        public ArrayView<T> G;
        public ArrayView<T> Dx;
        public int Size;
        public T Scale;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            for (long row = start; row < end; row++)
            {
                T* y = Y.Pointer + (row * Size);
                T* g = G.Pointer + (row * Size);
                T* dx = Dx.Pointer + (row * Size);
                T dot = LaneSum.Of<T, LaneSum.Weighted<T>>(new() { G = g, W = y }, Size, Y.Length - (row * Size));
                int k = 0;
                for (; k <= Size - Vector512<T>.Count; k += Vector512<T>.Count)
                {
                    var away = Vector512.Load(g + k) - Vector512.Create(dot);
                    (Vector512.Create(Scale) * Vector512.Load(y + k) * away).Store(dx + k);
                }

                for (; k < Size; k++)
                    dx[k] = Scale * y[k] * (g[k] - dot);
            }
        }
    }

    private struct LogProbabilitiesBackwardBody<T> : IRangeBody
        where T : unmanaged, INumber<T>
    {
        public ArrayView<T> Y;
        public ArrayView<T> G;
        public ArrayView<T> Dx;
        public int Size;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            for (long row = start; row < end; row++)
            {
                T* y = Y.Pointer + (row * Size);
                T* g = G.Pointer + (row * Size);
                T* dx = Dx.Pointer + (row * Size);
                T sum = LaneSum.Of<T, LaneSum.Values<T>>(new() { X = g }, Size, G.Length - (row * Size));
                int k = 0;
                for (; k <= Size - Vector512<T>.Count; k += Vector512<T>.Count)
                {
                    var share = LaneMath.Exp(Vector512.Load(y + k)) * Vector512.Create(sum);
                    (Vector512.Load(g + k) - share).Store(dx + k);
                }

                if (k < Size)
                {
                    long readable = Y.Length - (row * Size) - k;
                    var share = LaneMath.Exp(RowMath.Load(y + k, Size - k, readable)) * Vector512.Create(sum);
                    RowMath.Store(RowMath.Load(g + k, Size - k, readable) - share, dx + k, Size - k);
                }
            }
        }
    }

    private struct NormalizersBody<T> : IRangeBody
        where T : unmanaged, INumber<T>
    {
        public ArrayView<T> X;
        public ArrayView<T> Z;
        public int Size;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            for (int row = start; row < end; row++)
            {
                T* x = X.Pointer + ((long)row * Size);
                T max = RowMath.Largest(x, Size, T.One);
                T sum = LaneSum.Of<T, LaneSum.Exponentials<T>>(new() { X = x, Shift = max }, Size, X.Length - ((long)row * Size));
                Z.Pointer[row] = max + LaneMath.Log(sum);
            }
        }
    }

    private struct AttentionWeightsBody<T> : IRangeBody
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        public ArrayView<T> X;
        public ArrayView<T> Y;
        public int Size;
        public int Queries;
        public int Visible;
        public T Scale;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            for (int row = start; row < end; row++)
            {
                T* x = X.Pointer + ((long)row * Size);
                T* y = Y.Pointer + ((long)row * Size);
                int seen = Visible > 0 ? Math.Min(Size, (row % Queries) + Visible) : Size;
                T max = RowMath.Largest(x, seen, Scale);
                RowMath.Exp(x, y, seen, Scale, T.IsNegativeInfinity(max) ? T.Zero : max, X.Length - ((long)row * Size));
                T sum = LaneSum.Of<T, LaneSum.Values<T>>(new() { X = y }, seen, Y.Length - ((long)row * Size));
                RowMath.Divide(y, seen, sum == T.Zero ? T.One : sum);
                new Span<T>(y + seen, Size - seen).Clear();
            }
        }
    }
}
