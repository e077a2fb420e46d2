namespace MomentumCore.Engine;

/// <summary>Walks the record of operations from results back to what they were computed from.</summary>
internal static class RecordedGraph
{
    /// <summary>All recorded operations behind the outputs, oldest first.</summary>
    public static List<Function> Behind(IReadOnlyList<Tensor> outputs)
    {
        var seen = new HashSet<Function>();
        var open = new Stack<Function>();
        foreach (var output in outputs)
        {
            if (output.Producer != null && seen.Add(output.Producer))
                open.Push(output.Producer);
        }

        while (open.TryPop(out var node))
        {
            foreach (var edge in node.Edges)
            {
                if (edge.Node != null && seen.Add(edge.Node))
                    open.Push(edge.Node);
            }
        }

        var nodes = seen.ToList();
        nodes.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        return nodes;
    }

    /// <summary>
    /// A tensor that the result was computed from, although it is neither an allowed leaf nor was itself computed by
    /// operations recorded after <paramref name="since"/>: described in words, or null when there is none. It is for
    /// functions that evaluate other functions in their own backward.
    /// </summary>
    /// <param name="result">Whose history to walk.</param>
    /// <param name="since">The value that <see cref="Function.LastSequence"/> had before the result was
    /// computed.</param>
    /// <param name="allowed">The leaves that may influence the result.</param>
    /// <param name="alsoAllowed">Earlier results that may.</param>
    public static string? DescribeForeignInput(
        Tensor result, long since, IReadOnlySet<Tensor> allowed, params ReadOnlySpan<Tensor> alsoAllowed)
    {
        var ends = new HashSet<Edge>();
        foreach (var tensor in alsoAllowed)
            ends.Add(Edge.To(tensor));
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

            if (edge.Node is not { } node || ends.Contains(edge))
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
