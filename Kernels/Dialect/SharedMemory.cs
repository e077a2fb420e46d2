using System.Runtime.CompilerServices;

namespace MomentumCore.Kernels.Dialect;

/// <summary>Memory that the work items of a group share while they run. It starts with no particular content.</summary>
public static unsafe class SharedMemory
{
    /// <summary>An array of the group, allocated once for each place in the source that calls this.</summary>
    /// <param name="extent">The number of elements, a positive constant.</param>
    /// <param name="file">Filled in by the compiler, for the emulator's messages.</param>
    /// <param name="line">Filled in by the compiler, for the emulator's messages.</param>
    /// <typeparam name="T">The element type.</typeparam>
    public static ArrayView<T> Allocate<T>(int extent, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : unmanaged =>
        WorkItem.Current.Shared<T>(extent, file, line);

    /// <summary>One variable of the group: <c>ref int count = ref SharedMemory.Allocate&lt;int&gt;();</c>.</summary>
    /// <remarks>The emulator does not see who uses it; an array of one element is checked.</remarks>
    /// <param name="file">Filled in by the compiler, for the emulator's messages.</param>
    /// <param name="line">Filled in by the compiler, for the emulator's messages.</param>
    /// <typeparam name="T">The variable's type.</typeparam>
    public static ref T Allocate<T>([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : unmanaged =>
        ref *WorkItem.Current.Shared<T>(1, file, line).Unchecked;

    /// <summary>The array whose size the launch gives, by <see cref="SharedMemoryConfig"/>.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    public static ArrayView<T> GetDynamic<T>()
        where T : unmanaged =>
        WorkItem.Current.DynamicShared<T>();
}
