using System.Runtime.InteropServices;

namespace MomentumCore.Kernels.Devices;

/// <summary>How the operands of a map lie in memory: one shape, and for each operand its step along each axis.</summary>
/// <remarks>Axes that all operands walk in one go are merged, so that most layouts end up with one or two.</remarks>
[StructLayout(LayoutKind.Sequential, Size = (8 * MaxRank * MaxOperands) + (4 * MaxRank) + 16)]
public unsafe struct StridedLayout
{
    /// <summary>The most axes a tensor may have.</summary>
    public const int MaxRank = 8;

    /// <summary>The most operands a map may have.</summary>
    public const int MaxOperands = 6;

    // Handed to devices as it lies in memory: keep in step with OpenClSupport.Layout.
    private fixed long _strides[MaxRank * MaxOperands];
    private fixed int _sizes[MaxRank];
    private int _rank;
    private int _count;
    private int _isContiguous;

    /// <summary>The number of elements, all axes together.</summary>
    public readonly int Count => _count;

    /// <summary>Elements of the last (fastest) axis after merging.</summary>
    public readonly int InnerSize => _sizes[_rank - 1];

    /// <summary>True when every operand is one gapless run.</summary>
    public readonly bool IsContiguous => _isContiguous != 0;

    /// <summary>Merges the axes of operands that share a shape.</summary>
    /// <param name="shape">The common shape.</param>
    /// <param name="strides">For each operand one step per axis, in elements; 0 repeats.</param>
    public static StridedLayout Create(ReadOnlySpan<int> shape, params ReadOnlySpan<long[]> strides)
    {
        if (shape.Length > MaxRank)
            throw new ArgumentException($"A tensor has at most {MaxRank} axes; got {shape.Length}.", nameof(shape));
        if (strides.Length > MaxOperands)
            throw new ArgumentException($"A map has at most {MaxOperands} operands; got {strides.Length}.", nameof(strides));
        var layout = default(StridedLayout);
        long count = 1;
        int rank = 0;
        for (int axis = 0; axis < shape.Length; axis++)
        {
            int size = shape[axis];
            count *= size;
            if (size == 1)
                continue;
            if (rank > 0 && layout.Merges(rank - 1, size, axis, strides))
            {
                layout._sizes[rank - 1] *= size;
                rank--;
            }
            else
            {
                layout._sizes[rank] = size;
            }

            for (int operand = 0; operand < strides.Length; operand++)
                layout._strides[(operand * MaxRank) + rank] = strides[operand][axis];
            rank++;
        }

        if (rank == 0)
        {
            layout._sizes[0] = 1;
            for (int operand = 0; operand < strides.Length; operand++)
                layout._strides[operand * MaxRank] = 1;
            rank = 1;
        }

        layout._rank = rank;
        layout._count = checked((int)count);
        bool isContiguous = rank == 1;
        for (int operand = 0; operand < strides.Length; operand++)
            isContiguous &= layout._strides[operand * MaxRank] == 1;
        layout._isContiguous = isContiguous ? 1 : 0;
        return layout;
    }

    /// <summary>The step of one operand along the last axis.</summary>
    public readonly long InnerStep(int operand) => _strides[(operand * MaxRank) + _rank - 1];

    /// <summary>The offset of one operand's element at a linear index.</summary>
    public readonly long Offset(int operand, int index)
    {
        long offset = 0;
        for (int axis = _rank - 1; axis >= 0; axis--)
        {
            int size = _sizes[axis];
            int rest = index / size;
            offset += (index - (rest * size)) * _strides[(operand * MaxRank) + axis];
            index = rest;
        }

        return offset;
    }

    private readonly bool Merges(int last, int size, int axis, ReadOnlySpan<long[]> strides)
    {
        for (int operand = 0; operand < strides.Length; operand++)
        {
            if (_strides[(operand * MaxRank) + last] != strides[operand][axis] * size)
                return false;
        }

        return true;
    }
}
