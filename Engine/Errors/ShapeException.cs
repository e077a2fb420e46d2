namespace MomentumCore.Engine;

/// <summary>Shapes do not fit; the message says what was got and what was wanted.</summary>
public sealed class ShapeException(string message) : ArgumentException(message);
