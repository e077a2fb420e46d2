using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Dialect;

/// <summary>The work items that run together: their places, their barriers and their votes. For grouped kernels.</summary>
/// <remarks>Every work item of a group has to reach every barrier and every vote; a build checks that (MC0013).</remarks>
public static class Group
{
    /// <summary>Where in the group this work item is, along X.</summary>
    public static int IdxX => WorkItem.Current.GroupIndex.X;

    /// <summary>Where in the group this work item is, along Y.</summary>
    public static int IdxY => WorkItem.Current.GroupIndex.Y;

    /// <summary>Where in the group this work item is, along Z.</summary>
    public static int IdxZ => WorkItem.Current.GroupIndex.Z;

    /// <summary>Work items of a group along X.</summary>
    public static int DimX => WorkItem.Current.GroupSize.X;

    /// <summary>Work items of a group along Y.</summary>
    public static int DimY => WorkItem.Current.GroupSize.Y;

    /// <summary>Work items of a group along Z.</summary>
    public static int DimZ => WorkItem.Current.GroupSize.Z;

    /// <summary>The number of this work item in its group: IdxX + DimX · (IdxY + DimY · IdxZ).</summary>
    public static int LinearIndex => IdxX + (DimX * (IdxY + (DimY * IdxZ)));

    /// <summary>Whether this is work item 0 of its group.</summary>
    public static bool IsFirstThread => LinearIndex == 0;

    /// <summary>Waits until every work item of the group is here; what they wrote before is seen by all after.</summary>
    /// <param name="file">Filled in by the compiler, for the emulator's messages.</param>
    /// <param name="line">Filled in by the compiler, for the emulator's messages.</param>
    public static void Barrier([CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        WorkItem.Current.Barrier(file, line);

    /// <summary>A barrier that gives how many work items of the group passed <c>true</c>.</summary>
    /// <param name="predicate">This work item's vote.</param>
    /// <param name="file">Filled in by the compiler, for the emulator's messages.</param>
    /// <param name="line">Filled in by the compiler, for the emulator's messages.</param>
    public static int BarrierPopCount(bool predicate, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        WorkItem.Current.Vote(predicate, file, line);

    /// <summary>A barrier that gives whether all work items of the group passed <c>true</c>.</summary>
    /// <inheritdoc cref="BarrierPopCount"/>
    public static bool BarrierAnd(bool predicate, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        WorkItem.Current.Vote(predicate, file, line) == DimX * DimY * DimZ;

    /// <summary>A barrier that gives whether any work item of the group passed <c>true</c>.</summary>
    /// <inheritdoc cref="BarrierPopCount"/>
    public static bool BarrierOr(bool predicate, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0) =>
        WorkItem.Current.Vote(predicate, file, line) != 0;

    /// <summary>A barrier that gives every work item the value of one of them.</summary>
    /// <param name="value">This work item's value.</param>
    /// <param name="groupIndex">The <see cref="LinearIndex"/> of the work item whose value all get; the same for all.</param>
    /// <param name="file">Filled in by the compiler, for the emulator's messages.</param>
    /// <param name="line">Filled in by the compiler, for the emulator's messages.</param>
    /// <typeparam name="T">A number.</typeparam>
    public static T Broadcast<T>(T value, int groupIndex, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : unmanaged =>
        WorkItem.Current.Broadcast(value, groupIndex, file, line);
}
