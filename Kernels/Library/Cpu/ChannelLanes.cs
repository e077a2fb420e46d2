using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>Maps of gapless [rows, channels, inner] with a few numbers for each channel, with vectors.</summary>
internal static unsafe class ChannelLanes
{
    // The least elements of repeated numbers: fewer would be over before a loop has begun.
    private const int LeastPeriod = 256;

    /// <summary>What is done with one element, or with a vector of them.</summary>
    public interface IMap<T>
        where T : unmanaged, INumber<T>
    {
        /// <summary>Where the numbers of one kind are.</summary>
        void SetNumbers(int kind, T* numbers);

        /// <summary>Of the elements from <paramref name="at"/> on, with the numbers from <paramref name="number"/> on.</summary>
        void Vector(long at, int number);

        /// <summary>Of the elements from <paramref name="at"/> on, all with the one number.</summary>
        void Run(long at, int number, int count);

        /// <summary>Of one element.</summary>
        void Scalar(long at, int number);
    }

    /// <summary>How often numbers are to be repeated, as elements; 0 where runs of a channel are long enough as they are.</summary>
    public static int Period<T>(int channels, int inner)
    {
        if (inner >= 2 * Vector512<T>.Count)
            return 0;
        int row = channels * inner;
        return row * (((LeastPeriod - 1) / row) + 1);
    }

    /// <summary>Repeats each number <paramref name="inner"/> times, and all that until <paramref name="period"/> is full.</summary>
    public static void Repeat<T>(T* numbers, T* repeated, int channels, int inner, int period)
        where T : unmanaged
    {
        int row = channels * inner;
        for (int c = 0; c < channels; c++)
            new Span<T>(repeated + (c * inner), inner).Fill(numbers[c]);
        for (int at = row; at < period; at += row)
            new Span<T>(repeated, row).CopyTo(new Span<T>(repeated + at, row));
    }

    /// <summary>y = scale · x + shift.</summary>
    public struct Affine<T> : IMap<T>
        where T : unmanaged, INumber<T>
    {
        public T* X;
        public T* Y;
        private T* _scale;
        private T* _shift;

        public void SetNumbers(int kind, T* numbers) => (kind == 0 ? ref _scale : ref _shift) = numbers;

        public readonly void Vector(long at, int number) =>
            ((Vector512.Load(_scale + number) * Vector512.Load(X + at)) + Vector512.Load(_shift + number)).Store(Y + at);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run(long at, int number, int count)
        {
            Vector512<T> scale = Vector512.Create(_scale[number]), shift = Vector512.Create(_shift[number]);
            for (; count >= Vector512<T>.Count; at += Vector512<T>.Count, count -= Vector512<T>.Count)
                ((scale * Vector512.Load(X + at)) + shift).Store(Y + at);
            for (; count > 0; at++, count--)
                Scalar(at, number);
        }

        public readonly void Scalar(long at, int number) => Y[at] = (_scale[number] * X[at]) + _shift[number];
    }

    /// <summary>y = a g + (k x + d).</summary>
    public struct Gradient<T> : IMap<T>
        where T : unmanaged, INumber<T>
    {
        public T* G;
        public T* X;
        public T* Y;
        private T* _a;
        private T* _k;
        private T* _d;

        public void SetNumbers(int kind, T* numbers)
        {
            switch (kind)
            {
                case 0: _a = numbers; break;
                case 1: _k = numbers; break;
                default: _d = numbers; break;
            }
        }

        public readonly void Vector(long at, int number)
        {
            var rest = (Vector512.Load(_k + number) * Vector512.Load(X + at)) + Vector512.Load(_d + number);
            ((Vector512.Load(_a + number) * Vector512.Load(G + at)) + rest).Store(Y + at);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void Run(long at, int number, int count)
        {
            Vector512<T> a = Vector512.Create(_a[number]), k = Vector512.Create(_k[number]), d = Vector512.Create(_d[number]);
            for (; count >= Vector512<T>.Count; at += Vector512<T>.Count, count -= Vector512<T>.Count)
                ((a * Vector512.Load(G + at)) + ((k * Vector512.Load(X + at)) + d)).Store(Y + at);
            for (; count > 0; at++, count--)
                Scalar(at, number);
        }

        public readonly void Scalar(long at, int number) =>
            Y[at] = (_a[number] * G[at]) + ((_k[number] * X[at]) + _d[number]);
    }

    /// <summary>Runs of one channel.</summary>
    public struct OfRuns<T, TMap> : IRangeBody
        where T : unmanaged, INumber<T>
        where TMap : unmanaged, IMap<T>
    {
        public TMap Map;
        public int Channels;
        public int Inner;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            for (int run = start; run < end; run++)
                Map.Run((long)run * Inner, run % Channels, Inner);
        }
    }

    /// <summary>Elements whose numbers have been repeated.</summary>
    public struct OfPeriods<T, TMap> : IRangeBody
        where T : unmanaged, INumber<T>
        where TMap : unmanaged, IMap<T>
    {
        public TMap Map;
        public int Period;
        public long Count;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Run(int start, int end)
        {
            for (int period = start; period < end; period++)
            {
                long at = (long)period * Period;
                int length = (int)Math.Min(Period, Count - at), number = 0;
                for (; number <= length - Vector512<T>.Count; number += Vector512<T>.Count)
                    Map.Vector(at + number, number);
                for (; number < length; number++)
                    Map.Scalar(at + number, number);
            }
        }
    }
}
