namespace MomentumCore.Kernels.Library.Cpu;

/// <summary>Where the lanes of the right factor begin for each k, from those of the first.</summary>
internal interface ILaneSteps
{
    /// <summary>Elements from the first lanes to those at k.</summary>
    nint At(int k);
}
