using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>The content of a CSV file as tensors.</summary>
/// <param name="Columns">The names of the feature columns; empty without a header row.</param>
/// <param name="Features">[rows, columns], the label column left out.</param>
/// <param name="Labels">[rows], or null without a label column.</param>
public sealed record CsvTable(IReadOnlyList<string> Columns, Tensor Features, Tensor? Labels);
