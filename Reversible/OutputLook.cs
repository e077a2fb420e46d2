namespace MomentumCore.Reversible;

/// <summary>How closely a run compares what its layers give in backward with what they gave in forward.</summary>
internal enum OutputLook
{
    /// <summary>Not at all: drift is not watched, or no backward can come.</summary>
    Nothing,

    /// <summary>At parts of a few rows, others in every run: enough for a layer that is not deterministic, and costs nearly nothing.</summary>
    SomeRows,

    /// <summary>At all rows, a quarter of each long one.</summary>
    EveryRow,

    /// <summary>At all elements.</summary>
    EveryElement,
}
