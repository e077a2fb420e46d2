using System.Runtime.CompilerServices;

namespace MomentumCore.Engine;

public partial class Tensor
{
    /// <summary>
    /// A view chosen axis by axis, outermost first: <c>x[0]</c>, <c>x[^1, 2..5]</c>, <c>x[.., 3]</c>.
    /// </summary>
    /// <remarks>
    /// An index takes its axis away, a range keeps it. <see cref="TensorIndex.NewAxis"/> puts an axis of size 1 in and
    /// <see cref="TensorIndex.Rest"/> stands for all axes not named; axes after the last entry are taken whole.
    /// </remarks>
    /// <exception cref="ShapeException">
    /// An index or range lies outside of its axis, or there are more entries than axes.
    /// </exception>
    [IndexerName("At")]
    public Tensor this[params ReadOnlySpan<TensorIndex> entries]
    {
        get
        {
            int rest = RestOf(entries);
            var view = Detached();
            int axis = 0;
            foreach (var entry in entries)
            {
                int size = axis < view.Rank ? view.Shape[axis] : 0;
                var (start, end) = entry.In(size);
                switch (entry.Kind)
                {
                    case TensorIndex.Form.Single:
                        if (start < 0 || start >= size)
                            throw Outside(entry, axis, view.Shape);
                        view = Next(view, view.Select(axis, start));
                        break;
                    case TensorIndex.Form.Nowhere:
                        throw Outside(entry, axis, view.Shape);
                    case TensorIndex.Form.Range:
                        if (start < 0 || end > size || start > end)
                            throw Outside(entry, axis, view.Shape);
                        if (start > 0 || end < size)
                            view = Next(view, view.Slice(axis, start, end));
                        axis++;
                        break;
                    case TensorIndex.Form.NewAxis:
                        view = Next(view, view.Unsqueeze(axis++));
                        break;
                    default:
                        axis += rest;
                        break;
                }
            }

            return view;
        }
    }

    /// <summary>A handle of its own on the same elements and history, which the caller may dispose.</summary>
    private Tensor Detached() => new ReshapeOp(Shape).Apply(this);

    private static Tensor Next(Tensor old, Tensor view)
    {
        old.Dispose();
        return view;
    }

    /// <summary>How many axes the entries leave unnamed.</summary>
    private int RestOf(ReadOnlySpan<TensorIndex> entries)
    {
        int named = 0, rests = 0;
        foreach (var entry in entries)
        {
            named += entry.Kind is TensorIndex.Form.NewAxis or TensorIndex.Form.Rest ? 0 : 1;
            rests += entry.Kind == TensorIndex.Form.Rest ? 1 : 0;
        }

        if (named > Rank)
            throw new ShapeException($"Index: {named} entries for shape {Shape}, which has {Rank} axes.");
        if (rests > 1)
            throw new ShapeException("Index: TensorIndex.Rest may stand only once between the brackets.");
        return Rank - named;
    }

    private static ShapeException Outside(TensorIndex entry, int axis, Shape shape) =>
        new($"Index: {entry} lies outside axis {axis} of the (remaining) shape {shape}, which is {shape[axis]} long.");
}
