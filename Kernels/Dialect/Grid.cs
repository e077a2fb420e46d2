namespace MomentumCore.Kernels.Dialect;

/// <summary>All groups of a launch: which one this is and how many there are. For grouped kernels.</summary>
public static class Grid
{
    /// <summary>Which group this is, along X.</summary>
    public static int IdxX => WorkItem.Current.GridIndex.X;

    /// <summary>Which group this is, along Y.</summary>
    public static int IdxY => WorkItem.Current.GridIndex.Y;

    /// <summary>Which group this is, along Z.</summary>
    public static int IdxZ => WorkItem.Current.GridIndex.Z;

    /// <summary>Groups along X.</summary>
    public static int DimX => WorkItem.Current.GridSize.X;

    /// <summary>Groups along Y.</summary>
    public static int DimY => WorkItem.Current.GridSize.Y;

    /// <summary>Groups along Z.</summary>
    public static int DimZ => WorkItem.Current.GridSize.Z;

    /// <summary>The place of this work item among all: Group.Idx + Grid.Idx · Group.Dim along each axis.</summary>
    public static Index3D GlobalIndex => new(
        Group.IdxX + (IdxX * Group.DimX), Group.IdxY + (IdxY * Group.DimY), Group.IdxZ + (IdxZ * Group.DimZ));
}
