namespace MomentumCore.Engine;

/// <summary>The conditions that masks are made of.</summary>
internal enum Comparison
{
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}
