namespace MomentumCore.Engine;

/// <summary>
/// Where an operation's input came from: an output of another operation, a leaf, or nowhere that matters.
/// </summary>
internal readonly record struct Edge(Function? Node, int Index, Tensor? Leaf)
{
    /// <summary>False for inputs that need no derivative.</summary>
    public bool IsNeeded => Node != null || Leaf != null;

    public static Edge To(Tensor tensor) =>
        tensor.Producer != null ? new Edge(tensor.Producer, tensor.OutputIndex, null)
        : tensor.RequiresGradient ? new Edge(null, 0, tensor)
        : default;
}
