namespace MomentumCore.Engine;

/// <summary>Broadcasting without copies: a repeated axis has stride 0.</summary>
public partial class Tensor
{
    /// <summary>The strides with which this tensor is walked as one of a broadcast shape.</summary>
    internal long[] BroadcastStrides(Shape shape)
    {
        if (shape == Shape)
            return _strides;
        var strides = new long[shape.Rank];
        int lead = shape.Rank - Rank;
        for (int axis = 0; axis < Rank; axis++)
            strides[lead + axis] = Shape[axis] == 1 ? 0 : _strides[axis];
        return strides;
    }

    /// <summary>A view, without history, that repeats this tensor to a shape.</summary>
    internal Tensor BroadcastAlias(Shape shape, string operation)
    {
        if (Shape.Broadcast(Shape, shape, operation) != shape)
            throw new ShapeException($"{operation}: shape {Shape} does not broadcast to {shape}.");
        return Alias(shape, BroadcastStrides(shape), Offset);
    }

    /// <summary>
    /// Adds up a gradient over the axes along which <paramref name="shape"/> was broadcast to the gradient's.
    /// </summary>
    internal Tensor SumTo(Shape shape)
    {
        if (Shape == shape)
            return this;
        int lead = Rank - shape.Rank;
        var axes = new List<int>();
        for (int axis = 0; axis < Rank; axis++)
        {
            if (axis < lead || (shape[axis - lead] == 1 && Shape[axis] != 1))
                axes.Add(axis);
        }

        return Sum([.. axes], keepAxes: true).Reshape(shape);
    }
}
