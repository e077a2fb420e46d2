namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>A kernel of random C#: its name, its views, and whether it has a double form.</summary>
internal sealed record FuzzKernel(string Name, FuzzShape Shape, IReadOnlyList<View> Views, bool HasDouble);
