namespace MomentumCore.Engine;

/// <summary>What a loss makes of its values for single elements or rows.</summary>
public enum LossReduction
{
    /// <summary>Their mean; weighted where the loss has class weights.</summary>
    Mean,

    /// <summary>Their sum.</summary>
    Sum,

    /// <summary>Nothing: all of them are returned.</summary>
    None,
}
