using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MomentumCore.Kernels.Devices.Cpu;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// A product with few results and long sums, such as the weight gradient of a narrow layer over a large batch.
/// </summary>
/// <remarks>
/// A register tile would wait for each multiply-add before the next. Here four blocks of k run side by side, and
/// groups of blocks on all threads; the blocks are added in order at the end, so the bits are those of a register tile.
/// </remarks>
internal static unsafe class CpuTallProduct
{
    private const int MaxRows = 4;
    private const int MaxColumns = 64;
    private const int Chains = 4;

    /// <summary>Whether a product is of this kind.</summary>
    public static bool Fits<T>(in Product<T> product)
        where T : unmanaged =>
        product.Rows <= MaxRows
        && product.Columns <= MaxColumns
        && InnerBlocks.Count(product.Inner) > 1;

    /// <summary>Computes the product with a right factor whose rows are gapless.</summary>
    /// <param name="device">Where to run.</param>
    /// <param name="product">The left factor and the result.</param>
    /// <param name="b">The right factor's first element.</param>
    /// <param name="bStep">Elements from one of its rows to the next.</param>
    /// <param name="epilogue">What is done with finished sums.</param>
    public static void Run<T, TEpilogue>(CpuDevice device, in Product<T> product, T* b, nint bStep, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        int blocks = InnerBlocks.Count(product.Inner);
        int width = (product.Columns + Vector512<T>.Count - 1) / Vector512<T>.Count * Vector512<T>.Count;
        long bytes = (long)blocks * product.Rows * width * sizeof(T);
        var pool = device.ScratchPool;
        T* partial = (T*)pool.Rent(bytes);
        device.RunChunks(
            (blocks + Chains - 1) / Chains, 1, new GroupBody<T>(product, b, bStep, partial, blocks, width));
        AddUp(product, partial, blocks, width, epilogue);
        pool.Return(partial, bytes);
    }

    [SkipLocalsInit]
    private static void AddUp<T, TEpilogue>(
        in Product<T> product, T* partial, int blocks, int width, TEpilogue epilogue)
        where T : unmanaged
        where TEpilogue : unmanaged, IEpilogue<T>
    {
        int lanes = Vector512<T>.Count;
        var sums = stackalloc Vector512<T>[MaxRows * RegisterTile.Vectors];
        for (int c = 0; c < product.Columns; c += lanes)
        {
            for (int r = 0; r < product.Rows; r++)
            {
                T* source = partial + ((long)r * width) + c;
                var sum = Vector512.Load(source);
                for (int block = 1; block < blocks; block++)
                    sum += Vector512.Load(source + ((long)block * product.Rows * width));
                sums[r * RegisterTile.Vectors] = sum;
            }

            int count = Math.Min(lanes, product.Columns - c);
            TileStore.Store(product, (T*)sums, 0, c, 0, product.Rows, count, isFirst: true, isLast: true, epilogue);
        }
    }

    /// <summary>Runs groups of four blocks, each to its own place in the partial sums.</summary>
    private readonly struct GroupBody<T>(Product<T> product, T* b, nint bStep, T* partial, int blocks, int width)
        : IRangeBody
        where T : unmanaged
    {
        private readonly Product<T> _product = product;
        private readonly T* _b = b;
        private readonly T* _partial = partial;

        public void Run(int start, int end)
        {
            for (int group = start; group < end; group++)
            {
                int first = group * Chains;
                // The last block may be shorter than the others, and a group may be short of blocks.
                if (first + Chains < blocks)
                {
                    ForEachVector(first, Chains);
                }
                else
                {
                    for (int block = first; block < blocks; block++)
                        ForEachVector(block, 1);
                }
            }
        }

        private void ForEachVector(int block, int chains)
        {
            int length = InnerBlocks.Length(_product.Inner);
            int k = block * length;
            int inner = Math.Min(length, _product.Inner - k);
            nint stride = (nint)_product.Rows * width;
            for (int r = 0; r < _product.Rows; r++)
            {
                T* a = _product.A + (r * _product.ARow) + (k * _product.AStep);
                for (int c = 0; c < _product.Columns; c += Vector512<T>.Count)
                {
                    T* right = _b + (k * bStep) + c;
                    T* sums = _partial + (block * stride) + (r * width) + c;
                    int count = Math.Min(Vector512<T>.Count, _product.Columns - c);
                    if (chains == Chains)
                        RunFour(a, _product.AStep, right, bStep, inner, count, sums, stride);
                    else
                        RunOne(a, _product.AStep, right, bStep, inner, count, sums);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunFour<T>(T* a, nint aStep, T* b, nint bStep, int inner, int count, T* sums, nint stride)
        where T : unmanaged
    {
        Vector512<T> s0 = default, s1 = default, s2 = default, s3 = default;
        T* a1 = a + (inner * aStep), a2 = a1 + (inner * aStep), a3 = a2 + (inner * aStep);
        T* b1 = b + (inner * bStep), b2 = b1 + (inner * bStep), b3 = b2 + (inner * bStep);
        for (int k = 0; k < inner; k++)
        {
            s0 = Lanes.MultiplyAdd(Vector512.Create(a[k * aStep]), Lanes.Load(b, count), s0);
            s1 = Lanes.MultiplyAdd(Vector512.Create(a1[k * aStep]), Lanes.Load(b1, count), s1);
            s2 = Lanes.MultiplyAdd(Vector512.Create(a2[k * aStep]), Lanes.Load(b2, count), s2);
            s3 = Lanes.MultiplyAdd(Vector512.Create(a3[k * aStep]), Lanes.Load(b3, count), s3);
            b += bStep;
            b1 += bStep;
            b2 += bStep;
            b3 += bStep;
        }

        s0.Store(sums);
        s1.Store(sums + stride);
        s2.Store(sums + (2 * stride));
        s3.Store(sums + (3 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunOne<T>(T* a, nint aStep, T* b, nint bStep, int inner, int count, T* sums)
        where T : unmanaged
    {
        Vector512<T> sum = default;
        for (int k = 0; k < inner; k++)
            sum = Lanes.MultiplyAdd(Vector512.Create(a[k * aStep]), Lanes.Load(b + (k * bStep), count), sum);
        sum.Store(sums);
    }
}
