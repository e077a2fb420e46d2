using System.Collections;
using System.Runtime.CompilerServices;
using MomentumCore.Kernels.Devices;

namespace MomentumCore.Engine;

/// <summary>
/// The sizes of a tensor's axes, outermost first. Write it as a list: <c>[2, 3]</c>; <c>[]</c> is a scalar.
/// </summary>
[CollectionBuilder(typeof(Shape), nameof(Create))]
public readonly struct Shape : IEquatable<Shape>, IEnumerable<int>
{
    private readonly int[]? _sizes;

    private Shape(int[] sizes) => _sizes = sizes;

    /// <summary>The number of axes.</summary>
    public int Rank => Sizes.Length;

    /// <summary>The number of elements: the product of all sizes, 1 for a scalar.</summary>
    public int ElementCount
    {
        get
        {
            int count = 1;
            foreach (int size in Sizes)
                count *= size;
            return count;
        }
    }

    /// <summary>The sizes, outermost first.</summary>
    public ReadOnlySpan<int> AsSpan() => Sizes;

    private int[] Sizes => _sizes ?? [];

    /// <summary>The size of an axis; negative counts from the end.</summary>
    public int this[int axis] => Sizes[Axis(axis)];

    /// <summary>The sizes in a range of axes.</summary>
    /// <exception cref="ShapeException">The range goes beyond the axes.</exception>
    public Shape this[Range range]
    {
        get
        {
            int start = range.Start.GetOffset(Rank), end = range.End.GetOffset(Rank);
            return start >= 0 && start <= end && end <= Rank
                ? new Shape(Sizes[start..end])
                : throw new ShapeException(
                    $"There are no axes {range} in a shape of {Rank} axes, {this}; a range goes from 0 up to {Rank}.");
        }
    }

    /// <summary>A shape of these sizes.</summary>
    /// <exception cref="ShapeException">A size is negative, there are too many axes, or the elements exceed 2³¹ −
    /// 1.</exception>
    public static Shape Create(ReadOnlySpan<int> sizes)
    {
        if (sizes.Length > StridedLayout.MaxRank)
            throw new ShapeException($"A tensor has at most {StridedLayout.MaxRank} axes; got {sizes.Length}.");
        long count = 1;
        bool empty = false;
        foreach (int size in sizes)
        {
            if (size < 0)
                throw new ShapeException($"The size of an axis must be 0 or more; got {Text(sizes)}.");
            empty |= size == 0;
            if (size > 0 && count <= int.MaxValue)
                count *= size;
        }

        if (!empty && count > int.MaxValue)
            throw new ShapeException($"A tensor holds at most {int.MaxValue:N0} elements; {Text(sizes)} has more.");
        return new Shape(sizes.ToArray());
    }

    /// <summary>Turns an axis that may count from the end into one that counts from the start.</summary>
    /// <exception cref="ShapeException">There is no such axis.</exception>
    public int Axis(int axis) =>
        axis >= -Rank && axis < Rank
            ? axis < 0 ? axis + Rank : axis
            : throw new ShapeException(
                $"There is no axis {axis} in a tensor of shape {this}; axes go from {-Rank} to {Rank - 1}.");

    /// <summary>The strides of a gapless tensor of this shape, in elements.</summary>
    internal long[] ContiguousStrides()
    {
        var strides = new long[Rank];
        long step = 1;
        for (int axis = Rank - 1; axis >= 0; axis--)
        {
            strides[axis] = step;
            step *= Sizes[axis];
        }

        return strides;
    }

    /// <summary>This shape with one size replaced.</summary>
    public Shape With(int axis, int size)
    {
        int[] sizes = [.. Sizes];
        sizes[Axis(axis)] = size;
        return Create(sizes);
    }

    /// <summary>This shape without one axis.</summary>
    public Shape Without(int axis)
    {
        var sizes = Sizes.ToList();
        sizes.RemoveAt(Axis(axis));
        return Create([.. sizes]);
    }

    /// <summary>The shape that both broadcast to by NumPy's rule: aligned at the last axis, size 1 repeats.</summary>
    /// <exception cref="ShapeException">
    /// Two sizes differ and neither is 1, or the result has more elements than a tensor holds.
    /// </exception>
    public static Shape Broadcast(Shape left, Shape right, string operation = "Broadcast")
    {
        int rank = Math.Max(left.Rank, right.Rank);
        var sizes = new int[rank];
        for (int i = 1; i <= rank; i++)
        {
            int a = i <= left.Rank ? left.Sizes[^i] : 1;
            int b = i <= right.Rank ? right.Sizes[^i] : 1;
            if (a != b && a != 1 && b != 1)
            {
                throw new ShapeException(
                    $"{operation}: shapes {left} and {right} do not broadcast: sizes {a} and {b} at axis -{i} differ " +
                    "and neither is 1.");
            }

            sizes[^i] = a == 1 ? b : a;
        }

        // Checked: [65536, 1] and [1, 65536] are small, what they broadcast to is not.
        return Create(sizes);
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) => Sizes.AsSpan().SequenceEqual(other.Sizes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (int size in Sizes)
            hash.Add(size);
        return hash.ToHashCode();
    }

    /// <summary>As in <c>[2, 3]</c>.</summary>
    public override string ToString() => Text(Sizes);

    /// <inheritdoc/>
    public IEnumerator<int> GetEnumerator() => ((IEnumerable<int>)Sizes).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Same sizes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Different sizes.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>An array of sizes is a shape.</summary>
    public static implicit operator Shape(int[] sizes) => Create(sizes);

    /// <summary>A shape is its sizes.</summary>
    public static implicit operator ReadOnlySpan<int>(Shape shape) => shape.Sizes;

    private static string Text(ReadOnlySpan<int> sizes) => $"[{string.Join(", ", sizes.ToArray())}]";
}
