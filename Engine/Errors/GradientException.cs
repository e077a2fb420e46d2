namespace MomentumCore.Engine;

/// <summary>A derivative cannot be had; the message says why and what to do.</summary>
public sealed class GradientException(string message) : InvalidOperationException(message);
