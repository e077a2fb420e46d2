namespace MomentumCore.Samples;

/// <summary>One cloud of points, by class.</summary>
/// <param name="Caption">Written above the panel.</param>
/// <param name="Classes">The points of each class.</param>
internal sealed record ScatterPanel(string Caption, IReadOnlyList<IReadOnlyList<(double X, double Y)>> Classes);
