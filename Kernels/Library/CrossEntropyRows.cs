using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices;
using MomentumCore.Kernels.Devices.Cpu;
using MomentumCore.Kernels.Dialect;

namespace MomentumCore.Kernels.Library;

/// <summary>
/// Launches the derivative of cross-entropy: where a row of classes is gapless, the CPU runs a hand-written vector
/// twin of the kernel in <see cref="Losses"/>, to the bit the same.
/// </summary>
public static unsafe class CrossEntropyRows
{
    /// <summary>As the kernel <c>Losses.CrossEntropyBackward</c>.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static void Backward<T>(
        Device device,
        int rows,
        ArrayView<T> x,
        ArrayView<T> normalizer,
        ArrayView<long> target,
        ArrayView<T> weight,
        ArrayView<T> g,
        ArrayView<T> dx,
        int classes,
        int inner,
        long ignored,
        double smoothing,
        int rowStep)
        where T : unmanaged, INumber<T>
    {
        if (inner == 1 && device is CpuDevice cpu)
        {
            cpu.Run(rows, 2L * classes, new BackwardBody<T>
            {
                X = x, Normalizer = normalizer, Target = target, Weight = weight, G = g, Dx = dx, Classes = classes,
                Ignored = ignored, Smoothing = T.CreateTruncating(smoothing), RowStep = rowStep,
            });
        }
        else if (typeof(T) == typeof(float))
        {
            Losses.CrossEntropyBackward(
                device, rows, x.Cast<float>(), normalizer.Cast<float>(), target, weight.Cast<float>(), g.Cast<float>(),
                dx.Cast<float>(), classes, inner, ignored, (float)smoothing, rowStep);
        }
        else
        {
            Losses.CrossEntropyBackward(
                device, rows, x.Cast<double>(), normalizer.Cast<double>(), target, weight.Cast<double>(),
                g.Cast<double>(), dx.Cast<double>(), classes, inner, ignored, smoothing, rowStep);
        }
    }

    private struct BackwardBody<T> : IRangeBody
        where T : unmanaged, INumber<T>
    {
        public ArrayView<T> X;
        public ArrayView<T> Normalizer;
        public ArrayView<long> Target;
        public ArrayView<T> Weight;
        public ArrayView<T> G;
        public ArrayView<T> Dx;
        public int Classes;
        public long Ignored;
        public T Smoothing;
        public int RowStep;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            T share = Smoothing / T.CreateTruncating(Classes);
            for (int row = start; row < end; row++)
            {
                long at = (long)row * Classes;
                long t = Target.Pointer[row];
                if (t == Ignored)
                    new Span<T>(Dx.Pointer + at, Classes).Clear();
                else
                    Row(X.Pointer + at, Dx.Pointer + at, t, Normalizer.Pointer[row], G.Pointer[row * RowStep], share, X.Length - at);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly void Row(T* x, T* dx, long target, T normalizer, T upstream, T share, long readable)
        {
            T* weight = Weight.Pointer;
            T own = (T.One - Smoothing) * weight[target];
            T total = own;
            if (Smoothing != T.Zero)
            {
                for (int c = 0; c < Classes; c++)
                    total += share * weight[c];
            }

            int k = 0;
            for (; k <= Classes - Vector512<T>.Count; k += Vector512<T>.Count)
            {
                var p = LaneMath.Exp(Vector512.Load(x + k) - Vector512.Create(normalizer));
                var q = Vector512.Create(share) * Vector512.Load(weight + k);
                (Vector512.Create(upstream) * ((p * Vector512.Create(total)) - q)).Store(dx + k);
            }

            if (k < Classes)
            {
                var p = LaneMath.Exp(RowMath.Load(x + k, Classes - k, readable - k) - Vector512.Create(normalizer));
                var q = Vector512.Create(share) * RowMath.Load(weight + k, Classes - k, Classes - k);
                RowMath.Store(Vector512.Create(upstream) * ((p * Vector512.Create(total)) - q), dx + k, Classes - k);
            }

            T ownShare = (share * weight[target]) + own;
            var ownP = LaneMath.Exp(Vector512.Create(x[target] - normalizer))[0];
            dx[target] = upstream * ((ownP * total) - ownShare);
        }
    }
}
