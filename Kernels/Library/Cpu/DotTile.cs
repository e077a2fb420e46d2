using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>
/// Inner products of four rows with four rows, the lanes running along the rows: for factors that both lie in memory
/// along the sum, as in the weight gradient of a convolution.
/// </summary>
/// <remarks>
/// Unlike a <see cref="RegisterTile"/> each sum is spread over the lanes and added up at the end, in a fixed order that
/// depends on the number of lanes. So it serves only sums that no two ways of computing have to agree on.
/// </remarks>
internal static unsafe class DotTile
{
    /// <summary>Rows of either factor.</summary>
    public const int Rows = 4;

    /// <summary>Vectors of sums in a tile.</summary>
    public const int Sums = Rows * Rows;

    /// <summary>Adds the products of <paramref name="length"/> elements to sums[4 · row of a + row of b].</summary>
    /// <param name="a">Row 0 of a.</param>
    /// <param name="a1">From row 0 to row 1; a row may be given twice where there are no more.</param>
    /// <param name="a2">From row 0 to row 2.</param>
    /// <param name="a3">From row 0 to row 3.</param>
    /// <param name="b">Where the rows of b are found from.</param>
    /// <param name="offsets">Four offsets from there.</param>
    /// <param name="length">Elements of a row.</param>
    /// <param name="sums">The sums, a vector each.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T>(T* a, nint a1, nint a2, nint a3, T* b, int* offsets, int length, Vector512<T>* sums)
        where T : unmanaged
    {
        Quad<T> r0 = default, r1 = default, r2 = default, r3 = default;
        T* b0 = b + offsets[0], b1 = b + offsets[1], b2 = b + offsets[2], b3 = b + offsets[3];
        int k = 0;
        for (; k <= length - Vector512<T>.Count; k += Vector512<T>.Count)
        {
            var (c0, c1) = (Vector512.Load(b0 + k), Vector512.Load(b1 + k));
            var (c2, c3) = (Vector512.Load(b2 + k), Vector512.Load(b3 + k));
            r0.Add(Vector512.Load(a + k), c0, c1, c2, c3);
            r1.Add(Vector512.Load(a + k + a1), c0, c1, c2, c3);
            r2.Add(Vector512.Load(a + k + a2), c0, c1, c2, c3);
            r3.Add(Vector512.Load(a + k + a3), c0, c1, c2, c3);
        }

        if (k < length)
        {
            int rest = length - k;
            var (c0, c1) = (Lanes.Load(b0 + k, rest), Lanes.Load(b1 + k, rest));
            var (c2, c3) = (Lanes.Load(b2 + k, rest), Lanes.Load(b3 + k, rest));
            r0.Add(Lanes.Load(a + k, rest), c0, c1, c2, c3);
            r1.Add(Lanes.Load(a + k + a1, rest), c0, c1, c2, c3);
            r2.Add(Lanes.Load(a + k + a2, rest), c0, c1, c2, c3);
            r3.Add(Lanes.Load(a + k + a3, rest), c0, c1, c2, c3);
        }

        r0.AddTo(sums);
        r1.AddTo(sums + 4);
        r2.AddTo(sums + 8);
        r3.AddTo(sums + 12);
    }

    /// <summary>Adds up the lanes of each sum, first to last.</summary>
    /// <param name="sums">The sums, a vector each.</param>
    /// <param name="results">One number for each.</param>
    [SkipLocalsInit]
    public static void AddLanes<T>(Vector512<T>* sums, T* results)
        where T : unmanaged
    {
        int lanes = Vector512<T>.Count;
        var turned = stackalloc Vector512<T>[lanes];
        for (int first = 0; first < Sums; first += lanes)
        {
            Transposition.Block((T*)(sums + first), lanes, lanes, lanes, (T*)turned, lanes, lanes);
            var total = turned[0];
            for (int lane = 1; lane < lanes; lane++)
                total += turned[lane];
            total.Store(results + first);
        }
    }

    /// <summary>The sums of one row of a with four rows of b.</summary>
    private struct Quad<T>
        where T : unmanaged
    {
        private Vector512<T> _s0;
        private Vector512<T> _s1;
        private Vector512<T> _s2;
        private Vector512<T> _s3;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector512<T> a, Vector512<T> b0, Vector512<T> b1, Vector512<T> b2, Vector512<T> b3)
        {
            _s0 = Lanes.MultiplyAdd(a, b0, _s0);
            _s1 = Lanes.MultiplyAdd(a, b1, _s1);
            _s2 = Lanes.MultiplyAdd(a, b2, _s2);
            _s3 = Lanes.MultiplyAdd(a, b3, _s3);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public readonly void AddTo(Vector512<T>* sums)
        {
            sums[0] += _s0;
            sums[1] += _s1;
            sums[2] += _s2;
            sums[3] += _s3;
        }
    }
}
