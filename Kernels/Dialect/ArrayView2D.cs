using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Dialect;

/// <summary>A plane of elements, addressed by x and y: element (x, y) is number x + y · stride of the view beneath.</summary>
/// <typeparam name="T">The element type.</typeparam>
/// <typeparam name="TStride">How it lies in memory; <see cref="Stride2D.DenseX"/> is what there is.</typeparam>
public readonly struct ArrayView2D<T, TStride>
    where T : unmanaged
    where TStride : unmanaged
{
    /// <summary>The elements.</summary>
    public readonly ArrayView<T> BaseView;

    /// <summary>Elements along X and Y.</summary>
    public readonly Index2D IntExtent;

    /// <summary>How the plane lies in memory.</summary>
    public readonly TStride Stride;

    /// <summary>A plane over a view.</summary>
    /// <param name="baseView">The elements.</param>
    /// <param name="extent">Elements along X and Y.</param>
    /// <param name="stride">How they lie.</param>
    /// <exception cref="ArgumentException">The view is too short.</exception>
    public ArrayView2D(ArrayView<T> baseView, Index2D extent, TStride stride)
    {
        long last = extent.X == 0 || extent.Y == 0 ? 0 : ((extent.Y - 1L) * Lines(stride)) + extent.X;
        if (extent.X < 0 || extent.Y < 0 || Lines(stride) < extent.X || last > baseView.Length)
        {
            throw new ArgumentException(
                $"A view of {baseView.Length} elements cannot hold {extent.Y} lines of {extent.X}, {Lines(stride)} apart; it needs {last}.");
        }

        BaseView = baseView;
        IntExtent = extent;
        Stride = stride;
    }

    /// <summary>The number of elements of the view beneath.</summary>
    public long Length => BaseView.Length;

    /// <summary>The element at column <paramref name="x"/> of line <paramref name="y"/>.</summary>
    public ref T this[int x, int y]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (ViewChecks.AreOn && BaseView.Buffer != 0)
                Check(x, y);
            return ref BaseView[x + ((long)y * Lines(Stride))];
        }
    }

    private static int Lines(TStride stride) => Unsafe.BitCast<TStride, Stride2D.DenseX>(stride).YStride;

    private void Check(int x, int y)
    {
        if ((uint)x >= (uint)IntExtent.X || (uint)y >= (uint)IntExtent.Y)
            throw new IndexOutOfRangeException($"Element ({x}, {y}) is outside a plane of {IntExtent.X} by {IntExtent.Y} elements.");
    }
}
