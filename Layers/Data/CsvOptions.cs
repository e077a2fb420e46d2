using MomentumCore.Engine;

namespace MomentumCore.Layers;

/// <summary>How a CSV file is laid out, and what to make of it.</summary>
public sealed record CsvOptions
{
    /// <summary>Whether the first row names the columns.</summary>
    public bool HasHeader { get; init; }

    /// <summary>The column that holds the label, from 0; negative counts from the end; null for none.</summary>
    public int? LabelColumn { get; init; }

    /// <summary>What stands between fields.</summary>
    public char Separator { get; init; } = ',';

    /// <summary>The type of the features: Float32 or Float64.</summary>
    public DType FeatureType { get; init; } = DType.Float32;

    /// <summary>The type of the labels: Int64 for classes, Float32 or Float64 for values.</summary>
    public DType LabelType { get; init; } = DType.Int64;
}
