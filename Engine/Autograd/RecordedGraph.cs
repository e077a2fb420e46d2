namespace MomentumCore.Engine;

/// <summary>Looks into recorded operations on behalf of functions that evaluate other functions in their own backward.</summary>
internal static class RecordedGraph
{
    /// <summary>
    /// A tensor that the result was computed from, although it is neither an allowed leaf nor was itself computed by
    /// operations recorded after <paramref name="since"/>: described in words, or null when there is none.
    /// </summary>
    /// <param name="result">Whose history to walk.</param>
    /// <param name="since">The value that <see cref="Function.LastSequence"/> had before the result was computed.</param>
    /// <param name="allowed">The leaves that may influence the result.</param>
    public static string? DescribeForeignInput(Tensor result, long since, IReadOnlySet<Tensor> allowed)
    {
        var seen = new HashSet<Function>();
        var open = new Stack<Edge>();
        open.Push(Edge.To(result));
        while (open.TryPop(out var edge))
        {
            if (edge.Leaf is { } leaf)
            {
                if (!allowed.Contains(leaf))
                    return $"a leaf of shape {leaf.Shape} ({leaf.DType})";
                continue;
            }

            if (edge.Node is not { } node)
                continue;
            if (node.Sequence <= since)
                return $"a result of {node.Name} of shape {node.ShapeOf(edge.Index)}";
            if (!seen.Add(node))
                continue;
            foreach (var input in node.Edges)
                open.Push(input);
        }

        return null;
    }
}
