namespace MomentumCore.Engine;

/// <summary>What a <see cref="WeightValue"/> is.</summary>
public enum WeightValueKind
{
    /// <summary>Python's <c>None</c>.</summary>
    None,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A real number.</summary>
    Real,

    /// <summary>Text; also the name of a type or device.</summary>
    Text,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>A list, tuple or set.</summary>
    List,

    /// <summary>A dictionary.</summary>
    Map,

    /// <summary>A tensor.</summary>
    Tensor,
}
