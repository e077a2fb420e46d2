namespace MomentumCore.Tests.Kernels.Fuzz;

/// <summary>A view of a random kernel.</summary>
internal sealed record View(string Name, Number Type, bool IsOutput);
