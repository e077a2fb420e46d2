namespace MomentumCore.Engine;

/// <summary>An element type does not fit; the message says which was got and which was wanted.</summary>
public sealed class DTypeException(string message) : ArgumentException(message);
