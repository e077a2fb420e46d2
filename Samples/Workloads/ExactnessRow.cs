namespace MomentumCore.Samples;

/// <summary>Relative errors of the weight gradients at one depth.</summary>
/// <param name="Depth">The number of layers.</param>
/// <param name="Store">Storing every activation in Float32.</param>
/// <param name="Recompute">Inverting in Float32.</param>
/// <param name="Shadow">Inverting x and v in Float64 around layers in Float32.</param>
/// <param name="Checkpoints">Inverting in Float32 from x and v kept every few layers.</param>
/// <param name="Exact">Inverting in whole numbers.</param>
/// <param name="Finer">The same on a finer grid.</param>
/// <param name="HasBitsOfStore">Whether the last has every bit of Store on the same grid.</param>
internal sealed record ExactnessRow(
    int Depth, double Store, double Recompute, double Shadow, double Checkpoints, double Exact, double Finer,
    bool HasBitsOfStore);
