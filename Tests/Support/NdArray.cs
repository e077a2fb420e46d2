namespace MomentumCore.Tests.Support;

/// <summary>A plain array of doubles with a shape, for references that are too simple to be wrong.</summary>
internal sealed class NdArray(int[] shape, double[] data)
{
    public int[] Shape { get; } = shape;

    public double[] Data { get; } = data;

    public int Count => Data.Length;

    public double this[params int[] index]
    {
        get => Data[Flat(index)];
        set => Data[Flat(index)] = value;
    }

    public static NdArray Zeros(params int[] shape) => new(shape, new double[shape.Aggregate(1, (a, b) => a * b)]);

    /// <summary>An array whose element at each index is computed from that index.</summary>
    public static NdArray From(int[] shape, Func<int[], double> element)
    {
        var result = Zeros(shape);
        foreach (int[] index in Indices(shape))
            result[index] = element(index);
        return result;
    }

    /// <summary>Every index of a shape, last axis fastest.</summary>
    public static IEnumerable<int[]> Indices(int[] shape)
    {
        int count = shape.Aggregate(1, (a, b) => a * b);
        for (int flat = 0; flat < count; flat++)
        {
            var index = new int[shape.Length];
            int rest = flat;
            for (int axis = shape.Length - 1; axis >= 0; axis--)
            {
                index[axis] = rest % shape[axis];
                rest /= shape[axis];
            }

            yield return index;
        }
    }

    public NdArray Map(Func<double, double> f) => new(Shape, [.. Data.Select(f)]);

    /// <summary>f over two arrays with NumPy broadcasting.</summary>
    public static NdArray Zip(NdArray a, NdArray b, Func<double, double, double> f)
    {
        int rank = Math.Max(a.Shape.Length, b.Shape.Length);
        var shape = new int[rank];
        for (int i = 1; i <= rank; i++)
        {
            int x = i <= a.Shape.Length ? a.Shape[^i] : 1, y = i <= b.Shape.Length ? b.Shape[^i] : 1;
            shape[^i] = x == 1 ? y : x;
        }

        return From(shape, index => f(a.Broadcast(index), b.Broadcast(index)));
    }

    /// <summary>The element that broadcasting puts at an index of a larger shape.</summary>
    public double Broadcast(int[] index)
    {
        int lead = index.Length - Shape.Length;
        return this[[.. Shape.Select((size, axis) => size == 1 ? 0 : index[lead + axis])]];
    }

    private int Flat(int[] index)
    {
        int flat = 0;
        for (int axis = 0; axis < Shape.Length; axis++)
        {
            if (index[axis] < 0 || index[axis] >= Shape[axis])
                throw new IndexOutOfRangeException($"[{string.Join(", ", index)}] in [{string.Join(", ", Shape)}]");
            flat = (flat * Shape[axis]) + index[axis];
        }

        return flat;
    }
}
