using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MomentumCore.Engine;

/// <summary>The reverse pass: visits recorded operations newest first and adds up derivatives.</summary>
internal sealed class BackwardPass(
    IReadOnlyList<Tensor>? targets, bool createGraph, bool retainGraph, bool nested, long since = 0)
{
    private readonly Dictionary<Function, Tensor?[]> _pending = [];
    private readonly Dictionary<Tensor, (Tensor? Gradient, int Edges)> _leaves = [];
    private readonly HashSet<Tensor> _targetLeaves = [.. targets?.Where(t => t.Producer == null) ?? []];
    private readonly HashSet<(Function, int)> _targetOutputs =
        [.. targets?.Where(t => t.Producer != null).Select(t => (t.Producer!, t.OutputIndex)) ?? []];
    private readonly Dictionary<(Function, int), Tensor> _captured = [];
    private readonly HashSet<Function> _targetNodes =
        [.. targets?.Where(t => t.Producer != null).Select(t => t.Producer!) ?? []];

    public void Seed(Tensor output, Tensor gradient) => Add(Edge.To(output), gradient, seed: true);

    public void Continue(Tensor leaf, Tensor? sum)
    {
        if (sum != null)
            _leaves[leaf] = (sum, 0);
    }

    public void Go(IReadOnlyList<Tensor> outputs)
    {
        var nodes = RecordedGraph.Behind(outputs);
        nodes.RemoveAll(node => node.Sequence <= since);
        var needed = Needed(nodes);
        foreach (var node in nodes)
        {
            foreach (var edge in node.Edges)
            {
                if (edge.Leaf != null && needed.Contains(node))
                    CollectionsMarshal.GetValueRefOrAddDefault(_leaves, edge.Leaf, out _).Edges++;
            }
        }

        // Leaves that are outputs themselves have no edge to wait for.
        foreach (var output in outputs)
        {
            if (output.Producer == null && _leaves.TryGetValue(output, out var entry) && entry.Edges == 0)
                Finish(output);
        }

        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            Visit(nodes[i], needed.Contains(nodes[i]));
            nodes[i] = null!;
        }

        // Results that the pass does not go into are where it ends.
        foreach (var node in _targetNodes)
        {
            if (node.Sequence <= since && _pending.Remove(node, out var gradients))
                Capture(node, gradients);
        }
    }

    public Tensor?[] Results()
    {
        var results = new Tensor?[targets!.Count];
        var given = new HashSet<Tensor>();
        for (int i = 0; i < results.Length; i++)
        {
            var target = targets[i];
            Tensor? result = target.Producer == null
                ? _leaves.TryGetValue(target, out var leaf) ? leaf.Gradient : null
                : _captured.GetValueOrDefault((target.Producer, target.OutputIndex));
            // Two targets that are one tensor get a handle each.
            if (result != null && !given.Add(result))
                result = result.Alias(result.Shape, result.StrideArray, result.Offset);
            results[i] = result;
        }

        return results;
    }

    /// <summary>
    /// The operations through which a derivative has to flow to reach a target or, without targets, a leaf.
    /// </summary>
    private HashSet<Function> Needed(List<Function> nodes)
    {
        if (targets == null)
            return [.. nodes];
        var needed = new HashSet<Function>();
        foreach (var node in nodes)
        {
            foreach (var edge in node.Edges)
            {
                bool leads = edge.Leaf != null
                    ? _targetLeaves.Contains(edge.Leaf)
                    : edge.Node != null
                && (needed.Contains(edge.Node) || _targetOutputs.Contains((edge.Node, edge.Index)));
                if (leads)
                {
                    needed.Add(node);
                    break;
                }
            }
        }

        return needed;
    }

    private void Visit(Function node, bool needed)
    {
        if (_pending.Remove(node, out var gradients))
        {
            for (int i = 0; i < gradients.Length; i++)
            {
                if (gradients[i] is { } g)
                    gradients[i] = node.RunHooks(i, g);
            }

            if (_targetNodes.Contains(node))
                Capture(node, gradients);
            if (needed)
                Propagate(node, gradients);
            for (int i = 0; i < gradients.Length; i++)
            {
                bool isCaptured = _captured.TryGetValue((node, i), out var captured)
                    && ReferenceEquals(captured, gradients[i]);
                if (!createGraph && !isCaptured && gradients[i] is { } g)
                    g.Dispose();
            }
        }

        if (!needed)
            return;
        foreach (var edge in node.Edges)
        {
            if (edge.Leaf == null)
                continue;
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_leaves, edge.Leaf);
            if (--entry.Edges == 0)
                Finish(edge.Leaf);
        }

        if (!retainGraph)
            node.ReleaseKept();
    }

    private void Capture(Function node, Tensor?[] gradients)
    {
        for (int i = 0; i < gradients.Length; i++)
        {
            if (gradients[i] is { } g && _targetOutputs.Contains((node, i)))
                _captured[(node, i)] = g;
        }
    }

    private void Propagate(Function node, Tensor?[] gradients)
    {
        // Where only some outputs were used, functions of several outputs still see null for the rest.
        var sums = node.ContinuesSums ? TakeSums(node) : null;
        var scope = TensorScope.BeginLocal();
        Tensor?[] inputGradients;
        try
        {
            bool isFinal = !createGraph && !retainGraph && !_targetNodes.Contains(node);
            inputGradients = node.RunBackward([.. gradients], createGraph, retainGraph, isFinal, sums);
            for (int i = 0; i < inputGradients.Length; i++)
            {
                var g = inputGradients[i];
                if (g == null || !node.Edges[i].IsNeeded)
                    continue;
                if (AnomalyMode.IsOn)
                    AnomalyMode.Check(node, i, g);
                // Not made in this backward: somebody else's, which this pass must neither overwrite nor free.
                bool isOurs = g.Scope == scope || Array.IndexOf(gradients, g) >= 0
                    || (sums != null && Array.IndexOf(sums, g) >= 0);
                if (!createGraph && !isOurs)
                    inputGradients[i] = g = g.Detach();
                scope.Keep(g);
            }
        }
        finally
        {
            scope.Dispose();
        }

        for (int i = 0; i < inputGradients.Length; i++)
        {
            if (inputGradients[i] is not { } g || !node.Edges[i].IsNeeded)
                continue;
            // The same handle may go to several inputs, or be an output's gradient passed through: one owner each.
            if (Array.IndexOf(gradients, g) >= 0 || Array.IndexOf(inputGradients, g, 0, i) >= 0)
                inputGradients[i] = Share(g);
        }

        for (int place = 0; place < inputGradients.Length; place++)
        {
            int i = node.EdgeAt(place);
            if (inputGradients[i] is { } g && node.Edges[i].IsNeeded)
                Add(node.Edges[i], g, seed: false);
        }
    }

    /// <summary>What has come in for the leaves among a function's inputs, for it to add to.</summary>
    private Tensor?[] TakeSums(Function node)
    {
        var sums = new Tensor?[node.Edges.Length];
        for (int place = 0; place < sums.Length; place++)
        {
            int i = node.EdgeAt(place);
            if (node.Edges[i].Leaf is not { } leaf)
                continue;
            ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_leaves, leaf);
            if (Unsafe.IsNullRef(ref entry))
                continue;
            sums[i] = entry.Gradient;
            entry.Gradient = null;
        }

        return sums;
    }

    private Tensor Share(Tensor g)
    {
        var alias = g.Alias(g.Shape, g.StrideArray, g.Offset);
        if (createGraph && g.Producer != null)
            alias.SetProducer(g.Producer, g.OutputIndex);
        return alias;
    }

    private void Add(Edge edge, Tensor gradient, bool seed)
    {
        if (edge.Node != null)
        {
            if (!_pending.TryGetValue(edge.Node, out var slots))
                _pending[edge.Node] = slots = new Tensor?[edge.Node.OutputCount];
            slots[edge.Index] = Sum(slots[edge.Index], gradient);
        }
        else if (edge.Leaf != null && (seed || targets == null || _targetLeaves.Contains(edge.Leaf)))
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_leaves, edge.Leaf, out _);
            entry.Gradient = Sum(entry.Gradient, gradient);
        }
        else if (!createGraph)
        {
            gradient.Dispose();
        }
    }

    private Tensor Sum(Tensor? sum, Tensor gradient)
    {
        if (sum == null)
            return gradient;
        if (!createGraph && sum.OwnsMemoryAlone)
        {
            sum.AddInPlace(gradient);
            gradient.Dispose();
            return sum;
        }

        var result = sum + gradient;
        if (!createGraph)
        {
            sum.Dispose();
            gradient.Dispose();
        }

        return result;
    }

    /// <summary>
    /// All derivatives of a leaf are in: run its hooks and, without targets, add them to its gradient.
    /// </summary>
    private void Finish(Tensor leaf)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrNullRef(_leaves, leaf);
        if (entry.Gradient is not { } gradient)
            return;
        if (!nested && leaf.LeafHooks is { } hooks)
            gradient = hooks.Run(gradient);
        if (targets != null)
        {
            entry.Gradient = gradient;
            return;
        }

        entry.Gradient = null;
        leaf.AddGradient(gradient);
    }
}
